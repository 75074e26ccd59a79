import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testDatabase, until, type TestDatabase } from '@stockline/test-kit'
import pg from 'pg'
import { CannotStart } from '../src/runtime/cannot-start.ts'
import { migrate } from '../src/database/migrate.ts'
import { watchVersion } from '../src/process/open.ts'
import { openDatabase } from '../src/database/transaction.ts'
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

describe('a database that a newer version has migrated', () => {
  /** What a version with these migrations does, and after it one that has but the first. */
  async function newerThenOlder(newer: string, versions: readonly [string, string]): Promise<string[]> {
    writeFileSync(join(folder, second, 'migration.sql'), newer)
    await migrate(database.url, folder, { version: versions[0] })
    rmSync(join(folder, second), { recursive: true })
    const said: string[] = []
    await migrate(database.url, folder, { version: versions[1], report: (sentence) => said.push(sentence) })
    return said
  }

  test.each([
    ['that only adds', 'alter table a add b text', '0.2.0'],
    ['that names the version that comes back', '-- lowest version: 0.2.0\nalter table a add b text', '0.2.0'],
    ['that names one before it', 'alter table a add b text;\n-- lowest version: 0.1.9', '0.2.0'],
    ['that names one of another length', '-- lowest version: 0.9.0\nalter table a drop id', '0.10.0'],
  ])('by one %s, may be used, and that is told', async (_name, text, version) => {
    expect(await newerThenOlder(text, ['0.11.0', version])).toEqual([
      `The database has migrations of another version, and may be used: ${second}.`,
    ])
  })

  test.each([
    ['0.3.0', '0.2.0'],
    ['0.2.1', '0.2.0'],
    ['1.0.0', '0.12.7'],
    ['0.2.0', 'unknown'],
  ])('by one that takes %s refuses %s in one sentence, with code 2', async (lowest, version) => {
    const attempt = newerThenOlder(`-- lowest version: ${lowest}\nalter table a drop id`, ['2.0.0', version])
    const sentence = `Version ${version} cannot run on this database: since the migration ${second} it takes ${lowest} or a newer one.`
    await expect(attempt).rejects.toThrow(new CannotStart(sentence, 2))
    await expect(attempt).rejects.toMatchObject({ exitCode: 2 })
  })

  describe('whose events it loosened', () => {
    test.each([
      ['0.3.0', '0.2.0'],
      ['0.10.0', '0.9.9'],
      ['1.0.0', 'unknown'],
    ])('as %s did refuses %s, though nothing was migrated, with code 2', async (lowestBeside, version) => {
      await migrate(database.url, folder, { version: '1.0.0', lowestBeside })
      const attempt = migrate(database.url, folder, { version, lowestBeside: '0.1.0' })
      const sentence = `Version ${version} cannot run on this database: since the events of ${lowestBeside} it takes ${lowestBeside} or a newer one.`
      await expect(attempt).rejects.toThrow(new CannotStart(sentence, 2))
    })

    test.each(['0.2.0', '0.2.1', '0.11.0'])('as 0.2.0 did may be used by %s, which lowers nothing', async (version) => {
      await migrate(database.url, folder, { version: '0.3.0', lowestBeside: '0.2.0' })
      await migrate(database.url, folder, { version, lowestBeside: '0.1.0' })
      expect(await ask('select version, migration from kit.lowest_version')).toEqual([
        { version: '0.2.0', migration: 'the events of 0.2.0' },
      ])
    })
  })

  test('keeps the highest of those that are named', async () => {
    writeFileSync(join(folder, first, 'migration.sql'), '-- lowest version: 0.5.0\ncreate table a (id int)')
    writeFileSync(join(folder, second, 'migration.sql'), '-- lowest version: 0.4.0\ncreate table c (id int)')
    await migrate(database.url, folder, { version: '0.6.0' })
    expect(await ask('select version, migration from kit.lowest_version')).toEqual([
      { version: '0.5.0', migration: first },
    ])
  })

  test('ends a service of a version that may not go on', async () => {
    const error = Promise.withResolvers<Error>()
    await migrate(database.url, folder)
    const db = openDatabase({ url: database.url, service: 'watched' })
    const stop = watchVersion(db, error.resolve, 20)
    await ask(`insert into kit.lowest_version (version, migration) values ('99.0.0', 'x')`)
    expect(await error.promise).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('takes 99.0.0') as unknown,
    })
    stop()
    await db.close()
  })
})

test.each(['-- lowest version 0.3.0', '-- Lowest version: 0.3', '--lowest version: next', '-- lowest version:'])(
  'a line that should name the lowest version and does not is refused: %s',
  async (line) => {
    writeFileSync(join(folder, second, 'migration.sql'), `${line}\ncreate table c (id int)`)
    await expect(migrate(database.url, folder)).rejects.toThrow(
      `The migration ${second} says "${line}", which must be like`,
    )
  },
)

describe('a migration whose table is in use', () => {
  const busy = { lockTimeoutMs: 50, pauseMs: 20 }

  test('lets others pass, and is applied when it is free', async () => {
    await migrate(database.url, folder)
    const third = '20260103000000_third'
    mkdirSync(join(folder, third))
    writeFileSync(join(folder, third, 'migration.sql'), 'alter table a add d text')
    const reader = new pg.Client({ connectionString: database.url })
    await reader.connect()
    await reader.query('begin; select * from a')
    const said: string[] = []
    const migrating = migrate(database.url, folder, { ...busy, report: (sentence) => said.push(sentence) })
    await until('it has waited twice', () => Promise.resolve(said.length >= 2))
    // Whoever comes now is not held up by the waiting one for longer than its lock timeout.
    expect(await ask('select count(*)::int as count from a')).toEqual([{ count: 0 }])
    await reader.query('commit')
    expect(await migrating).toEqual([third])
    expect(said[0]).toBe(
      `The migration ${third} waits, since its tables are in use: canceling statement due to lock timeout.`,
    )
    await reader.end()
  })

  test('is given up in one sentence after its patience', async () => {
    await migrate(database.url, folder)
    const third = '20260103000000_third'
    mkdirSync(join(folder, third))
    writeFileSync(join(folder, third, 'migration.sql'), 'alter table a add d text')
    const reader = new pg.Client({ connectionString: database.url })
    await reader.connect()
    await reader.query('begin; select * from a')
    await expect(migrate(database.url, folder, { ...busy, patienceMs: 200 })).rejects.toThrow(
      `The migration ${third} failed and was rolled back: canceling statement due to lock timeout`,
    )
    await reader.end()
  })
})
