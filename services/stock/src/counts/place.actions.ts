/** Places that are counted: what the ledger and the floor have there. */
import { zero } from '@stockline/amounts'
import type { Tx } from '../database.ts'
import { changedSince, floorAt } from '../floor/floor.actions.ts'
import { balancesOf } from '../ledger/balances.actions.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger } from '../ledger/ledger.offer.actions.ts'
import type { KeyState } from './count.enter.ts'
import type { CountKey, CountLine, PlaceFound } from './count.ts'

const emptyFloor = { picked: zero.quantity, put: zero.quantity, seen: null }

/** So often both are read without stopping the ledger. */
const mostTries = 3

/**
 * What the ledger and the floor have at these keys now, in their order. Both are of one position of the ledger, so that a document counts
 * in one of them. The ledger is stopped only where it has posted between the two each time.
 */
export async function statesAt(
  tx: Tx,
  company: LedgerCompany,
  keys: readonly CountKey[],
): Promise<readonly KeyState[]> {
  for (let tries = 1; ; tries += 1) {
    if (tries > mostTries) await holdLedger(tx, company)
    const [balances, floors] = await Promise.all([balancesOf(tx, company, keys), floorAt(tx, keys)])
    if (tries <= mostTries && balances[0]?.position !== floors[0]?.position) continue
    return balances.map((balance, index) => {
      const { picked, put, seen } = floors[index] ?? emptyFloor
      return { ...balance, picked, put, seen }
    })
  }
}

/** Places that were found, with the floor there. */
export async function withFloor(tx: Tx, places: readonly PlaceFound[]): Promise<readonly PlaceFound[]> {
  const floors = await floorAt(tx, places)
  return places.map((place, index) => {
    const { picked, put } = floors[index] ?? emptyFloor
    return { ...place, picked, put }
  })
}

/** The numbers of the lines whose places had picks or puts since they were counted. */
export async function disturbedLines(tx: Tx, lines: readonly CountLine[]): Promise<ReadonlySet<number>> {
  const looked = lines.flatMap((line) => {
    const { sku, location, lot, status, seen, position } = line
    return seen === null || position === null
      ? []
      : [{ line: line.line, sku, location, lot, status, seen, position: BigInt(position) }]
  })
  const changed = await changedSince(tx, looked)
  return new Set(looked.flatMap(({ line }, index) => (changed[index] === true ? [line] : [])))
}
