/** Record batches, the format that Kafka writes since 0.11 (version 2). */
import {
  type Cursor,
  cursor,
  MalformedError,
  readInt8,
  readVarSized,
  readVarint,
  skipVarlong,
  TooLargeError,
} from './bytes.ts'
import { isPacked, unpack } from './codecs.ts'
import { crc32c } from './crc.ts'
import {
  type AbortedTransaction,
  type Batch,
  type Broken,
  brokenAt,
  type FetchedEntry,
  type FetchedRecord,
  type Limits,
  type RecordSet,
  unreadable,
} from './record-set.ts'

/** Where the fields of a batch's header are. */
const place = { first: 0, crc: 17, attributes: 21, lastDelta: 23, producerId: 43, count: 57, records: 61 }
const flag = { transactional: 16, control: 32 }
/** Beside its bytes. */
const costOfRecord = 256
const mostHeaders = 1_000
/** How a transaction ended: the second half of the key of the control record. */
const ending = { aborted: 0, committed: 1 }

interface Header {
  readonly first: bigint
  readonly last: bigint
  readonly attributes: number
  readonly lastDelta: number
  readonly producerId: bigint
  readonly count: number
  /** Whether its offsets are: count and last offset agree, and the fetched offset is not behind them. */
  readonly certain: boolean
}

/** Transactions that were taken back, while batches are read in order. */
export interface Transactions {
  /** Those that begin further on, the nearest first. */
  readonly ahead: AbortedTransaction[]
  /** Producers whose transaction is one of them here. */
  readonly aborted: Set<bigint>
}

/**
 * Reads a batch that is whole.
 *
 * @param transactions kept up to date
 * @returns undefined where it does not fit into `limits.room`
 */
export function readBatch(
  bytes: Buffer,
  set: RecordSet,
  transactions: Transactions,
  limits: Limits,
): Batch | undefined {
  if (bytes.length < place.records) return unreadable(set, `it is only ${bytes.length} bytes long`, bytes)
  const header = headerOf(bytes, set)
  const { first, last, count, lastDelta, attributes } = header
  if (bytes.readUInt32BE(place.crc) !== crc32c(bytes.subarray(place.attributes)))
    return brokenBatch(header, set, 'its checksum does not fit its content', bytes, false)
  const broken = (reason: string): Batch => brokenBatch(header, set, reason, bytes, true)
  if (first < 0n || count < 0 || lastDelta < 0 || count > lastDelta + 1)
    return broken(`it claims ${count} records from ${first} to ${last}`)
  if (count > limits.recordsOfBatch) return broken(`it claims ${count} records, ${limits.recordsOfBatch} are allowed`)
  if (isTakenBack(header, transactions)) return batchOf(header, [])
  const most = Math.min(limits.bytesOfBatch, limits.room - costOfRecord * count)
  if (most < 1) return undefined
  const records = unpackRecords(bytes, attributes, most)
  if (records instanceof TooLargeError && most < limits.bytesOfBatch) return undefined
  if (records instanceof MalformedError) return broken(records.message)
  const entries = readRecords(records, header, bytes)
  if (!isControl(header)) return { ...batchOf(header, entries), cost: records.length + costOfRecord * count }
  const end = endOfTransaction(entries)
  if (end === undefined) return broken('it claims to end a transaction, and does not say how')
  if (end === ending.aborted) transactions.aborted.delete(header.producerId)
  return batchOf(header, [])
}

function headerOf(bytes: Buffer, { from, end }: RecordSet): Header {
  const [first, lastDelta, count] = [
    bytes.readBigInt64BE(place.first),
    bytes.readInt32BE(place.lastDelta),
    bytes.readInt32BE(place.count),
  ]
  const last = first + BigInt(lastDelta)
  return {
    first,
    last,
    lastDelta,
    count,
    attributes: bytes.readInt16BE(place.attributes),
    producerId: bytes.readBigInt64BE(place.producerId),
    certain: first >= 0n && count > 0 && count === lastDelta + 1 && last >= from && last < end,
  }
}

function batchOf({ first, last, certain }: Header, entries: readonly FetchedEntry[]): Batch {
  return { first, last, entries, cost: 0, certain, ends: true }
}

/** @param ends whether its length is certain at least */
function brokenBatch(header: Header, set: RecordSet, reason: string, bytes: Buffer, ends: boolean): Batch {
  if (!header.certain) return unreadable(set, reason, bytes)
  const first = header.first > set.from ? header.first : set.from
  const entry: Broken = { ...brokenAt(first, reason, bytes), offset: header.last }
  return { ...batchOf(header, [entry]), ends }
}

