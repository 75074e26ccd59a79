/**
 * Versioned caches of the database in a process. They check each time whether the version still stands, in the transaction and after
 * its locks, which costs one small row; replicas need nothing between them.
 */

import { LRUCache } from 'lru-cache'

/** What is cached at an epoch. */
export interface EpochCacheOptions<Value> {
  /** An empty place for what will be read. */
  readonly empty: () => Value
  /** How many rows it holds. */
  readonly sizeOf: (value: Value) => number
  /** It begins anew when it holds so many. */
  readonly most: number
}

/** One for each database of this process, and the epoch before it: in life there is one, in tests there are some. */
const mostEpochs = 4

/**
 * For rows that change seldom. An epoch stands beside such rows, and each change of any of them begins a new one in the same
 * transaction. What was read at an epoch is true as long as the epoch stands. Read the epoch first and the rows after it:
 * they may then be newer than the epoch, which does no harm, and never older.
 *
 * @returns gives the cache of an epoch; older epochs are dropped. Throws where it is given no epoch
 */
export function epochCache<Value>({ empty, sizeOf, most }: EpochCacheOptions<Value>): (epoch: string) => Value {
  const byEpoch = new LRUCache<string, { readonly value: Value }>({ max: mostEpochs })
  return (epoch) => {
    // A statement that gives it under another name would make one epoch of all: what was read first would stay for ever.
    if (!epoch) throw new Error(`"${epoch}" is no epoch.`)
    const cached = byEpoch.peek(epoch)
    if (cached !== undefined && sizeOf(cached.value) < most) return cached.value
    const value = empty()
    byEpoch.set(epoch, { value })
    return value
  }
}

/** See {@link versionedCache}. */
export interface VersionedCache<Value> {
  /** Is there a value of it, at whatever version? */
  readonly knows: (id: string) => boolean
  /** The value, if it is of this version; one of another is dropped. */
  readonly at: (id: string, version: string) => Value | undefined
  /** Replaces the value before. */
  readonly keep: (id: string, version: string, value: Value) => void
}

/**
 * A cache of rows that have a version: a value of a version is true as long as the row has
 * that version. Cache only what is committed: a version that was rolled back can be given again. Of the values,
 * the longest unused goes first.
 *
 * @param options.most the sizes of all values add up to this at most; a larger one is not cached
 */
export function versionedCache<Value>(options: {
  readonly sizeOf: (value: Value) => number
  readonly most: number
}): VersionedCache<Value> {
  const cache = new LRUCache<string, { readonly version: string; readonly value: Value }>({
    maxSize: options.most,
    sizeCalculation: ({ value }) => options.sizeOf(value),
  })
  return {
    knows: (id) => cache.has(id),
    at: (id, version) => {
      const found = cache.get(id)
      if (found?.version === version) return found.value
      cache.delete(id)
      return undefined
    },
    keep: (id, version, value) => void cache.set(id, { version, value }),
  }
}
