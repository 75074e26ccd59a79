/** In which order two checkouts are measured. Pure. */

/** This checkout, or the one that it is compared with. */
export type Side = 'own' | 'other'
export type Path = 'receipts' | 'deliveries' | 'transfers'

/** What every revision serves. */
export const mainPaths: readonly Path[] = ['receipts', 'deliveries']

/** One counted round. */
export interface Round {
  readonly pair: number
  readonly side: Side
  readonly path: Path
}

/**
 * The rounds of one pair: both sides walk all paths. Who begins alternates from pair to pair, so that a machine that
 * becomes slower or faster meanwhile favors neither. Within a pair each path begins with the side that ended the
 * one before: fewer changes of sides.
 *
 * @param pair from 0
 */
export function roundsOf(pair: number, paths: readonly Path[] = mainPaths): readonly Round[] {
  const sides = pair % 2 === 0 ? (['other', 'own'] as const) : (['own', 'other'] as const)
  return paths.flatMap((path, index) =>
    (index % 2 === 0 ? sides : sides.toReversed()).map((side): Round => ({ pair, side, path })),
  )
}

/** Of the time that is left when both systems run, warming up may take this part. */
const warmUpShare = 0.45

/** Seconds that one side may warm up on one of so many paths. Infinity without a budget. */
export function warmUpSeconds(secondsLeft: number, paths = mainPaths.length): number {
  return Math.max(1, (secondsLeft * warmUpShare) / (2 * paths))
}

/** Is there time for one more pair that takes as long as the longest until now? The first three are always measured. */
export function hasTimeForPair(done: number, secondsLeft: number, longestPairSeconds: number): boolean {
  return done < 3 || longestPairSeconds * 1.1 <= secondsLeft
}
