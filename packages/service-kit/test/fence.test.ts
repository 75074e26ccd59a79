/** A database that falls back is written to by nobody until it was reconciled with the bus. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { testDatabase } from '@stockline/test-kit'
import pg from 'pg'
import { openEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import type { EventBus } from '../src/bus/bus.ts'
import { HistoryUnsure } from '../src/database/write-gate.ts'
import { createFence, type Fence } from '../src/messaging/history/fence.ts'
import { isFault } from '../src/runtime/fault.ts'
import { startMessaging, type Messaging } from '../src/messaging/messaging.ts'
import { event, publish } from '../src/messaging/outbox.ts'
import { reaction } from '../src/messaging/reactions.ts'
import { openDatabase, type Database, type Tx } from '../src/database/transaction.ts'
import { noted, outsideNoted } from './kit.contracts.ts'
import { kitDatabase, silent, systemOrigin, theirs, until, writeNote, type KitDatabase } from './kit.database.ts'

const topics = [
  { name: 'notes', partitions: 3 },
  { name: 'outside', partitions: 3 },
]

let kit: KitDatabase
let busDatabase: Awaited<ReturnType<typeof testDatabase>>
let bus: EventBus
let running: { db: Database; fence: Fence; messaging: Messaging; bus: EventBus }[]
beforeEach(async () => {
  kit = await kitDatabase('fenced')
  busDatabase = await testDatabase('fenced_bus')
  bus = await openEmbeddedBus({ url: busDatabase.url, topics, logger: silent })
  running = []
})
afterEach(async () => {
  for (const one of running) await ended(one)
  await bus.close()
  await busDatabase.drop()
  await kit.end()
})

async function started(url = kit.url) {
  const fence = createFence()
  const db = openDatabase({ url, service: 'fenced', gate: fence })
  const own = await openEmbeddedBus({ url: busDatabase.url, topics, logger: silent })
  const note = reaction(noted, {
    react: async (tx: Tx, { data }: { data: { text: string } }) => {
      await tx.query(writeNote, [data.text])
    },
  })
  const messaging = await startMessaging({
    service: 'fenced',
    db,
    bus: own,
    fence,
    publishes: ['outside'],
    reactions: [note],
    log: silent,
    onFatal: () => undefined,
  })
  const one = { db, fence, messaging, bus: own }
  running.push(one)
  return one
}

async function ended(one: (typeof running)[number]): Promise<void> {
  await one.messaging.stop()
  await one.bus.close()
  await one.db.close()
  running = running.filter((other) => other !== one)
}

const say = (db: Database, text: string, subject = 'book') =>
  db.transaction(systemOrigin(), (tx) => publish(tx, event(outsideNoted, subject, { text })))
const bytesOf = (text: string): Buffer | null => Buffer.from(JSON.stringify(theirs(text, { subject: text })))
const hear = (text: string) =>
  bus.publish([{ topic: 'notes', message: { key: text, value: bytesOf(text) ?? Buffer.alloc(0), headers: {} } }])
const sentAll = () =>
  until(async () => (await kit.rows('select 1 from kit.outbox where published_at is null')).length === 0)
const admin = async (work: (client: pg.Client) => Promise<void>) => {
  const url = new URL(kit.url)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
const nameOf = (url: string) => new URL(url).pathname.slice(1)
/** Nobody is connected any more. One that was just connecting may come in late. */
const cut = (client: pg.Client, name: string) =>
  until(async () => {
    const { rowCount } = await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
      [name],
    )
    return rowCount === 0
  })

/** A copy of the database as it is now; given back with how to put it in the place of the database, as a restore does. */
async function copied(): Promise<{ restore: () => Promise<void> }> {
  const name = nameOf(kit.url)
  await admin(async (client) => {
    await client.query(`alter database "${name}" allow_connections false`)
    await cut(client, name)
    await client.query(`create database "${name}_copy" template "${name}"`)
    await client.query(`alter database "${name}" allow_connections true`)
  })
  const restore = () =>
    admin(async (client) => {
      await client.query(`alter database "${name}" allow_connections false`)
      await cut(client, name)
      await client.query(`alter database "${name}" rename to "${name}_gone"`)
      await client.query(`alter database "${name}_copy" rename to "${name}"`)
      await client.query(`drop database "${name}_gone"`)
    })
  return { restore }
}

