import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Event } from '@stockline/contracts/envelope'
import { testDatabase, type TestDatabase } from '@stockline/test-kit'
import { Registry } from 'prom-client'
import type { EventBus } from '../src/bus/bus.ts'
import { openEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import { startMessaging, type Messaging } from '../src/messaging/messaging.ts'
import { countUnknownFields } from '../src/messaging/messaging.metrics.ts'
import { event, publish } from '../src/messaging/outbox.ts'
import { batchReaction, reaction, type Reaction } from '../src/messaging/reactions.ts'
import { sql, type Tx } from '../src/database/transaction.ts'
import { noted, outsideNoted } from './kit.contracts.ts'
import { kitDatabase, silent, systemOrigin, until, type KitDatabase } from './kit.database.ts'

const topics = [
  { name: 'notes', partitions: 4 },
  { name: 'outside', partitions: 4 },
  { name: 'seldom', partitions: 1 },
]
let busDatabase: TestDatabase
let bus: EventBus
let writer: KitDatabase
let writerMessaging: Messaging

const openBus = () => openEmbeddedBus({ url: busDatabase.url, topics, logger: silent })
const fatal = (error: Error) => {
  throw error
}

beforeAll(async () => {
  busDatabase = await testDatabase('bus')
  bus = await openBus()
  writer = await kitDatabase('writer')
  const registry = new Registry()
  writerMessaging = await startMessaging({
    service: 'writer',
    db: writer.db,
    bus,
    reactions: [],
    log: silent,
    metrics: { registry, unknownFields: countUnknownFields(registry) },
    onFatal: fatal,
  })
})
afterAll(async () => {
  await writerMessaging.stop()
  await bus.close()
  await writer.end()
  await busDatabase.drop()
})

const say = (subject: string, ...texts: string[]) =>
  writer.db.transaction(systemOrigin(), (tx) => publish(tx, ...texts.map((text) => event(noted, subject, { text }))))

async function withReader(
  reactions: readonly Reaction[],
  work: (reader: KitDatabase, messaging: Messaging, registry: Registry) => Promise<void>,
  service: string,
): Promise<void> {
  const reader = await kitDatabase(service)
  const ownBus = await openBus()
  const registry = new Registry()
  const messaging = await startMessaging({
    service,
    db: reader.db,
    bus: ownBus,
    reactions,
    log: silent,
    metrics: { registry, unknownFields: countUnknownFields(registry) },
    onFatal: fatal,
  })
  try {
    await work(reader, messaging, registry)
  } finally {
    await messaging.stop()
    await ownBus.close()
    await reader.end()
  }
}

describe('from one service to another over the bus', () => {
  test('what is committed arrives once, in order, with cause and correlation', async () => {
    const seen: Event[] = []
    const write = sql('insert into note (text) values ($1)')
    const heed = reaction(noted, {
      react: async (tx: Tx, one) => {
        seen.push(one)
        await tx.query(write, [one.data.text])
        await publish(tx, event(outsideNoted, one.subject, { text: `echo ${one.data.text}` }))
      },
    })
    await withReader(
      [heed],
      async (reader) => {
        await writer.db.transaction({ actor: { id: 'u', name: 'Ann' }, correlationId: 'corr-1' }, (tx) =>
          publish(tx, event(noted, 'first', { text: 'hello' }), event(noted, 'first', { text: 'world' })),
        )
        await until(async () => (await reader.notes()).length >= 2)
        expect(await reader.notes()).toEqual(['hello', 'world'])
        const [echo] = await reader.rows<{ value: string }>('select value from kit.outbox order by position')
        expect(JSON.parse(echo!.value)).toMatchObject({
          correlationid: 'corr-1',
          causationid: seen[0]!.id,
          actor: JSON.stringify({ id: 'u', name: 'Ann' }),
        })
      },
      'reader_one',
    )
  })

  test('metrics say how deep the outbox is, how far the reader lags, what is parked, and which number is missing', async () => {
    const stumble = reaction(noted, {
      parkBy: (one) => one.data.text,
      react: (_tx: Tx, one) => (one.data.text === 'bad' ? Promise.reject(new Error('bad')) : Promise.resolve()),
    })
    await withReader(
      [stumble],
      async (reader, messaging, registry) => {
        await say('metrics', 'good', 'bad')
        await until(async () => (await reader.rows(`select 1 from kit.parked`)).length === 1)
        const early = {
          specversion: '1.0',
          id: 'early',
          source: '/stockline/writer',
          type: noted.type,
          subject: 'gappy',
          sequence: '5',
          data: { text: 'x' },
        }
        await bus.publish([
          { topic: 'notes', message: { key: 'gappy', value: Buffer.from(JSON.stringify(early)), headers: {} } },
        ])
        await bus.publish([{ topic: 'notes', message: { key: 'gappy', value: Buffer.from('no JSON'), headers: {} } }])
        await until(async () => (await reader.rows(`select 1 from kit.quarantine`)).length === 1)
        await until(async () => (await messaging.lag()) === 0n)
        const text = await registry.metrics()
        expect(text).toContain('stockline_parked_events{state="parked"} 1')
        expect(text).toContain('stockline_parked_events{state="gap"} 1')
        expect(text).toContain(
          'stockline_sequence_gap{source="/stockline/writer",topic="notes",subject="gappy",expected="1"} 1',
        )
        expect(text).toContain('stockline_quarantined_messages 1')
        expect(text).toContain('stockline_consumer_lag 0')
        expect(text).toMatch(/stockline_outbox_depth \d/)
        expect(text).toMatch(/stockline_inbox_batch_size_count [1-9]/)
      },
      'reader_two',
    )
  })

  test('a topic to which all reactions are not urgent is taken seldom; with one that is, at once', async () => {
    const told = { ...outsideNoted, type: 'seldom.noted.v1', topics: ['seldom'], topicOf: () => 'seldom' } as const
    const heard = (everyMs: number | undefined, texts: string[]) =>
      batchReaction<unknown, [typeof told]>({
        contracts: [told],
        ...(everyMs === undefined ? {} : { everyMs }),
        react: (_tx, events) => {
          texts.push(...events.map(({ data }) => data.text))
          return Promise.resolve()
        },
      })
    const tell = (text: string) =>
      writer.db.transaction(systemOrigin(), (tx) => publish(tx, event(told, 'notebook', { text })))
    const [seldom, beside, atOnce]: [string[], string[], string[]] = [[], [], []]
    const hour = 3_600_000
    await withReader(
      [heard(hour, seldom)],
      (_reader, messaging) =>
        withReader(
          [heard(hour, beside), heard(undefined, atOnce)],
          async () => {
            await tell('1')
            await until(() => Promise.resolve(seldom.length === 1 && beside.length === 1))
            await tell('2')
            await tell('3')
            await until(() => Promise.resolve(beside.length === 3))
            expect([seldom, atOnce]).toEqual([['1'], ['1', '2', '3']])
            await until(async () => (await messaging.lag()) === 2n)
          },
          'reader_four',
        ),
      'reader_three',
    )
  })
})

describe('two replicas, killed at any point', () => {
  function member(database: string): ChildProcess {
    const env = { ...process.env, DATABASE_URL: database, BUS_DATABASE_URL: busDatabase.url, NODE_ENV: 'production' }
    return spawn(process.execPath, [join(import.meta.dirname, 'messaging.member.ts')], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  }
  const ready = (child: ChildProcess) => once(child.stdout!, 'data')

  test('lose nothing, double nothing, keep the order of each subject, and send what they have to say', async () => {
    const reader = await kitDatabase('reader')
    const before = await writer.rows<{ events: bigint }>('select count(*) as events from kit.outbox')
    const members = [member(reader.url), member(reader.url)]
    await Promise.all(members.map(ready))
    const subjects = Array.from({ length: 8 }, (_, n) => `kill-${n}`)
    let written = 0
    for (let round = 0; round < 8; round += 1) {
      for (let burst = 0; burst < 5; burst += 1) {
        await Promise.all(
          subjects.map((subject) =>
            say(subject, ...Array.from({ length: 5 }, (_, n) => `${subject}:${round}.${burst}.${n}`)),
          ),
        )
        written += subjects.length * 5
      }
      const victim = members[round % 2]!
      victim.kill('SIGKILL')
      const next = member(reader.url)
      members[round % 2] = next
      await ready(next)
    }
    const total = Number(before[0]!.events) + written
    await until(
      async () => (await reader.notes()).filter((text) => text.startsWith('kill-')).length >= written,
      'all notes',
      60_000,
    )
    await until(
      async () => (await reader.rows('select 1 from kit.outbox where published_at is null')).length === 0,
      'an empty outbox',
      20_000,
    )
    const notes = (await reader.notes()).filter((text) => text.startsWith('kill-'))
    expect(new Set(notes).size).toBe(written)
    expect(notes).toHaveLength(written)
    const said = (
      await writer.rows<{ text: string }>(
        `select value::json -> 'data' ->> 'text' as text from kit.outbox where subject like 'kill-%' order by position`,
      )
    ).map((row) => row.text)
    for (const subject of subjects) {
      const of = (texts: readonly string[]) => texts.filter((text) => text.startsWith(`${subject}:`))
      expect(of(notes)).toEqual(of(said))
    }
    const counted = await reader.rows<{ gaps: bigint }>(
      'select count(*) as gaps from (select subject, max(sequence) - count(*) as gap from kit.outbox group by subject) as counted where gap <> 0',
    )
    expect(counted).toEqual([{ gaps: 0n }])
    expect(await reader.rows(`select 1 from kit.parked where subject like 'kill-%'`)).toEqual([])
    expect((await reader.rows('select 1 from kit.inbox')).length).toBeLessThanOrEqual(total)
    for (const child of members) {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }
    await reader.end()
  }, 120_000)
})
