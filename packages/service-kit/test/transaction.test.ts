import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { PrismaPg } from '@prisma/adapter-pg'
import { refuse, Refused } from '../src/refusal.ts'
import { openDatabase, sql, systemOrigin, type Database } from '../src/database/transaction.ts'
import { kitDatabase, until, writeNote, type KitDatabase } from './kit.database.ts'

/** The part of the generated client that these tests use. */
interface Prisma {
  $queryRaw<T>(text: TemplateStringsArray, ...values: unknown[]): Promise<T>
  $transaction(calls: readonly unknown[]): Promise<unknown>
  readonly shelf: {
    create(what: object): Promise<{ id: bigint }>
    upsert(what: object): Promise<{ id: bigint }>
    findUnique(what: object): Promise<{ code: string } | null>
    count(): Promise<number>
  }
}

const repository = join(import.meta.dirname, '../../..')
const origin = systemOrigin()
const pid = sql('select pg_backend_pid() as pid')
const countShelves = sql('select count(*) as shelves from prisma_shelf')
const everyType = sql(`select 12345678901234567890::numeric(30,6) as amount, 9007199254740993::int8 as big,
  date '2026-04-23' as day, '{"a":1}'::jsonb as json, array[1.5, 2]::numeric[] as amounts, array[1,2]::int8[] as bigs,
  array[date '2026-04-23'] as days, timestamptz '2026-04-23T08:00:00Z' as at`)

let kit: KitDatabase
let db: Database<Prisma>
let makeClient: (adapter: PrismaPg) => Prisma

beforeAll(async () => {
  const schema = join(import.meta.dirname, 'prisma/schema.prisma')
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' }
  const generate = [
    join(repository, 'node_modules/prisma/build/index.js'),
    'generate',
    '--schema',
    schema,
    '--no-hints',
  ]
  execFileSync(process.execPath, generate, { env, stdio: 'ignore' })
  const generated = (await import(join(import.meta.dirname, 'generated/client.ts'))) as {
    PrismaClient: new (options: { adapter: PrismaPg }) => Prisma
  }
  makeClient = (adapter) => new generated.PrismaClient({ adapter })
})
afterAll(() => rmSync(join(import.meta.dirname, 'generated'), { recursive: true, force: true }))

beforeEach(async () => {
  kit = await kitDatabase()
  await kit.rows('create table prisma_shelf (id bigserial primary key, code text not null unique)')
  await kit.rows(
    'create table prisma_box (id bigserial primary key, label text not null unique, shelf_id bigint not null references prisma_shelf)',
  )
  db = openDatabase({ url: kit.url, service: 'kit', prisma: makeClient })
})
afterEach(async () => {
  await db.close()
  await kit.end()
})

