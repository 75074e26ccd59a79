/** A database of stock with products and locations, for tests and measurements on a real PostgreSQL. */
import { type Database, type Tx, migrate, openDatabase, sql } from '@stockline/service-kit'
import { type TestDatabase, testDatabase } from '@stockline/test-kit'
import pg from 'pg'
import type { LedgerLocation, LedgerProduct } from '../src/ledger/reference.ts'
import { type LedgerCommand, decideBatch } from '../src/ledger/ledger.actions.ts'
import type { LedgerRequest } from '../src/ledger/request.ts'
import type { LedgerOutcome } from '../src/ledger/ledger.ts'

export const demo = { company: 'DEMO', timeZone: 'UTC' }
export const nobody = { actor: null, correlationId: 'test' }

const saveUnits = sql(
  `insert into units (code, name, decimals, changed_at) values ('kg', 'Kilogram', 3, now()), ('unit', 'Unit', 0, now())`,
)
const saveProducts = sql(
  `insert into products (id, sku, name, type, unit, category, tracking, active, created_at, changed_at)
   select id, sku, sku, type, unit, category, tracking, active, now(), now()
   from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
     as p(id, sku, type, unit, category, tracking, active)`,
)
const saveWarehouses = sql(
  `insert into warehouses (code, name, changed_at) select code, code, now() from unnest($1::text[]) as w(code)`,
)
const saveLocations = sql(
  `insert into locations (id, code, type, warehouse, reservable, allow_negative, pick_sequence, active, changed_at)
   select id, code, type, warehouse, reservable, allow_negative, pick_sequence, active, now()
   from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::int[], $8::boolean[])
     as l(id, code, type, warehouse, reservable, allow_negative, pick_sequence, active)`,
)

/** Migrations of stock. */
export const migrations = new URL('../prisma/migrations', import.meta.url)

/** Fills an open database with master data. Ids must be UUIDs. */
export async function seed(
  db: Database,
  products: readonly LedgerProduct[],
  locations: readonly LedgerLocation[],
): Promise<void> {
  await db.query(saveUnits)
  await db.query(saveProducts, [
    products.map((one) => one.id),
    products.map((one) => one.sku),
    products.map((one) => one.type),
    products.map((one) => one.unit),
    products.map((one) => one.category),
    products.map((one) => one.tracking),
    products.map((one) => one.active),
  ])
  await db.query(saveWarehouses, [[...new Set(locations.map((one) => one.warehouse))]])
  await db.query(saveLocations, [
    locations.map((one) => one.id),
    locations.map((one) => one.code),
    locations.map((one) => one.type),
    locations.map((one) => one.warehouse),
    locations.map((one) => one.reservable),
    locations.map((one) => one.allowNegative),
    locations.map((one) => one.pickSequence),
    locations.map((one) => one.active),
  ])
}

/** A database that is gone after `close`. */
export interface StockDatabase {
  readonly db: Database
  readonly url: string
  /** Takes a batch as the reaction does. */
  take(...requests: readonly LedgerRequest[]): Promise<readonly LedgerOutcome[]>
  /** Forgets what was posted; products and locations stay. */
  empty(): Promise<void>
  close(): Promise<void>
}

/** Makes one, migrated and seeded. */
export async function stockDatabase(
  products: readonly LedgerProduct[],
  locations: readonly LedgerLocation[],
): Promise<StockDatabase> {
  const own: TestDatabase = await testDatabase('stock')
  await migrate(own.url, migrations)
  const db = openDatabase({ url: own.url, service: 'stock' })
  await seed(db, products, locations)
  return {
    db,
    url: own.url,
    take: (...requests) => db.transaction(nobody, (tx) => decideBatch(tx as Tx<never>, demo, asked(requests))),
    empty: () => emptied(own.url),
    close: async () => {
      await db.close()
      await own.drop()
    },
  }
}

/** The ledger is for ever: only a test may switch off what keeps it so. */
async function emptied(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`
    begin;
    set local session_replication_role = replica;
    truncate ledger_head, postings, moves, quants, transfers, transfer_lines, transfer_waits, in_transit, needs, need_lines, waits, reservations,
      removal_rules, document_numbers, lots, lot_history, lot_expiry, kit.outbox, kit.outbox_sequences restart identity;
    commit`)
  await client.end()
}

/** Requests without an actor. */
export function asked(requests: readonly LedgerRequest[]): LedgerCommand[] {
  return requests.map((request) => ({ request, actor: null }))
}
