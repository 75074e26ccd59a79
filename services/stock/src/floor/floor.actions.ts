/** The floor, for who compares what is seen at a place with what the ledger has. */
import type { FloorState } from '@stockline/contracts'
import type { Tx } from '@stockline/service-kit'
import { floorRows, lastStates } from './floor.ts'
import { storeFloor } from './floor.store.ts'

export { changedSince, floorAt, floorBelow, type Look } from './floor.store.ts'

/** Keeps what picking says, whole states in their order. One of a document that is posted changes nothing that counts. */
export async function keepFloor(tx: Omit<Tx, 'prisma'>, states: readonly FloorState[]): Promise<void> {
  const last = lastStates(states)
  await storeFloor(
    tx,
    last,
    last.flatMap((state) => floorRows(state)),
    tx.now,
  )
}
