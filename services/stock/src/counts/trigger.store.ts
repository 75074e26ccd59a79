/** What the ledger has posted that makes a place worth a count, and whether there is anything to do. */
import { storedQuantity } from '@stockline/amounts'
import { sql, type Queryable } from '@stockline/service-kit'
import { none } from '../ledger/quant.ts'
import type { CountKey, CountSheet, PlaceFound } from './count.ts'

// One cheap statement, since it is asked every second.
const whatIsDue = sql(`
  select exists (select from count_plans where next_on <= $1) as "isTurn",
    exists (select from abc_settings where computed_on is distinct from $1) as "isStale",
    exists (select from count_plans where zero_check or short_pick)
      and exists (select from count_triggers t, ledger_head h where h.position > t.position) as "isBehind",
    exists (
      select from count_sheets s where s.open and s.status = 'submitted'
        and not exists (select from adjustments a where a.count_id = s.id and a.open)) as "isSettled"`)
const lockTriggers = sql('select position from count_triggers for update skip locked')
const lastPosted = sql('select coalesce(max(position), 0)::bigint as position from ledger_head')
const setPosition = sql('update count_triggers set position = $1')
const startAtHead = sql(`
  update count_triggers set position = (select coalesce(max(position), 0) from ledger_head)
  where not exists (select from count_plans where (zero_check or short_pick) and id <> $1)`)

// A place of a product is empty once nothing of its lot is there; of serial numbers, once none is.
const triggered = sql(`
  with posted as (
    select position, number from postings where position > $1 and position <= $2 and kind = 'delivery'
  ),
  keys as (
    select 'zero-check' as cause, d.number, m.product_id, m.from_location_id as location_id, m.lot_id, m.status
    from posted d join moves m using (position)
    union all
    select 'short-pick', d.number, s.product_id, s.location_id, s.lot_id, s.status from posted d join short_picks s using (position)
  )
  select distinct on (p.sku, l.code, case when p.tracking = 'serial' and k.cause = 'zero-check' then null else k.lot_id end, k.status)
    k.cause, k.number, n.id as plan, p.sku, l.code as location, t.code as lot, k.status, p.unit,
    coalesce(q.quantity_on_hand, 0)::text as "onHand"
  from keys k
  join products p on p.id = k.product_id
  join locations l on l.id = k.location_id and l.type = 'internal' and l.active
  left join lots t on t.id = k.lot_id
  left join abc_classes c on c.product_id = p.id
  left join quants q on q.product_id = k.product_id and q.location_id = k.location_id and q.lot_id = k.lot_id
    and q.status = k.status and q.package_id = '${none}'
  join count_plans n on (l.code = n.zone or starts_with(l.code, n.zone || '/'))
    and (n.abc_class is null or n.abc_class = coalesce(p.abc_class, c.abc_class, 'C'))
    and case k.cause when 'zero-check' then n.zero_check else n.short_pick end
  where (k.cause = 'short-pick' or coalesce(q.quantity_on_hand, 0) = 0)
    and not (k.cause = 'zero-check' and p.tracking = 'serial' and exists (
      select from quants o where o.product_id = k.product_id and o.location_id = k.location_id and o.status = k.status
        and o.quantity_on_hand <> 0))
    and not exists (
      select from count_sheet_lines o join count_sheets s on s.id = o.count_sheet_id
      where s.open and o.sku = p.sku and o.location = l.code and o.lot is not distinct from t.code and o.status = k.status)
  order by p.sku, l.code, case when p.tracking = 'serial' and k.cause = 'zero-check' then null else k.lot_id end, k.status,
    k.cause desc, length(n.zone) desc, n.name`)
const forgetLooked = sql('delete from short_picks where position <= $1')
const forgetUnasked = sql('delete from short_picks where not exists (select from count_plans where short_pick)')

/** What counts have to do by themselves. */
export interface DueWork {
  /** It is a plan's turn. */
  readonly isTurn: boolean
  /** Classes were not computed on that day yet. */
  readonly isStale: boolean
  /** Documents were posted that were not looked through. */
  readonly isBehind: boolean
  /** The adjustments of a submitted sheet are all posted or rejected. */
  readonly isSettled: boolean
}

/** A place that is worth a count, by the plan of the smallest zone that it is in. */
export interface TriggeredPlace extends PlaceFound {
  readonly cause: CountSheet['cause']
  /** The delivery's number. */
  readonly number: string
  readonly plan: string
}

/** @param today the company's date */
export async function findDueWork(db: Queryable, today: string): Promise<DueWork> {
  const [due] = await db.query<DueWork>(whatIsDue, [today])
  return due ?? { isTurn: false, isStale: false, isBehind: false, isSettled: false }
}

/** The range of positions that is looked through next, locked; null where another process does, or nothing is new. */
export async function lockRange(
  db: Queryable,
  most: bigint,
): Promise<{ readonly after: bigint; readonly until: bigint } | null> {
  const [row] = await db.query<{ position: bigint }>(lockTriggers)
  const [head] = await db.query<{ position: bigint }>(lastPosted)
  if (row === undefined || head === undefined || head.position <= row.position) return null
  const until = head.position < row.position + most ? head.position : row.position + most
  return { after: row.position, until }
}

/** The ledger was looked through up to there. */
export async function storePosition(db: Queryable, position: bigint): Promise<void> {
  await Promise.all([db.query(setPosition, [position]), db.query(forgetLooked, [position])])
}

/** Where deliveries took less than was reserved, and no plan asks: nobody will look. */
export async function forgetShortPicks(db: Queryable): Promise<void> {
  await db.query(forgetUnasked)
}

/** What was posted before the first plan asked for it is not looked through. @param planId the plan that asks now */
export async function startTriggers(db: Queryable, planId: string): Promise<void> {
  await db.query(startAtHead, [planId])
}

/** Places that deliveries of a range left empty, or took less from than was reserved, each once, that are on no open sheet. */
export async function findTriggered(
  db: Queryable,
  { after, until }: { readonly after: bigint; readonly until: bigint },
): Promise<readonly TriggeredPlace[]> {
  const rows = await db.query<
    CountKey & Pick<TriggeredPlace, 'cause' | 'number' | 'plan' | 'unit'> & { readonly onHand: string }
  >(triggered, [after, until])
  const nothing = storedQuantity('0')
  return rows.map(({ onHand, ...row }) => ({ ...row, onHand: storedQuantity(onHand), picked: nothing, put: nothing }))
}
