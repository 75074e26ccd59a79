/** Which part of a trace is shown to whom. Pure. */
import { isWithin, scopedCode, type LocationScope } from '@stockline/contracts/locations'

/** Which moves of a lot belong to a trace: looked at upwards up to a position, downwards from a position on. */
export interface Window {
  readonly up: boolean
  readonly until: bigint
  readonly down: boolean
  readonly since: bigint
}

/** All moves of a lot. */
export const wholeLife: Window = { up: true, until: 2n ** 63n - 1n, down: true, since: 0n }

/** The directions of a trace: where a lot came from, and what became of it. */
export const directions = {
  up: { up: true, down: false },
  down: { up: false, down: true },
  both: { up: true, down: true },
} as const

/** Moves that one may see: they begin or end in one's scope. `elsewhere`: there are others. */
export function movesWithin<Move extends { readonly from: string; readonly to: string }>(
  moves: readonly Move[],
  scope: LocationScope,
): { readonly moves: readonly Move[]; readonly elsewhere: boolean } {
  const seen = moves.filter(({ from, to }) => [from, to].some((end) => isWithin(scope, scopedCode(end))))
  return { moves: seen, elsewhere: seen.length < moves.length }
}
