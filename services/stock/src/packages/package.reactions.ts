/** Picking says what is in which package. */
import { pickingPackageChanged } from '@stockline/contracts'
import { batchReaction, type Reaction } from '@stockline/service-kit'
import { keepPackages } from './package.actions.ts'

/** A scan knows a package so much later at most. */
const withinMs = 1_000

/** The reaction to packages. */
export function packageReaction<P>(): Reaction<P> {
  return batchReaction<P, [typeof pickingPackageChanged]>({
    contracts: [pickingPackageChanged],
    everyMs: withinMs,
    react: (tx, events) =>
      keepPackages(
        tx,
        events.map(({ data, sequence }) => ({ data, sequence: BigInt(sequence ?? 0) })),
      ),
  })
}
