import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { pgbouncerMissing, startPgbouncer, testDatabase, type Pgbouncer, type TestDatabase } from '@stockline/test-kit'
import pg from 'pg'
import { openEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import { CannotStart } from '../src/runtime/cannot-start.ts'
import type { EventBus } from '../src/bus/bus.ts'
import { event, publish } from '../src/messaging/outbox.ts'
import { checkDatabase } from '../src/database/postgres.connect.ts'
import { connectOptions } from '../src/database/transaction.connection.ts'
import { openDatabase, sql, systemOrigin } from '../src/database/transaction.ts'
import { startRelay } from '../src/messaging/relay.ts'
import { noted } from './kit.contracts.ts'
import { kitDatabase, silent, until } from './kit.database.ts'
import { startThings } from './things.ts'

const shown = sql(`
  select name, setting from pg_settings
  where name in ('plan_cache_mode', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit', 'DateStyle',
                 'max_parallel_workers_per_gather', 'default_transaction_isolation')
  order by name`)

/** What every statement of a service is to find. */
const held = {
  DateStyle: 'ISO, MDY',
  default_transaction_isolation: 'read committed',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  plan_cache_mode: 'force_generic_plan',
}

async function settingsAt(url: string): Promise<Record<string, string>> {
  const db = openDatabase({ url, service: 'settings' })
  try {
    const rows = await db.query<{ name: string; setting: string }>(shown)
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
  } finally {
    await db.close()
  }
}

async function execute(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}

function check(url: string): Promise<void> {
  return checkDatabase('The database', connectOptions({ url, service: 'check' }))
}

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('pooler')
})
afterAll(() => database.drop())

describe('the settings of a session', () => {
  test('are set by us', async () => expect(await settingsAt(database.url)).toEqual(held))

  test('hold against those of the database and the role', async () => {
    const own = await testDatabase('strange')
    const name = new URL(own.url).pathname.slice(1)
    for (const setting of [`DateStyle to 'German'`, 'jit to on', 'default_transaction_isolation to serializable'])
      await execute(own.url, `alter database ${name} set ${setting}`)
    expect(await settingsAt(own.url)).toEqual(held)
    await own.drop()
  })

  test.each([
    ['-c enable_seqscan=on', { enable_seqscan: 'on' }],
    ['-cenable_seqscan=on --jit=on', { enable_seqscan: 'on', jit: 'on' }],
    ['--default-transaction-isolation=repeatable\\ read', { default_transaction_isolation: 'repeatable read' }],
  ])('give way to what the address says: %s', async (options, changed) => {
    const url = `${database.url}?options=${encodeURIComponent(options)}`
    expect(await settingsAt(url)).toEqual({ ...held, ...changed })
    await check(url)
  })

  test.each([
    ['jit=perhaps', 'parameter "jit" requires a Boolean value.'],
    ['jut=on', 'unrecognized configuration parameter "jut".'],
    ['work_mem=-7', '-7 kB is outside the valid range for parameter "work_mem" (64 kB .. 2147483647 kB).'],
    ['ssl=on', 'parameter "ssl" cannot be changed now.'],
  ])('that the server does not take are told: %s', async (setting, why) => {
    const sentence = `The server does not take a setting that the address asks for: ${why}`
    await expect(check(`${database.url}?options=-c%20${setting}`)).rejects.toThrow(new CannotStart(sentence, 2))
  })
})

const missing = pgbouncerMissing()
const describePooler = missing === undefined ? describe : describe.skip