function isControl({ attributes }: Header): boolean {
  return (attributes & flag.control) !== 0
}

function isTakenBack(header: Header, { ahead, aborted }: Transactions): boolean {
  for (let one = ahead[0]; one !== undefined && one.firstOffset <= header.last; one = ahead[0]) {
    aborted.add(one.producerId)
    ahead.shift()
  }
  return !isControl(header) && (header.attributes & flag.transactional) !== 0 && aborted.has(header.producerId)
}

/** How a transaction ended; undefined where it is unknown. */
function endOfTransaction(entries: readonly FetchedEntry[]): number | undefined {
  const [only] = entries
  if (entries.length !== 1 || only?.kind !== 'record' || only.key === null || only.key.length !== 4) return undefined
  const how = only.key.readInt16BE(2)
  return how === ending.aborted || how === ending.committed ? how : undefined
}

function unpackRecords(bytes: Buffer, attributes: number, limit: number): Buffer | MalformedError {
  const records = bytes.subarray(place.records)
  if (!isPacked(attributes)) return records
  try {
    return unpack(attributes, records, limit)
  } catch (error) {
    return error instanceof MalformedError ? error : new MalformedError(String(error))
  }
}

/**
 * All records. One that is broken in itself costs only itself, since each has its length. Where that cannot be either,
 * what is left of the batch is broken.
 */
function readRecords(records: Buffer, header: Header, batch: Buffer): readonly FetchedEntry[] {
  const entries: FetchedEntry[] = []
  const from = cursor(records)
  let delta = -1
  const rest = (at: number, reason: string): readonly FetchedEntry[] => {
    const first = header.first + BigInt(delta + 1)
    const offset = header.certain && header.last >= first ? header.last : first
    return [...entries, { kind: 'broken', first, offset, reason, bytes: records.subarray(at), batch }]
  }
  for (let index = 0; index < header.count; index++) {
    const start = from.at
    const length = attempt(() => readVarint(from))
    if (length instanceof MalformedError || length < 0 || length > from.end - from.at)
      return rest(start, `its record ${index + 1} of ${header.count} goes beyond its end`)
    const end = from.at + length
    const record = attempt(() => readRecord(cursor(records, from.at, end), delta, header))
    from.at = end
    if (record instanceof MalformedError) {
      const offset = header.first + BigInt(delta + 1)
      const reason = `in its record ${index + 1} of ${header.count} ${record.message}`
      entries.push({ kind: 'broken', first: offset, offset, reason, bytes: records.subarray(start, end), batch })
      delta += 1
    } else {
      entries.push(record)
      delta = Number(record.offset - header.first)
    }
  }
  return from.at === from.end ? entries : rest(from.at, `there is more in it than its ${header.count} records`)
}

/** @param before the offset of the record before, counted from the batch's first */
function readRecord(from: Cursor, before: number, { first, lastDelta }: Header): FetchedRecord {
  readInt8(from) // attributes, which mean nothing yet
  skipVarlong(from) // time
  const delta = readVarint(from)
  if (delta <= before || delta > lastDelta) throw new MalformedError(`the offset ${delta} is out of turn`)
  const key = readVarSized(from, 'the key')
  const value = readVarSized(from, 'the value')
  const headers = readHeaders(from)
  if (from.at !== from.end) throw new MalformedError(`${from.end - from.at} bytes are left over`)
  return { kind: 'record', offset: first + BigInt(delta), key, value, headers }
}

const none: Readonly<Record<string, string>> = {}

function readHeaders(from: Cursor): Readonly<Record<string, string>> {
  const count = readVarint(from)
  if (count === 0) return none
  if (count < 0 || count > mostHeaders) throw new MalformedError(`${count} headers are more than ${mostHeaders}`)
  const headers: [string, string][] = []
  for (let index = 0; index < count; index++) {
    const name = readVarSized(from, 'the name of a header')
    if (name === null) throw new MalformedError('a header has no name')
    headers.push([name.toString(), readVarSized(from, 'the value of a header')?.toString() ?? ''])
  }
  return Object.fromEntries(headers)
}

function attempt<T>(work: () => T): T | MalformedError {
  try {
    return work()
  } catch (error) {
    return error instanceof MalformedError ? error : new MalformedError(String(error))
  }
}
