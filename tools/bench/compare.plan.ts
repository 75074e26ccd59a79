/** In which order two checkouts are measured. Pure. */

/** This checkout, or the one that it is compared with. */
export type Side = 'own' | 'other'
export type Path = 'receipts' | 'deliveries'

/** One counted round. */
export interface Round {
  readonly pair: number
  readonly side: Side
  readonly path: Path
}

/**
 * The rounds of one pair: both sides walk both paths. Who begins alternates from pair to pair, so that a machine that
 * becomes slower or faster meanwhile favors neither. Within a pair the second path begins with the side that ended the
 * first: one change of sides fewer.
 *
 * @param pair from 0
 */
export function roundsOf(pair: number): readonly Round[] {
  const [first, second] = pair % 2 === 0 ? (['other', 'own'] as const) : (['own', 'other'] as const)
  return [
    { pair, side: first, path: 'receipts' },
    { pair, side: second, path: 'receipts' },
    { pair, side: second, path: 'deliveries' },
    { pair, side: first, path: 'deliveries' },
  ]
}

/** Of the time that is left when both systems run, warming up may take this part. */
const warmUpShare = 0.45

/** Seconds that one side may warm up on one path: a fourth of the share. Infinity without a budget. */
export function warmUpSeconds(secondsLeft: number): number {
  return Math.max(1, (secondsLeft * warmUpShare) / 4)
}

/** Is there time for one more pair that takes as long as the longest until now? The first three are always measured. */
export function hasTimeForPair(done: number, secondsLeft: number, longestPairSeconds: number): boolean {
  return done < 3 || longestPairSeconds * 1.1 <= secondsLeft
}