describePooler(missing === undefined ? 'behind pgbouncer' : `behind pgbouncer is skipped, because ${missing}`, () => {
  const ways = [
    ['that resets by DISCARD ALL', ['server_reset_query = DISCARD ALL']],
    ['that drops start-up options in silence', ['ignore_startup_parameters = options, extra_float_digits']],
  ] as const

  describe.each(ways)('in session mode %s', (_name, more) => {
    let pooler: Pgbouncer
    beforeAll(async () => {
      pooler = await startPgbouncer({
        server: database.url,
        poolMode: 'session',
        more: [...more, 'default_pool_size = 40'],
      })
    })
    afterAll(() => pooler.stop())

    test('settings hold in each session, also where a server connection is used again', async () => {
      const url = pooler.through(database.url)
      await check(url)
      for (const _ of [1, 2, 3]) expect(await settingsAt(url)).toEqual(held)
    })

    test('what is locked is locked once, and free when its holder has gone', async () => {
      const kit = await kitDatabase('pooled')
      const url = pooler.through(kit.url)
      const sent: string[] = []
      const members = ['one', 'other'].map((name) => {
        const db = openDatabase({ url, service: 'kit' })
        return { db, relay: startRelay({ db, bus: collector(name, sent), log: silent, idleMs: 20, standbyMs: 20 }) }
      })
      await until(() => members.some(({ relay }) => relay.isActive()), 'a relay is active')
      const say = (text: string) =>
        kit.db.transaction(systemOrigin(), (tx) => publish(tx, event(noted, 'book', { text })))
      for (const text of ['1', '2', '3']) await say(text)
      await until(() => sent.length === 3, 'three are sent')
      expect(members.filter(({ relay }) => relay.isActive())).toHaveLength(1)
      expect(new Set(sent).size).toBe(1)
      await members.find(({ relay }) => relay.isActive())?.relay.stop()
      await say('4')
      await until(() => sent.length === 4, 'the other takes over')
      for (const { db, relay } of members) {
        await relay.stop()
        await db.close()
      }
      await kit.end()
    })

    test('a whole service works on it, and on an embedded bus behind it', async () => {
      const bus = await testDatabase('pooled_bus')
      const own = await testDatabase('pooled_things')
      const things = await startThings({
        THINGS_DATABASE_URL: pooler.through(own.url),
        BUS_DATABASE_URL: pooler.through(bus.url),
      })
      const made = await things.client.send('POST', '/v1/things', { body: { name: 'pooled' } })
      expect(made.status).toBe(201)
      expect((await fetch(`${things.service.url}/health/ready`)).status).toBe(200)
      await things.stop()
      await Promise.all([own.drop(), bus.drop()])
    })

    test('a message on the bus is told within a moment, by LISTEN', async () => {
      const bus = await testDatabase('told')
      const opened = await openEmbeddedBus({
        url: pooler.through(bus.url),
        topics: [{ name: 'notes', partitions: 2 }],
        logger: silent,
      })
      const taken: string[] = []
      await opened.subscribe({
        group: 'readers',
        topics: ['notes'],
        onFatal: (error) => taken.push(String(error)),
        handle: (messages) => {
          taken.push(...messages.map((message) => message.value?.toString() ?? ''))
          return Promise.resolve()
        },
      })
      for (const text of ['1', '2', '3']) {
        await opened.publish([{ topic: 'notes', message: { key: 'k', value: Buffer.from(text), headers: {} } }])
        await until(() => taken.at(-1) === text, text)
      }
      expect(taken).toEqual(['1', '2', '3'])
      await opened.close()
      await bus.drop()
    })
  })

  const sharing = [
    ['transaction', []],
    ['transaction', ['server_round_robin = 1']],
    ['transaction', ['default_pool_size = 2']],
    ['statement', []],
  ] as const
  test.each(sharing)('in %s mode (%j) a start is refused in one sentence', async (poolMode, more) => {
    const pooler = await startPgbouncer({ server: database.url, poolMode, more })
    // Others use the pool meanwhile.
    const others = [1, 2].map(() => new pg.Client({ connectionString: pooler.through(database.url) }))
    for (const other of others) {
      await other.connect()
      await other.query('select 1')
    }
    await expect(check(pooler.through(database.url))).rejects.toThrow(
      /^The database is behind a pooler that changes the session from one transaction to the next: set pool_mode = session/,
    )
    const bus = openEmbeddedBus({ url: pooler.through(database.url), topics: [], logger: silent })
    await expect(bus).rejects.toThrow(/^The database of the embedded bus is behind a pooler/)
    for (const other of others) await other.end()
    await pooler.stop()
  })

  test.each([['session'], ['transaction']] as const)(
    'in %s mode one connection is too few, and told',
    async (poolMode) => {
      const pooler = await startPgbouncer({ server: database.url, poolMode, more: ['default_pool_size = 1'] })
      await expect(check(pooler.through(database.url))).rejects.toThrow(/^The database is behind a pooler/)
      await pooler.stop()
    },
    40_000,
  )
})

/** Of the bus, the relay uses nothing but `publish`: who sent is written down. */
function collector(by: string, sent: string[]): EventBus {
  const publishAll: EventBus['publish'] = (messages) => Promise.resolve(void sent.push(...messages.map(() => by)))
  return { publish: publishAll } as EventBus
}
