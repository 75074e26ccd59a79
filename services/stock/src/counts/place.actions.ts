/** Places that are counted: what the ledger and the floor have there. */
import { zero } from '@stockline/amounts'
import type { Tx } from '../database.ts'
import { changedSince, floorAt } from '../floor/floor.actions.ts'
import { balancesOf } from '../ledger/balances.actions.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger } from '../ledger/ledger.offer.actions.ts'
import type { KeyState } from './count.enter.ts'
import { countKey, type CountKey, type CountLine, type PlaceFound } from './count.ts'

const emptyFloor = { picked: zero.quantity, put: zero.quantity, seen: null }

/** The floor at each key, in their order. Only what is available is picked, and only that is put. */
async function floorOf(
  tx: Tx,
  keys: readonly CountKey[],
): Promise<readonly Pick<KeyState, 'picked' | 'put' | 'seen'>[]> {
  const available = keys.filter(({ status }) => status === 'available')
  const seen = await floorAt(tx, available)
  const byKey = new Map(available.map((key, index) => [countKey(key), seen[index]]))
  return keys.map((key) => byKey.get(countKey(key)) ?? emptyFloor)
}

/** What the ledger and the floor have at these keys now, in their order. Holds the ledger, so that a document counts in one of them. */
export async function statesAt(
  tx: Tx,
  company: LedgerCompany,
  keys: readonly CountKey[],
): Promise<readonly KeyState[]> {
  await holdLedger(tx, company)
  const [balances, floors] = await Promise.all([balancesOf(tx, company, keys), floorOf(tx, keys)])
  return balances.map((balance, index) => ({ ...balance, ...(floors[index] ?? emptyFloor) }))
}

/** Places that were found, with the floor there. */
export async function withFloor(tx: Tx, places: readonly PlaceFound[]): Promise<readonly PlaceFound[]> {
  const floors = await floorOf(tx, places)
  return places.map((place, index) => {
    const { picked, put } = floors[index] ?? emptyFloor
    return { ...place, picked, put }
  })
}

/** The numbers of the lines whose places had picks or puts since they were counted. */
export async function disturbedLines(tx: Tx, lines: readonly CountLine[]): Promise<ReadonlySet<number>> {
  const looked = lines.flatMap((line) => {
    const { sku, location, lot, seen, position } = line
    return seen === null || position === null
      ? []
      : [{ line: line.line, sku, location, lot, seen, position: BigInt(position) }]
  })
  const changed = await changedSince(tx, looked)
  return new Set(looked.flatMap(({ line }, index) => (changed[index] === true ? [line] : [])))
}
