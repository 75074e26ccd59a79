/** What a fetch brings of one partition, and what is read from it: the words for it. */

/** A record; or a place without one; or bytes that could not be read. */
export type FetchedEntry = FetchedRecord | EmptyPlace | Broken

/** A record as it lies in its batch. */
export interface FetchedRecord {
  readonly kind: 'record'
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** By name; of one that comes several times the last. */
  readonly headers: Readonly<Record<string, string>>
}

/** No record lies there, nor between it and the entry before: the end of a transaction, or one that was taken back. */
export interface EmptyPlace {
  readonly kind: 'nothing'
  readonly offset: bigint
}

/** Bytes that could not be read, and the offsets that lie in them as far as that is certain: `first` to `offset`. */
export interface Broken {
  readonly kind: 'broken'
  readonly first: bigint
  readonly offset: bigint
  /** In words, to follow "cannot be read: ". */
  readonly reason: string
  readonly bytes: Buffer
  /** The whole batch that they are a part of, as it came. */
  readonly batch: Buffer
}

/** What is to be read. */
export interface RecordSet {
  readonly bytes: Buffer
  /** The offset that was fetched. The first batch may begin before it. */
  readonly from: bigint
  /** Where the partition ended when the broker answered, or shortly before. */
  readonly end: bigint
  /** Transactions that were taken back, in any order. */
  readonly aborted: readonly AbortedTransaction[]
  /** The first partition in the broker's answer: its first batch was sent whole, and is read however large. */
  readonly isFirst: boolean
  /** What the fetches before met. */
  readonly suspect?: Suspect | undefined
}

/** A batch, by the first offset that it claims, whose offsets may be others. From `until` on, if it is met there, they are not. */
export interface Suspect {
  readonly first: bigint
  readonly until: bigint
}

/** From this offset on, what this producer wrote counts for nothing, until its transaction ends. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/** What may be taken at most, so that a few bytes cannot fill the memory. */
export interface Limits {
  /** Bytes of one batch, unpacked. */
  readonly bytesOfBatch: number
  readonly recordsOfBatch: number
  /** Bytes that are left to the whole fetch, records counted in. */
  readonly room: number
}

/** What one batch or old message holds. */
export interface Batch {
  /** The first offset in it, and the last, by its own word. No checksum covers them. */
  readonly first: bigint
  readonly last: bigint
  readonly entries: readonly FetchedEntry[]
  /** What it takes, in bytes. */
  readonly cost: number
  /** Its fields give no reason to doubt its offsets. */
  readonly certain: boolean
  /** Whether it ends where its length claims, so that another may be read behind it. */
  readonly ends: boolean
}

/** The offsets of the only batch that was read may be others: the offset that was fetched may be in it or before it. */
export interface InDoubt {
  readonly first: bigint
  /** So many offsets it claims. */
  readonly span: bigint
}

/** What was read. The next fetch begins behind the last entry. */
export interface Reading {
  readonly entries: readonly FetchedEntry[]
  /** Why reading ended: with the bytes; or because the rest is for the next fetch; or with a batch in doubt. */
  readonly stop: 'end' | 'rest' | InDoubt
  /** What it takes, in bytes. */
  readonly cost: number
}

/** Bytes of which nothing is certain but that the fetched offset lies in them. */
export function brokenAt(offset: bigint, reason: string, batch: Buffer): Broken {
  return { kind: 'broken', first: offset, offset, reason, bytes: batch, batch }
}

/** A batch of which nothing is known. */
export function unreadable({ from }: RecordSet, reason: string, bytes: Buffer): Batch {
  return { first: from, last: from, entries: [brokenAt(from, reason, bytes)], cost: 0, certain: true, ends: false }
}