describe('one transaction is one connection', () => {
  test('Prisma and named statements run on the same backend, also with many transactions at once', async () => {
    const once = () =>
      db.transaction(origin, async (tx) => {
        const ask = () => tx.prisma.$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`
        const [before] = await ask()
        const [own] = await tx.query<{ pid: number }>(pid)
        const [after] = await ask()
        return new Set([before!.pid, own!.pid, after!.pid]).size
      })
    const sizes = await Promise.all(Array.from({ length: 40 }, once))
    expect(sizes).toEqual(Array.from({ length: 40 }, () => 1))
  })

  test('a nested create of Prisma does not commit early, and rolls back with the transaction', async () => {
    await db.transaction(origin, async (tx) => {
      await tx.prisma.shelf.create({ data: { code: 'A', boxes: { create: [{ label: 'a1' }, { label: 'a2' }] } } })
      expect(await tx.query(countShelves)).toEqual([{ shelves: 1n }])
      expect(await db.query(countShelves)).toEqual([{ shelves: 0n }])
    })
    expect(await db.query(countShelves)).toEqual([{ shelves: 1n }])
    const failing = db.transaction(origin, async (tx) => {
      await tx.prisma.shelf.create({ data: { code: 'B', boxes: { create: [{ label: 'b1' }] } } })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await db.query(countShelves)).toEqual([{ shelves: 1n }])
  })

  test("a failed nested transaction of Prisma's leaves the outer one usable", async () => {
    await db.transaction(origin, async (tx) => {
      await tx.prisma.shelf.create({ data: { code: 'A', boxes: { create: [{ label: 'x' }] } } })
      const twice = { data: { code: 'B', boxes: { create: [{ label: 'y' }, { label: 'x' }] } } }
      await expect(tx.prisma.shelf.create(twice)).rejects.toThrow(/[Uu]nique/)
      await tx.query(writeNote, ['still here'])
    })
    expect(await kit.notes()).toEqual(['still here'])
    expect(await db.prisma.shelf.count()).toBe(1)
  })

  test('nested writes that are made at once take turns', async () => {
    await db.transaction(origin, (tx) =>
      Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          tx.prisma.shelf.create({ data: { code: `S${n}`, boxes: { create: [{ label: `l${n}` }] } } }),
        ),
      ),
    )
    expect(await db.prisma.shelf.count()).toBe(10)
  })

  test('findUnique of two transactions is never merged into one query', async () => {
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        db.transaction(origin, async (tx) => {
          await tx.prisma.shelf.create({ data: { code: `only-${n}` } })
          return tx.prisma.shelf.findUnique({ where: { code: `only-${n}` } })
        }),
      ),
    )
    expect(seen.map((shelf) => shelf?.code)).toEqual(Array.from({ length: 20 }, (_, n) => `only-${n}`))
  })

  test('$transaction([…]) inside a transaction is refused in words', async () => {
    const inside = db.transaction(origin, (tx) => tx.prisma.$transaction([tx.prisma.shelf.count()]))
    await expect(inside).rejects.toThrow(/await the calls one by one/)
  })

  test('statements sent together are answered in order', async () => {
    const one = sql('select $1::int as n')
    const rows = await db.transaction(origin, (tx) =>
      Promise.all(Array.from({ length: 50 }, (_, n) => tx.query<{ n: number }>(one, [n]))),
    )
    expect(rows.map(([row]) => row!.n)).toEqual(Array.from({ length: 50 }, (_, n) => n))
  })
})

describe('how a transaction ends', () => {
  test('a refusal rolls back and is the answer, returned or thrown', async () => {
    const refusal = refuse('no', 'state', 'No.')
    const returned = await db.transaction(origin, async (tx) => {
      await tx.query(writeNote, ['a'])
      return refusal
    })
    expect(returned).toEqual(refusal)
    const thrown = db.transaction(origin, async (tx) => {
      await tx.query(writeNote, ['b'])
      throw new Refused(refusal)
    })
    await expect(thrown).rejects.toThrow(Refused)
    expect(await kit.notes()).toEqual([])
  })

  test('an error that was swallowed is found at the commit', async () => {
    const swallowing = db.transaction(origin, async (tx) => {
      await tx.query(writeNote, ['a'])
      await tx.query(writeNote, ['a']).catch(() => undefined)
    })
    await expect(swallowing).rejects.toThrow(/nothing was committed/)
    expect(await kit.notes()).toEqual([])
  })

  test('a transaction inside a transaction is refused, and so is one that has ended', async () => {
    const nested = db.transaction(origin, () => db.transaction(origin, () => Promise.resolve()))
    await expect(nested).rejects.toThrow(/already running/)
    const ended = await db.transaction(origin, (tx) => Promise.resolve({ tx }))
    expect(() => ended.tx.query(pid)).toThrow(/has ended/)
  })

  test('effects run after the commit, once each, and not after a rollback', async () => {
    const ran: string[] = []
    db.onSignal('outbox', () => ran.push('signal'))
    await db.transaction(origin, async (tx) => {
      tx.afterCommit(() => ran.push('effect'))
      tx.signal('outbox')
      tx.signal('outbox')
      await tx.query(writeNote, ['a'])
      expect(ran).toEqual([])
    })
    const failing = db.transaction(origin, (tx) => {
      tx.signal('outbox')
      return Promise.reject(new Error('no'))
    })
    await expect(failing).rejects.toThrow('no')
    expect(ran).toEqual(['effect', 'signal'])
  })

  test('a deadlock is tried again and ends well', async () => {
    await kit.rows(`insert into shelf (code) values ('A'), ('B')`)
    const take = sql('select code from shelf where code = $1 for update')
    let met = 0
    const both = (first: string, second: string) =>
      db.transaction(origin, async (tx) => {
        await tx.query(take, [first])
        met += 1
        await until(() => met >= 2)
        await tx.query(take, [second])
      })
    await Promise.all([both('A', 'B'), both('B', 'A')])
    // The one that gives way may be quicker than the other, and meet it once more.
    expect(met).toBeGreaterThanOrEqual(3)
  })

  test('a connection killed by the server is replaced', async () => {
    const kill = sql('select pg_terminate_backend(pg_backend_pid())')
    await expect(db.transaction(origin, (tx) => tx.query(kill))).rejects.toThrow()
    await db.transaction(origin, (tx) => tx.query(writeNote, ['after']))
    expect(await kit.notes()).toEqual(['after'])
  })
})

test('a survey takes values and plans freely, and leaves its connection as it was', async () => {
  const db = openDatabase({ url: kit.url, service: 'kit', size: 1 })
  try {
    const settings = `current_setting('enable_hashjoin') as "hashJoin", pg_backend_pid() as pid`
    const [inside] = await db.queryWholeTables<{ hashJoin: string; pid: number }>(
      sql(`select $1::text as given, ${settings}`),
      ['x'],
    )
    const [after] = await db.query<{ hashJoin: string; pid: number }>(sql(`select ${settings}`))
    expect(inside).toMatchObject({ given: 'x', hashJoin: 'on' })
    expect(after).toEqual({ hashJoin: 'off', pid: inside?.pid })
  } finally {
    await db.close()
  }
})

test('values arrive exact', async () => {
  const [row] = await db.query<Record<string, unknown>>(everyType)
  expect(row).toEqual({
    amount: '12345678901234567890.000000',
    big: 9007199254740993n,
    day: '2026-04-23',
    json: { a: 1 },
    amounts: ['1.5', '2'],
    bigs: [1n, 2n],
    days: ['2026-04-23'],
    at: new Date('2026-04-23T08:00:00Z'),
  })
})
