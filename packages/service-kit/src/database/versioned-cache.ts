/**
 * What a process remembers of its database. It asks each time whether that is still true, in the transaction and after
 * its locks, which costs one small row; replicas need nothing between them.
 */

import { LRUCache } from 'lru-cache'

/** Where what was read at an epoch is kept. */
export interface EpochCacheOptions<Kept> {
  /** An empty place for what will be read. */
  readonly empty: () => Kept
  /** How many rows it holds. */
  readonly sizeOf: (kept: Kept) => number
  /** It begins anew when it holds so many. */
  readonly most: number
}

/** One for each database of this process, and the epoch before it: in life there is one, in tests there are some. */
const epochsKept = 4

/**
 * For rows that change seldom. An epoch stands beside such rows, and each change of any of them begins a new one in the same
 * transaction. What was read at an epoch is true as long as the epoch stands. Read the epoch first and the rows after it:
 * they may then be newer than the epoch, which does no harm, and never older.
 *
 * @returns finds what is kept at an epoch; what older epochs left is forgotten. Throws where it is given no epoch
 */
export function epochCache<Kept>({ empty, sizeOf, most }: EpochCacheOptions<Kept>): (epoch: string) => Kept {
  const byEpoch = new LRUCache<string, { readonly kept: Kept }>({ max: epochsKept })
  return (epoch) => {
    // A statement that gives it under another name would make one epoch of all: what was read first would be kept for ever.
    if (!epoch) throw new Error(`"${epoch}" is no epoch.`)
    const cached = byEpoch.peek(epoch)
    if (cached !== undefined && sizeOf(cached.kept) < most) return cached.kept
    const kept = empty()
    byEpoch.set(epoch, { kept })
    return kept
  }
}

/** See {@link versionedCache}. */
export interface VersionedCache<Kept> {
  /** Is anything kept of it, at whatever version? */
  readonly knows: (id: string) => boolean
  /** What is kept, if it is of this version; what is of another is forgotten. */
  readonly at: (id: string, version: string) => Kept | undefined
  /** In place of what was kept of it before. */
  readonly keep: (id: string, version: string, kept: Kept) => void
}

/**
 * What a process remembers of rows that have a version: what was kept at a version is true as long as the row says that
 * it is of that version. Keep only what is committed: a version that was rolled back can be given again. Of what is kept,
 * the longest unused goes first.
 *
 * @param options.most the sizes of all that is kept add up to this at most; what is larger by itself is not kept
 */
export function versionedCache<Kept>(options: {
  readonly sizeOf: (kept: Kept) => number
  readonly most: number
}): VersionedCache<Kept> {
  const cache = new LRUCache<string, { readonly version: string; readonly kept: Kept }>({
    maxSize: options.most,
    sizeCalculation: ({ kept }) => options.sizeOf(kept),
  })
  return {
    knows: (id) => cache.has(id),
    at: (id, version) => {
      const found = cache.get(id)
      if (found?.version === version) return found.kept
      cache.delete(id)
      return undefined
    },
    keep: (id, version, kept) => void cache.set(id, { version, kept }),
  }
}
