/** Lots as they are told: the whole of each, with the lots that its goods came from and went to. */
import type { ToldLot } from '@stockline/contracts'
import { plainArray, sql } from '@stockline/service-kit'
import type { Tx } from '../database.ts'

/** So many neighbors of a lot are told, the latest. */
const mostNeighbors = 1000

/** The lots to which, or from which, goods of a lot went; by the indices of moves that lead to another lot. */
const neighbors = (own: string, other: string) => `coalesce((
    select jsonb_agg(jsonb_build_object('lotId', n.id, 'code', n.code) order by at desc)
    from (
      select m.${other} as lot_id, max(m.position) as at from moves m
      where m.${own} = lots.id and m.to_lot_id is not null
      group by m.${other} order by max(m.position) desc limit ${String(mostNeighbors)}
    ) w join lots n on n.id = w.lot_id), '[]')`

const toldByIds = sql(
  `select lots.id as "lotId", products.sku, lots.code, lots.produced_on as "producedOn", lots.best_before as "bestBefore",
     lots.remove_on as "removeOn", lots.alert_on as "alertOn", lots.expires_on as "expiresOn",
     lots.hold_reason is not null as held, lots.hold_reason as "heldFor",
     ${neighbors('to_lot_id', 'lot_id')} as "madeOf", ${neighbors('lot_id', 'to_lot_id')} as "madeInto", lots.version
   from lots join products on products.id = lots.product_id where lots.id = any($1::uuid[]) order by lots.id`,
)

/** What is to be told of these lots, as they are now. */
export function findToldLots(tx: Pick<Tx, 'query'>, ids: readonly string[]): Promise<ToldLot[]> {
  return tx.query<ToldLot>(toldByIds, [plainArray(ids)])
}
