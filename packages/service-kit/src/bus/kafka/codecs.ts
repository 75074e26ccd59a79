/** How records are packed: every codec that Kafka has, each with a bound on what may come out. */
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { MalformedError, TooLargeError } from './bytes.ts'
import { textField } from '../../runtime/fault.ts'
import { unpackLz4 } from './lz4.ts'
import { unpackSnappy } from './snappy.ts'

type Unpack = (packed: Buffer, limit: number) => Buffer

/** 128 MiB, zstd's own default limit. */
const largestZstdWindow = 27

/** By the number that a batch carries; 0 is not packed. */
const codecs: readonly { readonly name: string; readonly unpack: Unpack }[] = [
  { name: 'none', unpack: (packed) => packed },
  { name: 'gzip', unpack: (packed, maxOutputLength) => gunzipSync(packed, { maxOutputLength }) },
  { name: 'snappy', unpack: unpackSnappy },
  { name: 'lz4', unpack: unpackLz4 },
  { name: 'zstd', unpack: unpackZstd },
]

/**
 * Unpacks records.
 *
 * @param attributes of the batch or message: the last three bits name the codec
 * @param limit most bytes that may come out: a few thousand bytes can unpack to gigabytes
 * @throws MalformedError, and TooLargeError where more would come out
 */
export function unpack(attributes: number, packed: Buffer, limit: number): Buffer {
  const codec = codecs[attributes & 7]
  if (codec === undefined) throw new MalformedError(`compression ${attributes & 7} is not known`)
  try {
    return codec.unpack(packed, limit)
  } catch (error) {
    if (error instanceof TooLargeError || textField(error, 'code') === 'ERR_BUFFER_TOO_LARGE')
      throw new TooLargeError(`${codec.name} unpacks to more than ${limit} bytes`)
    throw new MalformedError(`${codec.name} cannot be unpacked: ${textField(error, 'message') ?? String(error)}`)
  }
}

/** Are these records packed? */
export function isPacked(attributes: number): boolean {
  return (attributes & 7) !== 0
}

/** Node ends after the first frame without a word; there may be several. */
function unpackZstd(packed: Buffer, limit: number): Buffer {
  const parts: Buffer[] = []
  const params = { [constants.ZSTD_d_windowLogMax]: largestZstdWindow }
  let room = limit
  for (let at = 0; at < packed.length;) {
    const frame = zstdDecompressSync(packed.subarray(at), { maxOutputLength: room, params, info: true }) as unknown
    const { buffer, engine } = frame as { buffer: Buffer; engine: { bytesWritten: number } }
    if (engine.bytesWritten === 0) throw new MalformedError('no frame begins there')
    parts.push(buffer)
    room -= buffer.length
    at += engine.bytesWritten
    if (room === 0 && at < packed.length) throw new TooLargeError('more bytes than may be')
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
}
