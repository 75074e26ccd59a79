import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '@stockline/service-kit'
import { testDatabase, type TestDatabase } from '@stockline/test-kit'
import pg from 'pg'
import { serviceNames } from '../../tools/start/settings.ts'

const services = join(import.meta.dirname, '../../services')

/** A table as both sides can tell it. */
interface Table {
  /** Type and nullability by column. */
  readonly columns: Record<string, string>
  readonly primaryKey: string
  readonly unique: string[]
}

/** Tables that only SQL touches: Prisma has no model of them, and its migrations leave them alone. */
const sqlOnly: Readonly<Record<string, readonly string[]>> = {
  picking: ['catalog_stamp'],
  stock: [
    'abc_classes',
    'abc_settings',
    'adjustment_limits',
    'adjustment_lines',
    'adjustment_reasons',
    'adjustment_settings',
    'adjustments',
    'count_plans',
    'count_results',
    'count_sheet_lines',
    'count_sheets',
    'count_triggers',
    'document_numbers',
    'dropped_counts',
    'expected_lines',
    'facts_stamp',
    'floor',
    'history',
    'in_transit',
    'last_unit_costs',
    'ledger_head',
    'lot_expiry',
    'lot_history',
    'lot_recalled_documents',
    'moves',
    'need_lines',
    'needs',
    'numbers',
    'package_lines',
    'packages',
    'postings',
    'quants',
    'removal_rules',
    'reservations',
    'scrap_lines',
    'scraps',
    'short_picks',
    'status_change_lines',
    'status_changes',
    'transfer_lines',
    'transfer_waits',
    'transfers',
    'waits',
  ],
}

/** PostgreSQL's type for a field without `@db`. */
const plainTypes: Readonly<Record<string, string>> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  Decimal: 'numeric(65,30)',
  DateTime: 'timestamp(3) without time zone',
  Json: 'jsonb',
  Bytes: 'bytea',
}

/** PostgreSQL's type for `@db.…`. */
const nativeTypes: Readonly<Record<string, (size: string) => string>> = {
  Uuid: () => 'uuid',
  Date: () => 'date',
  Json: () => 'json',
  Text: () => 'text',
  SmallInt: () => 'smallint',
  Decimal: (size) => (size === '' ? 'numeric' : `numeric(${size})`),
  Timestamptz: (size) => (size === '' ? 'timestamp with time zone' : `timestamp(${size}) with time zone`),
  VarChar: (size) => `character varying(${size})`,
  Char: (size) => `character(${size})`,
}

/** Tables as `schema.prisma` declares them, by name. */
function declaredTables(schema: string): Map<string, Table> {
  const blocks = [...schema.matchAll(/^model (\w+) \{\n([^]*?)^\}/gm)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  )
  return new Map(blocks.map(([model, body]) => [/@@map\("(\w+)"\)/.exec(body)?.[1] ?? model, tableOf(body)]))
}

function tableOf(body: string): Table {
  const columns: Record<string, string> = {}
  const columnOf = new Map<string, string>()
  const unique: string[] = []
  let primaryKey = ''
  for (const line of body.split('\n')) {
    const [, field = '', type = '', mark = '', rest = ''] = /^ {2}(\w+)\s+(\w+)(\[\]|\?)?(.*)$/.exec(line) ?? []
    const plain = plainTypes[type]
    if (plain === undefined) continue
    const column = /@map\("(\w+)"\)/.exec(rest)?.[1] ?? field
    const [, native = '', size = ''] = /@db\.(\w+)(?:\(([\d, ]+)\))?/.exec(rest) ?? []
    const base = native === '' ? plain : (nativeTypes[native]?.(size.replaceAll(' ', '')) ?? `unknown @db.${native}`)
    columnOf.set(field, column)
    columns[column] = mark === '[]' ? `${base}[]` : `${base}${mark === '?' ? '' : ' not null'}`
    if (/@id\b/.test(rest)) primaryKey = column
    if (/@unique\b/.test(rest)) unique.push(column)
  }
  const named = (list: string): string =>
    list
      .split(',')
      .map((field) => columnOf.get(field.trim()) ?? field.trim())
      .join(', ')
  primaryKey = /@@id\(\[([^\]]+)\]/.exec(body)?.[1] ?? primaryKey
  for (const match of body.matchAll(/@@unique\(\[([^\]]+)\]/g)) unique.push(named(match[1] ?? ''))
  return { columns, primaryKey: named(primaryKey), unique: unique.sort() }
}

const columnsQuery = `
  select c.relname as "table", a.attname as "column",
    format_type(a.atttypid, a.atttypmod)
      || case when a.attnotnull and a.attndims = 0 then ' not null' else '' end as type
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped`
// Prisma knows no partial indexes and none on expressions: those are SQL's own, and left out.
const keysQuery = `
  select c.relname as "table", i.indisprimary as "primary",
    (select string_agg(a.attname, ', ' order by k.place)
     from unnest(i.indkey::int2[]) with ordinality as k (number, place)
     join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
     where k.place <= i.indnkeyatts) as columns
  from pg_index i join pg_class c on c.oid = i.indrelid
  where c.relnamespace = 'public'::regnamespace and i.indisunique and i.indpred is null and i.indexprs is null`

/** Tables as a fresh database has them after all migrations. */
async function migratedTables(client: pg.Client): Promise<Map<string, Table>> {
  const columns = await client.query<{ table: string; column: string; type: string }>(columnsQuery)
  const keys = await client.query<{ table: string; primary: boolean; columns: string }>(keysQuery)
  const names = new Set(columns.rows.map(({ table }) => table))
  names.delete('_prisma_migrations')
  return new Map(
    [...names].map((name) => {
      const own = keys.rows.filter(({ table }) => table === name)
      const ofTable = columns.rows.filter(({ table }) => table === name)
      return [
        name,
        {
          columns: Object.fromEntries(ofTable.map(({ column, type }) => [column, type])),
          primaryKey: own.find(({ primary }) => primary)?.columns ?? '',
          unique: own.flatMap(({ primary, columns: list }) => (primary ? [] : [list])).sort(),
        },
      ]
    }),
  )
}

describe.each([...serviceNames])('schema.prisma of %s', (name) => {
  const declared = declaredTables(readFileSync(join(services, name, 'prisma/schema.prisma'), 'utf8'))
  let database: TestDatabase
  let client: pg.Client
  let migrated: Map<string, Table>

  beforeAll(async () => {
    database = await testDatabase(`drift_${name}`)
    await migrate(database.url, join(services, name, 'prisma/migrations'))
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    migrated = await migratedTables(client)
  })

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  test('knows the tables that the migrations make', () => {
    expect([...declared.keys(), ...(sqlOnly[name] ?? [])].sort()).toEqual([...migrated.keys()].sort())
  })

  test.each([...declared.keys()])('tells %s as it is: columns, types, what may be null, keys', (table) => {
    expect(declared.get(table)).toEqual(migrated.get(table))
  })
})
