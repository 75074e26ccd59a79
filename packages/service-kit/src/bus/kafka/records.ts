/**
 * The bytes of one partition that a fetch brought, read into records. Written for untrusted bytes: nothing
 * throws, what can be read is read, and what cannot is named with its place.
 *
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
import {
  type AbortedTransaction,
  type Batch,
  type FetchedEntry,
  type Limits,
  type Reading,
  type RecordSet,
  unreadable,
} from './record-set.ts'
import { readBatch, type Transactions } from './records.batch.ts'
import { readOldMessage } from './records.old.ts'

/** What all batches and old messages begin with: an offset and a length, and further on the version. */
const prefix = 12
const magicAt = 16
/** The smallest there is, behind the prefix: an old message's checksum, version, attributes and two lengths. */
const smallest = 14

/**
 * Reads what a fetch brought of one partition. Never throws.
 *
 * Batches lie in the log as they lie in the bytes, so that none can be between two of them whatever offsets they claim. In
 * doubt can be only the last one, which decides where the next fetch begins: it is left to that fetch. What is read is at
 * or behind the fetched offset.
 */
export function readRecordSet(set: RecordSet, limits: Limits): Reading {
  const entries: FetchedEntry[] = []
  const transactions = { ahead: [...set.aborted].sort(byOffset), aborted: new Set<bigint>() }
  let [at, next, cost] = [0, set.from, 0]
  let doubtful: { readonly batch: Batch; readonly isFirst: boolean; readonly entries: number } | undefined
  while (at < set.bytes.length) {
    const isFirst = at === 0
    const bytes = nextBatch(set.bytes, at)
    const room = isFirst && set.isFirst ? Infinity : limits.room - cost
    const batch = readNext(bytes, isFirst, { ...set, from: next }, transactions, { ...limits, room })
    if (batch === undefined) break
    const isCertain = isFirst ? isBelieved(batch, set) : batch.certain && batch.first === next
    doubtful = isCertain ? undefined : { batch, isFirst, entries: entries.length }
    for (const entry of batch.entries) if (entry.offset >= next) entries.push(entry)
    if (isCertain && entries.at(-1)?.offset !== batch.last) entries.push({ kind: 'nothing', offset: batch.last })
    cost += batch.cost
    next = batch.last + 1n
    at += bytes?.length ?? 0
    if (!batch.ends) break
  }
  if (doubtful === undefined) return { entries, stop: at < set.bytes.length ? 'rest' : 'end', cost }
  const { batch, isFirst } = doubtful
  if (isFirst) return { entries, stop: { first: batch.first, span: batch.last - batch.first + 1n }, cost }
  return { entries: entries.slice(0, doubtful.entries), stop: 'rest', cost }
}

/** Undefined where it is left to the next fetch. */
function readNext(
  bytes: Buffer | undefined,
  isFirst: boolean,
  set: RecordSet,
  transactions: Transactions,
  limits: Limits,
): Batch | undefined {
  if (bytes === undefined) return isFirst && set.isFirst ? cutOff(set) : undefined
  const batch = readOne(bytes, set, transactions, limits)
  if (batch === undefined || batch.first >= set.from) return batch
  if (!isFirst) return undefined
  return batch.last < set.from ? outOfPlace(batch, set, bytes) : batch
}

/** Of the first batch, which may begin before the fetched offset. */
function isBelieved({ first, certain }: Batch, { from, suspect }: RecordSet): boolean {
  return first === suspect?.first ? from >= suspect.until : certain && first <= from
}

function cutOff(set: RecordSet): Batch {
  return unreadable(set, `its length goes beyond the ${set.bytes.length} bytes that were sent`, set.bytes)
}

function outOfPlace({ first, last }: Batch, set: RecordSet, bytes: Buffer): Batch {
  return unreadable(set, `its offsets ${first} to ${last} are before ${set.from}`, bytes)
}

/** The bytes of the next batch, by its own word; undefined where there are fewer. */
function nextBatch(bytes: Buffer, at: number): Buffer | undefined {
  if (bytes.length - at < prefix) return undefined
  const length = bytes.readInt32BE(at + 8)
  if (length > bytes.length - at - prefix) return undefined
  return bytes.subarray(at, at + prefix + Math.max(0, length))
}

/** One batch or old message. Undefined where it does not fit into what the fetch may take. */
function readOne(bytes: Buffer, set: RecordSet, transactions: Transactions, limits: Limits): Batch | undefined {
  const length = bytes.length - prefix
  if (length < smallest) return unreadable(set, `its length is ${bytes.readInt32BE(8)}`, bytes)
  const magic = bytes.readInt8(magicAt)
  if (magic === 2) return readBatch(bytes, set, transactions, limits)
  if (magic === 0 || magic === 1) return readOldMessage(bytes, set, limits)
  return unreadable(set, `its format ${magic} is not known`, bytes)
}

function byOffset(one: AbortedTransaction, other: AbortedTransaction): number {
  return one.firstOffset < other.firstOffset ? -1 : Number(one.firstOffset > other.firstOffset)
}
