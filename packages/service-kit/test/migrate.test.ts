import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testDatabase, type TestDatabase } from '@stockline/test-kit'
import pg from 'pg'
import { migrate } from '../src/migrate.ts'
import { migrationFolder } from './kit.database.ts'

const first = '20260101000000_first'
const second = '20260102000000_second'
let database: TestDatabase
let folder: string

beforeEach(async () => {
  database = await testDatabase('migrate')
  folder = migrationFolder({
    [first]: 'create table a (id int)',
    [second]: 'alter table a add b text; create table c (id int)',
  })
})
afterEach(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

async function ask<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

test("what is missing is applied in order, and recorded in Prisma's form", async () => {
  const applied = await migrate(database.url, folder)
  expect(applied.slice(-2)).toEqual([first, second])
  expect(await migrate(database.url, folder)).toEqual([])
  const rows = await ask(
    'select migration_name, checksum, applied_steps_count, finished_at is not null as finished, rolled_back_at from _prisma_migrations order by 1',
  )
  const checksum = (text: string) => createHash('sha256').update(text).digest('hex')
  expect(rows).toEqual([
    {
      migration_name: first,
      checksum: checksum('create table a (id int)'),
      applied_steps_count: 1,
      finished: true,
      rolled_back_at: null,
    },
    {
      migration_name: second,
      checksum: checksum('alter table a add b text; create table c (id int)'),
      applied_steps_count: 1,
      finished: true,
      rolled_back_at: null,
    },
  ])
  expect((await ask('select migration_name from kit.migrations')).length).toBeGreaterThan(0)
})

test('four at once: one applies, the others find nothing to do', async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url, folder)))
  expect(results.filter((applied) => applied.length > 0)).toHaveLength(1)
})

test('one that fails is rolled back whole and named, and what came before stays', async () => {
  writeFileSync(join(folder, second, 'migration.sql'), 'create table half (id int); select 1 / 0')
  await expect(migrate(database.url, folder)).rejects.toThrow(
    `The migration ${second} failed and was rolled back: division by zero`,
  )
  expect(await ask(`select to_regclass('a') is not null as a, to_regclass('half') as half`)).toEqual([
    { a: true, half: null },
  ])
  writeFileSync(join(folder, second, 'migration.sql'), 'create table whole (id int)')
  expect(await migrate(database.url, folder)).toEqual([second])
})

test('one that was edited after it was applied is an error in one sentence', async () => {
  await migrate(database.url, folder)
  writeFileSync(join(folder, first, 'migration.sql'), 'create table a (id bigint)')
  await expect(migrate(database.url, folder)).rejects.toThrow(`The migration ${first} was edited after it was applied.`)
})

test('a database that is newer than this version says so', async () => {
  await migrate(database.url, folder)
  rmSync(join(folder, second), { recursive: true })
  await expect(migrate(database.url, folder)).rejects.toThrow(/which this version does not know/)
})
