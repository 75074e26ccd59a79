/** What the ledger has at places at this moment, and what moved there since: for adjustments and counts. */
import { storedQuantity, type Quantity } from '@stockline/amounts'
import type { LocationType } from '@stockline/contracts'
import type { Queryable } from '@stockline/service-kit'
import { loadKeys, loadMoved, loadPositionAt } from './balances.store.ts'
import type { LedgerCompany } from './ledger.actions.ts'
import type { LedgerProduct } from './reference.ts'
import type { QuantStatus } from './stock.ts'

/** What a balance is asked for by. */
export interface BalanceKey {
  readonly sku: string
  readonly location: string
  readonly lot: string | null
  readonly status: QuantStatus
}

/** What is known of a key's product, place and lot. */
interface KeyFacts {
  readonly type: LedgerProduct['type'] | null
  readonly tracking: LedgerProduct['tracking'] | null
  readonly unit: string | null
  readonly unitDecimals: number | null
  readonly productActive: boolean | null
  readonly locationType: LocationType | null
  readonly warehouse: string | null
  readonly locationActive: boolean | null
  readonly lotKnown: boolean
}

/** A row of the statement. */
export interface KeyRow extends KeyFacts {
  readonly at: number
  readonly onHand: string
  readonly position: bigint
}

/** On hand at a key, when the ledger was at `position`. */
export interface Balance extends KeyFacts {
  readonly onHand: Quantity
  readonly position: bigint
}

/** A row of the statement. */
export interface MovedRow {
  readonly at: number
  readonly position: bigint
  readonly number: string
  readonly kind: string
  readonly quantity: string
  /** Of how many of the key. */
  readonly documents: number
}

/** How much is looked at of each key: so many moves of its product, and of these so many documents, the last ones. */
export interface MovedBound {
  readonly moves: number
  readonly documents: number
}

/** What one document moved at a key: more there, or less. */
export type MovedSince = Omit<MovedRow, 'at' | 'documents'>

/** What moved at a key, in the order of positions. */
export interface MovedAtKey {
  readonly documents: readonly MovedSince[]
  /** Documents before these. */
  readonly more: number
}

/** A balance for each key, in their order, all of one moment. A product, place or lot that is not known is null in it. */
export async function balancesOf(
  db: Queryable,
  { company }: LedgerCompany,
  keys: readonly BalanceKey[],
): Promise<readonly Balance[]> {
  if (keys.length === 0) return []
  const rows = await loadKeys(db, company, keys)
  return rows.map(({ at: _at, onHand, ...facts }) => ({ ...facts, onHand: storedQuantity(onHand) }))
}

/**
 * For each key, in their order, what documents moved there behind its position, and before the other one, if there is one.
 *
 * @param bound null to look at all, however much that is
 */
export async function movedSince(
  db: Queryable,
  keys: readonly (BalanceKey & { readonly since: bigint; readonly until: bigint | null })[],
  bound: MovedBound | null,
): Promise<readonly MovedAtKey[]> {
  if (keys.length === 0) return []
  const byKey = Map.groupBy(await loadMoved(db, keys, bound), ({ at }) => at)
  return keys.map((_key, index) => {
    const rows = byKey.get(index) ?? []
    const documents = rows.map(({ at: _at, documents: _all, ...one }) => one)
    return { documents, more: (rows[0]?.documents ?? 0) - rows.length }
  })
}

/** Where the ledger was at that time. */
export async function positionAt(db: Queryable, time: Date): Promise<bigint> {
  return (await loadPositionAt(db, time)) ?? 0n
}
