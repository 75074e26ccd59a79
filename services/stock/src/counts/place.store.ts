/** What is at places that are counted, by the ledger and on the floor. */
import { storedQuantity } from '@stockline/amounts'
import { type Queryable, sql } from '@stockline/service-kit'
import { mostCounted, type CountKey, type PlaceFound } from './count.ts'

// "0" is the character after "/": a subtree is a range of the index.
const inZone = (zone: string) => `(l.code = ${zone} or (l.code > ${zone} || '/' and l.code < ${zone} || '0'))`
const classOf = `coalesce(p.abc_class, c.abc_class, 'C')`

interface PlaceRow extends CountKey {
  readonly unit: string
  readonly onHand: string
}

const placeColumns = `p.sku, l.code as location, t.code as lot, q.status, p.unit, sum(q.quantity_on_hand)::text as "onHand"`
const stockInZone = `
  from locations l
  join quants q on q.location_id = l.id
  join products p on p.id = q.product_id
  left join abc_classes c on c.product_id = p.id
  left join lots t on t.id = q.lot_id
  where ${inZone('$1')} and l.type = 'internal' and l.active and q.quantity_on_hand <> 0
    and ($2::text is null or ${classOf} = $2)`
const placesInZone = sql(`
  select ${placeColumns} ${stockInZone} and ($3::text[] is null or p.sku = any($3))
  group by p.sku, l.pick_sequence, l.code, t.code, q.status, p.unit
  order by l.pick_sequence, l.code, p.sku, t.code nulls first, q.status limit ${String(mostCounted + 1)}`)

/** The latest count of a product, lot and status at a place, on whichever sheet. */
const lastCounted = `(
  select max(r.counted_at) from count_results r
  where r.product_id = p.id and r.location_id = l.id and coalesce(r.lot_id, q.lot_id) = q.lot_id and coalesce(r.status, q.status) = q.status)`
const placesOfTurn = sql(`
  select ${placeColumns} ${stockInZone}
    and not exists (
      select from count_sheet_lines o join count_sheets s on s.id = o.count_sheet_id
      where s.open and o.sku = p.sku and o.location = l.code and o.lot is not distinct from t.code and o.status = q.status)
    and coalesce(${lastCounted}, '-infinity') < ($3::date::timestamp at time zone $4)
  group by p.id, p.sku, l.id, l.pick_sequence, l.code, q.lot_id, t.code, q.status, p.unit
  order by ${lastCounted} nulls first, l.pick_sequence, l.code, p.sku, t.code nulls first, q.status
  limit ${String(mostCounted + 1)}`)

/**
 * Places in a zone that have stock, are on no open sheet, and were not counted since the beginning of a day, those counted longest ago
 * first; one more than a sheet may have.
 */
export async function findPlacesOfTurn(
  db: Queryable,
  zone: string,
  abcClass: string | null,
  since: string,
  timeZone: string,
): Promise<readonly PlaceFound[]> {
  return found(await db.query<PlaceRow>(placesOfTurn, [zone, abcClass, since, timeZone]))
}

/** Places in a zone that have stock; one more than a sheet may have. */
export async function findCountedPlaces(
  db: Queryable,
  zone: string,
  abcClass: string | null,
  skus: readonly string[] | null,
): Promise<readonly PlaceFound[]> {
  return found(await db.query<PlaceRow>(placesInZone, [zone, abcClass, skus]))
}

function found(rows: readonly PlaceRow[]): readonly PlaceFound[] {
  const nothing = storedQuantity('0')
  return rows.map(({ onHand, ...row }) => ({ ...row, onHand: storedQuantity(onHand), picked: nothing, put: nothing }))
}
