import { filtered, sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import type { Lot, LotFilter } from './lot.api.ts'

const columns = `lots.id, sku, lots.code, expires_on as "expiresOn", lots.version`
const selectOne = sql(`select ${columns} from lots join products on products.id = product_id where lots.id = $1`)
const lockOne = sql('select id from lots where id = $1 for update')
const update = sql('update lots set expires_on = $2, version = $3 where id = $1')

// By the id as well: then its lots come from the index in the order of their codes.
const ofProduct = (sku: string) => `sku = ${sku} and product_id = (select id from products where sku = ${sku})`

/** By sku and code; one more than the limit. */
export function findLots(
  db: Database,
  { sku, lot, expiresBefore }: LotFilter,
  after: readonly [sku: string, code: string] | undefined,
  limit: number,
): Promise<Lot[]> {
  // Lots of one code are few: they are found by it, and then ordered by an expression that leads to no other index.
  const bySku = lot === undefined ? 'sku' : `sku || ''`
  const { statement, values } = filtered(
    ({ all, value, when }) => `
      select ${columns} from lots join products on products.id = product_id
      where ${all(
        when(sku, ofProduct),
        when(lot, (given) => `lots.code = ${given}`),
        when(expiresBefore, (given) => `expires_on < ${given}`),
        when(after?.[0], (given) => `sku >= ${given} and (sku, lots.code) > (${given}, ${value(after?.[1])})`),
      )}
      order by ${bySku}, lots.code limit ${value(limit + 1)}`,
  )
  return db.query<Lot>(statement, values)
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
