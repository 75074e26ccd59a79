import { sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import type { Lot } from './lot.ts'

const columns = `lots.id, sku, lots.code, expires_on as "expiresOn", lots.version`
const select = sql(`
  select ${columns} from lots join products on products.id = product_id
  where ($1::text is null or sku = $1) and ($2::text is null or lots.code = $2)
    and ($3::date is null or expires_on < $3) and ($4::text is null or (sku, lots.code) > ($4, $5))
  order by sku, lots.code limit $6`)
const selectOne = sql(`select ${columns} from lots join products on products.id = product_id where lots.id = $1`)
const lockOne = sql('select id from lots where id = $1 for update')
const update = sql('update lots set expires_on = $2, version = $3 where id = $1')

export interface LotFilter {
  readonly sku?: string | undefined
  readonly lot?: string | undefined
  /** Expires before that date. */
  readonly expiresBefore?: string | undefined
}

/** By sku and code; one more than the limit. */
export function findLots(
  db: Database,
  { sku, lot, expiresBefore }: LotFilter,
  after: readonly [sku: string, code: string] | undefined,
  limit: number,
): Promise<Lot[]> {
  const values = [sku ?? null, lot ?? null, expiresBefore ?? null, after?.[0] ?? null, after?.[1] ?? null, limit + 1]
  return db.query<Lot>(select, values)
}

export async function findLot(db: Database | Tx, id: string): Promise<Lot | null> {
  return (await db.query<Lot>(selectOne, [id]))[0] ?? null
}

/** The lot, its row locked. */
export async function lockLot(tx: Tx, id: string): Promise<Lot | null> {
  await tx.query(lockOne, [id])
  return findLot(tx, id)
}

export async function updateExpiry(tx: Tx, { id, expiresOn, version }: Lot): Promise<void> {
  await tx.query(update, [id, expiresOn, version])
}
