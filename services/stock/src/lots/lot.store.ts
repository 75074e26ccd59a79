import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import type { LotDates } from '@stockline/contracts/lot-dates'
import type { EventActor } from '@stockline/contracts/envelope'
import { filtered, type Filters, sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import type { LotFilter } from './lot.api.ts'
import type { Lot, LotStep } from './lot.shapes.api.ts'

/** A lot as its row has it. */
export interface StoredLot extends LotDates {
  readonly id: string
  readonly code: string
  /** Why it is held; null where it is not. */
  readonly heldFor: string | null
  readonly version: number
}

const rowColumns = `lots.id, lots.code, lots.expires_on as "expiresOn", lots.best_before as "bestBefore",
  lots.remove_on as "removeOn", lots.alert_on as "alertOn", lots.produced_on as "producedOn", lots.hold_reason as "heldFor", lots.version`
const lockOne = sql(`select ${rowColumns} from lots where lots.id = $1 for update`)
const lockByCode = sql(
  `select ${rowColumns} from products join lots on lots.product_id = products.id and lots.code = $2
   where products.sku = $1 for update of lots`,
)
const selectProduct = sql(
  'select sku, tracking from lots join products on products.id = lots.product_id where lots.id = $1',
)
const update = sql(
  `update lots set expires_on = $2, best_before = $3, remove_on = $4, alert_on = $5, hold_reason = $6, version = $7,
     produced_on = $8
   where id = $1`,
)
const addStep = sql(
  `insert into lot_history (lot_id, at, actor_id, actor_name, what, why) values ($1, $2, $3, $4, $5, $6)`,
)
const restoreStep = sql(
  `insert into lot_history (lot_id, at, actor_id, actor_name, what, why)
   select $1, $2::timestamptz, $3, $4, $5, $6 where not exists (
     select from lot_history where lot_id = $1 and at = $2::timestamptz and what = $5 and why is not distinct from $6)`,
)
const selectSteps = sql(
  `select at, actor_id as "actorId", actor_name as "actorName", what, why from lot_history where lot_id = $1 order by at, id`,
)

// By the id as well: then its lots come from the index in the order of their codes.
const ofProduct = (sku: string) => `sku = ${sku} and product_id = (select id from products where sku = ${sku})`

/** What is on hand of a lot in the scope, and whether there is more of it elsewhere. */
const onHandIn = ({ when }: Filters, scope: LocationScope) => `
  cross join lateral (
    select coalesce(sum(on_hand) filter (where here), 0) as "onHand", coalesce(bool_or(not here), false) as elsewhere
    from (
      select q.quantity_on_hand as on_hand, ${when(scope, (given) => withinSql('l.code', given)) ?? 'true'} as here
      from quants q join locations l on l.id = q.location_id
      where q.product_id = lots.product_id and q.lot_id = lots.id and l.type = 'internal' and q.quantity_on_hand <> 0
    ) balances
  ) there`
const columns = `${rowColumns}, sku, unit, lots.hold_reason is not null as held,
  trim_scale(there."onHand")::text as "onHand", there.elsewhere`

/** By sku and code; one more than the limit. */
export function findLots(
  db: Database,
  { sku, code, lot = code, expiresBefore, held }: LotFilter,
  scope: LocationScope,
  after: readonly [sku: string, code: string] | undefined,
  limit: number,
): Promise<Lot[]> {
  // Lots of one code are few: they are found by it, and then ordered by an expression that leads to no other index.
  const bySku = lot === undefined ? 'sku' : `sku || ''`
  const { statement, values } = filtered((given) => {
    const { all, value, when } = given
    return `
      select ${columns} from lots join products on products.id = product_id ${onHandIn(given, scope)}
      where ${all(
        when(sku, ofProduct),
        when(lot, (one) => `lots.code = ${one}`),
        when(expiresBefore, (one) => `expires_on < ${one}`),
        held === undefined ? undefined : `(hold_reason is not null) = ${String(held)}`,
        when(after?.[0], (one) => `sku >= ${one} and (sku, lots.code) > (${one}, ${value(after?.[1])})`),
      )}
      order by ${bySku}, lots.code limit ${value(limit + 1)}`
  })
  return db.query<Lot>(statement, values)
}

export async function findLot(db: Database | Tx, id: string, scope: LocationScope): Promise<Lot | null> {
  const { statement, values } = filtered(
    (given) => `select ${columns} from lots join products on products.id = product_id ${onHandIn(given, scope)}
      where lots.id = ${given.value(id)}`,
  )
  return (await db.query<Lot>(statement, values))[0] ?? null
}

/** The lot's row, locked. */
export async function lockLot(tx: Tx, id: string): Promise<StoredLot | null> {
  return (await tx.query<StoredLot>(lockOne, [id]))[0] ?? null
}

export async function updateLot(tx: Pick<Tx, 'query'>, lot: StoredLot): Promise<void> {
  const { id, expiresOn, bestBefore, removeOn, alertOn, heldFor, version, producedOn } = lot
  await tx.query(update, [id, expiresOn, bestBefore, removeOn, alertOn, heldFor, version, producedOn])
}

/** The lot of a product with that code, its row locked. */
export async function lockLotByCode(tx: Pick<Tx, 'query'>, sku: string, code: string): Promise<StoredLot | null> {
  return (await tx.query<StoredLot>(lockByCode, [sku, code]))[0] ?? null
}

/** The sku of a lot's product, and how it is tracked. */
export async function productOfLot(tx: Tx, id: string): Promise<{ readonly sku: string; readonly tracking: string }> {
  const [product] = await tx.query<{ sku: string; tracking: string }>(selectProduct, [id])
  if (product === undefined) throw new Error(`The product of the lot ${id} is gone.`)
  return product
}

/** Says in the lot's history what was done, by whom and why. */
export async function addLotStep(tx: Tx, lotId: string, what: string, why: string | null): Promise<void> {
  const actor: EventActor | null = tx.origin.actor
  await tx.query(addStep, [lotId, tx.now, actor?.id ?? null, actor?.name ?? null, what, why])
}

/** What was done to it, as it was told. Told twice, it is there once. */
export async function restoreLotStep(
  tx: Pick<Tx, 'query'>,
  lotId: string,
  { at, who, what, why }: LotStep,
): Promise<void> {
  await tx.query(restoreStep, [lotId, at, who?.id ?? null, who?.name ?? null, what, why])
}

/** What was done to the lot, oldest first. */
export async function findLotSteps(db: Database | Tx, lotId: string): Promise<LotStep[]> {
  const rows = await db.query<{ at: Date; actorId: string | null; actorName: string | null; what: string; why: string | null }>(selectSteps, [lotId]) // prettier-ignore
  return rows.map(({ at, actorId, actorName, what, why }) => ({
    at: at.toISOString(),
    who: actorId === null ? null : { id: actorId, name: actorName ?? actorId },
    what,
    why,
  }))
}
