/** Puts events of numbered streams in order: what follows is taken, what is late is separated, what is too early is deferred. Pure. */
import type { Read, Stream } from './inbox.read.ts'
import { streamKey } from './inbox.store.ts'

/** What is to be done with a batch. */
export interface Ordered<One> {
  /** In their turn, and those without a number. */
  readonly inTurn: readonly One[]
  /** At or below the last sequence taken: a repeat if its id is known, otherwise another history. */
  readonly late: readonly One[]
  /** Too early: an earlier one is missing. */
  readonly early: readonly { readonly one: One; readonly stream: Stream; readonly expected: bigint }[]
  /** Where the streams stand after this. Only those that moved. */
  readonly moved: readonly Stream[]
}

/** @param lasts the last sequence taken of each stream; a stream that is not there has not begun */
export function inSequence<One extends Pick<Read, 'stream'>>(
  batch: readonly One[],
  lasts: ReadonlyMap<string, bigint>,
): Ordered<One> {
  const now = new Map<string, Stream>()
  const inTurn: One[] = []
  const late: One[] = []
  const early: { one: One; stream: Stream; expected: bigint }[] = []
  for (const one of batch) {
    const { stream } = one
    if (stream === undefined) {
      inTurn.push(one)
      continue
    }
    const key = streamKey(stream)
    const expected = (now.get(key)?.sequence ?? lasts.get(key) ?? 0n) + 1n
    if (stream.sequence > expected) early.push({ one, stream, expected })
    else if (stream.sequence < expected) late.push(one)
    else {
      inTurn.push(one)
      now.set(key, stream)
    }
  }
  return { inTurn, late, early, moved: [...now.values()] }
}
