/** How two series of paired measurements compare. Pure: the same pairs give the same figures. */

/** The same quantity of both checkouts, measured one right after the other. */
export interface Pair {
  /** Of the checkout that is compared with. */
  readonly other: number
  /** Of this checkout. */
  readonly own: number
}

/** This checkout's figure over the other's. */
export interface Ratio {
  /** Median over the pairs. */
  readonly median: number
  /** Two-sided 90 % interval of that median: 5 % of resamples lie below, 5 % above. */
  readonly low: number
  readonly high: number
  /** Pairs that counted. */
  readonly pairs: number
}

const resamples = 4_000
/** From fewer pairs no interval of the median can be derived. */
const fewestPairs = 3

/**
 * Median of the pairs' ratios, with a 90 % interval by bootstrap: pairs are drawn with replacement, and the medians of
 * such draws are counted out. Ratios are compared by their logarithms, so that twice and half weigh the same; a pair
 * with a value that is not above zero has no ratio and is left out.
 *
 * @returns undefined when fewer than three pairs have a ratio
 */
export function ratioOf(pairs: readonly Pair[]): Ratio | undefined {
  const logs = pairs.filter(({ own, other }) => own > 0 && other > 0).map(({ own, other }) => Math.log(own / other))
  if (logs.length < fewestPairs) return undefined
  const random = generator(logs.length)
  const medians = Array.from({ length: resamples }, () =>
    middleOf(logs.map(() => logs[Math.floor(random() * logs.length)] ?? 0)),
  ).sort((a, b) => a - b)
  const at = (share: number): number => medians[Math.min(resamples - 1, Math.floor(share * resamples))] ?? 0
  return {
    median: Math.exp(middleOf(logs)),
    low: Math.exp(at(0.05)),
    high: Math.exp(at(0.95)),
    pairs: logs.length,
  }
}

/** The middle value; of an even number, halfway between the two. 0 of none. */
export function middleOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  const upper = sorted[Math.floor(half)] ?? 0
  return Number.isInteger(half) ? ((sorted[half - 1] ?? 0) + upper) / 2 : upper
}

/** Pseudo-random numbers from 0 to 1 with a fixed beginning (mulberry32), so that a report can be made again. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
