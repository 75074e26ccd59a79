/** Picking says what is picked or put and not posted yet. */
import { pickingFloorChanged } from '@stockline/contracts'
import { batchReaction, type Reaction } from '@stockline/service-kit'
import { keepFloor } from './floor.actions.ts'

/** The floor's reaction. */
export function floorReaction<P>(): Reaction<P> {
  return batchReaction<P, [typeof pickingFloorChanged]>({
    contracts: [pickingFloorChanged],
    react: (tx, events) =>
      keepFloor(
        tx,
        events.map(({ data }) => data),
      ),
  })
}
