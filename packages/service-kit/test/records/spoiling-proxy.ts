/**
 * A proxy before Kafka that spoils record batches on their way to whoever reads: always the same ones in the same way, as
 * a damaged disk would.
 *
 * @see https://kafka.apache.org/protocol#The_Messages_Fetch
 */
import { connect, createServer, type Socket } from 'node:net'
import { randomFrom, spoil, spoilersInPlace } from './spoil.ts'

const fetchKind = 1
const fetchVersion = 11

/** A proxy that runs. */
export interface SpoilingProxy {
  readonly port: number
  /** Offsets of batches that were spoilt, with their partition: `0/17`. */
  readonly spoilt: ReadonlySet<string>
  close(): Promise<void>
}

/**
 * Starts the proxy before the broker on `brokerPort`.
 *
 * @param isBad whether the batch is spoilt that begins at this offset
 */
export async function spoilFetches(
  brokerPort: number,
  topic: string,
  isBad: (partition: number, offset: bigint) => boolean,
): Promise<SpoilingProxy> {
  const spoilt = new Set<string>()
  const sockets = new Set<Socket>()
  const change = (records: Buffer, partition: number): void => {
    for (let at = 0; at + 12 <= records.length;) {
      const [first, size] = [records.readBigInt64BE(at), 12 + records.readInt32BE(at + 8)]
      if (at + size > records.length) return
      if (isBad(partition, first)) {
        spoilt.add(`${partition}/${first}`)
        const batch = Buffer.from(records.subarray(at, at + size))
        spoil(batch, randomFrom(Number(first) * 31 + partition), spoilersInPlace).copy(records, at)
      }
      at += size
    }
  }
  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1')
    const fetches = new Set<number>()
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        client.destroy()
        broker.destroy()
      })
    }
    client.on(
      'data',
      inFrames((frame) => {
        const [kind, version] = [frame.readInt16BE(4), frame.readInt16BE(6)]
        if (kind === fetchKind && version !== fetchVersion)
          throw new Error(`a fetch of version ${version} is not known`)
        if (kind === fetchKind) fetches.add(frame.readInt32BE(8))
        broker.write(frame)
      }),
    )
    broker.on(
      'data',
      inFrames((frame) => {
        if (fetches.delete(frame.readInt32BE(4))) recordsIn(frame, topic, change)
        client.write(frame)
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    spoilt,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Requests and answers whole, however they are cut: four bytes say how long each is. */
function inFrames(seen: (frame: Buffer) => void): (bytes: Buffer) => void {
  let pending = Buffer.alloc(0)
  return (bytes) => {
    pending = Buffer.concat([pending, bytes])
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const size = 4 + pending.readInt32BE(0)
      seen(Buffer.from(pending.subarray(0, size)))
      pending = pending.subarray(size)
    }
  }
}

function recordsIn(frame: Buffer, topic: string, change: (records: Buffer, partition: number) => void): void {
  let at = 18 // size, correlation, throttle, error, session
  const int32 = (): number => frame.readInt32BE((at += 4) - 4)
  for (let topics = int32(); topics > 0; topics--) {
    const length = frame.readInt16BE(at)
    const name = frame.toString('utf8', at + 2, at + 2 + length)
    at += 2 + length
    for (let partitions = int32(); partitions > 0; partitions--) {
      const partition = int32()
      at += 2 + 8 + 8 + 8 // error, high watermark, last stable offset, start of the log
      const aborted = Math.max(0, int32())
      at += 16 * aborted
      at += 4 // preferred replica
      const size = Math.max(0, int32())
      if (name === topic) change(frame.subarray(at, at + size), partition)
      at += size
    }
  }
}
