/**
 * What a process remembers of rows that change seldom. A stamp stands beside such rows, and each change of any of them
 * renews it in the same transaction. What was read at a stamp is true as long as the stamp stands, so that asking for one
 * small row saves reading many; replicas need nothing between them.
 *
 * Read the stamp first and the rows after it: they may then be newer than the stamp, which does no harm, and never older.
 */

/** Where what was read at a stamp is kept. */
export interface RememberedOptions<Kept> {
  /** An empty place for what will be read. */
  readonly empty: () => Kept
  /** How many rows it holds. */
  readonly sizeOf: (kept: Kept) => number
  /** It begins anew when it holds so many. */
  readonly most: number
}

/** One for each database of this process, and the stamp before it: in life there is one, in tests there are some. */
const stampsKept = 4

/** Gives the function that finds what is kept at a stamp. What older stamps left is forgotten. */
export function rememberedAt<Kept>({ empty, sizeOf, most }: RememberedOptions<Kept>): (stamp: string) => Kept {
  const byStamp = new Map<string, Kept>()
  return (stamp) => {
    const kept = byStamp.get(stamp)
    if (kept !== undefined && sizeOf(kept) < most) return kept
    const fresh = empty()
    byStamp.delete(stamp)
    byStamp.set(stamp, fresh)
    for (const old of [...byStamp.keys()].slice(0, -stampsKept)) byStamp.delete(old)
    return fresh
  }
}