describe('a database that falls back', () => {
  test('while the service is stopped is noticed at its start, and nothing is written', async () => {
    const one = await started()
    await say(one.db, 'first')
    await sentAll()
    await ended(one)
    const copy = await copied()
    const two = await started()
    for (const n of [1, 2, 3]) await say(two.db, `lost ${String(n)}`, `book ${String(n)}`)
    await sentAll()
    await ended(two)
    await copy.restore()

    const three = await started()
    await expect(say(three.db, 'again')).rejects.toThrow('the bus has 3 events of /stockline/fenced that it lacks')
    const error: unknown = await say(three.db, 'again').catch((thrown: unknown) => thrown)
    expect([error instanceof HistoryUnsure, isFault(error)]).toEqual([true, true])
    await expect(three.fence.check()).rejects.toThrow('`pnpm reconcile`')
    expect(three.fence.missing()).toBe(3)
    expect(await three.db.query<{ id: string }>({ name: undefined, text: 'select id from kit.outbox' })).toHaveLength(1)
    expect(three.messaging.isRelaying()).toBe(false)
    // Nor is anything taken.
    await hear('heard')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await kit.notes()).toEqual([])
  })

  test('while the service runs is noticed before the first write, in each of its processes', async () => {
    const [one, two] = [await started(), await started()]
    await say(one.db, 'first')
    await sentAll()
    const copy = await copied()
    await until(() =>
      say(one.db, 'lost')
        .then(() => true)
        .catch(() => false),
    )
    await sentAll()
    await copy.restore()
    const tried = await Promise.all(
      [one, two, one, two].map(({ db }, n) =>
        say(db, `try ${String(n)}`)
          .then(() => 'written')
          .catch(() => 'refused'),
      ),
    )
    expect(tried).toEqual(['refused', 'refused', 'refused', 'refused'])
    await until(() => one.fence.missing() === 1 && two.fence.missing() === 1)
    expect(await kit.rows('select 1 from kit.outbox')).toHaveLength(1)
  })

  test('and lost only what it had taken, reads that again', async () => {
    const one = await started()
    await hear('a')
    await until(async () => (await kit.notes()).length === 1)
    const copy = await copied()
    await hear('b')
    await hear('c')
    await until(async () => (await kit.notes().catch(() => [])).length === 3)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await copy.restore()
    await until(async () => (await kit.notes().catch(() => [])).length === 3, 'b and c are read again', 20_000)
    expect((await kit.notes()).sort()).toEqual(['a', 'b', 'c'])
    await say(one.db, 'goes on')
  })
})

describe('what the version before set aside at the end of a partition', () => {
  /** As 0.1.0 wrote them: without a digest, and nothing of it in the inbox. */
  const setAside = (text: string, value = bytesOf(text)) =>
    kit.rows(
      `insert into kit.quarantine (id, topic, partition, message_offset, message_key, headers, value, reason, faults)
       values (gen_random_uuid(), 'notes', $2, 0, $1, '{}', $3, 'envelope', '[]')`,
      text,
      partitions.get(text),
      value,
    )
  const partitions = new Map<string, number>()
  const forgotten = async (...texts: string[]) => {
    const one = await started()
    for (const text of texts) await hear(text)
    await until(async () => (await kit.notes()).length === texts.length)
    const states = await bus.stateOf('fenced', ['notes'])
    const lying = await bus.read(states.map((state) => ({ ...state, from: state.first, to: state.next })))
    for (const { key, partition, offset } of lying) if (offset === 0n) partitions.set(key ?? '', partition)
    await until(async () => (await one.messaging.lag()) === 0n)
    await ended(one)
    await kit.rows('delete from kit.inbox')
    await kit.rows('delete from note')
  }

  test.each([
    ['and could be read now, is not read again', 'a', undefined, []],
    ['with other bytes, does not hide what lies there now', 'b', Buffer.from('{}'), ['b']],
    ['without a value, does not hide it either', 'c', null, ['c']],
  ])('%s', async (_what, text, value, notes) => {
    await forgotten(text)
    await setAside(text, value)
    const one = await started()
    await hear('later')
    await until(async () => (await kit.notes()).length === notes.length + 1)
    expect((await kit.notes()).sort()).toEqual([...notes, 'later'])
    expect(await one.fence.check()).toBe('as on the bus')
  })
})

describe('is let through', () => {
  test('a server that was only cut off or started again, and a database that has nothing', async () => {
    const one = await started()
    await say(one.db, 'first')
    await admin(async (client) => {
      await cut(client, nameOf(kit.url))
    })
    await until(() =>
      say(one.db, 'second')
        .then(() => true)
        .catch(() => false),
    )
    expect(await one.fence.check()).toBe('as on the bus')
    await ended(one)
    const two = await started()
    await say(two.db, 'third')
  })

  test('what was sent before messages told their place, beside foreign messages', async () => {
    const one = await started()
    await say(one.db, 'first')
    await sentAll()
    await ended(one)
    const [row] = await kit.rows<{ value: string }>('select value from kit.outbox')
    const foreign = { key: 'book', value: Buffer.from('{"source":"/erp"}'), headers: {} }
    const plain = { key: 'book', value: Buffer.from(row?.value ?? ''), headers: {} }
    await bus.publish(
      [plain, ...Array.from({ length: 100 }, () => foreign)].map((message) => ({ topic: 'outside', message })),
    )
    const two = await started()
    await say(two.db, 'second')
  })

  test('while the bus is away, a database whose server goes on as it was compared', async () => {
    const one = await started()
    await say(one.db, 'first')
    await ended(one)
    const fence = createFence()
    const db = openDatabase({ url: kit.url, service: 'fenced', gate: fence })
    const away = Object.create(bus, { stateOf: { value: () => Promise.reject(new Error('away')) } }) as EventBus
    const consuming = { start: () => Promise.resolve(), stop: () => Promise.resolve() }
    const reader = { message: () => ({ kind: 'other' as const, id: '', stream: undefined }) }
    await fence.guard({
      db,
      bus: away,
      group: 'fenced',
      publishes: ['outside'],
      reads: [],
      reader,
      consuming,
      log: silent,
    })
    await say(db, 'second')
    await expect(fence.check()).rejects.toThrow('The bus does not answer')
    await kit.rows(`update kit.compared_history set history = 'another'`)
    const other = createFence()
    await other.guard({
      db,
      bus: away,
      group: 'fenced',
      publishes: ['outside'],
      reads: [],
      reader,
      consuming,
      log: silent,
    })
    expect(other.isOpen()).toBe(false)
    await Promise.all([fence.stop(), other.stop()])
    await db.close()
  })
})
