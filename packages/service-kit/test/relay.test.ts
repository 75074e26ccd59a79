import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { envelopeSchema, type Event } from '@stockline/contracts/envelope'
import type { EventBus } from '../src/bus/bus.ts'
import { event, publish } from '../src/messaging/outbox.ts'
import { republish } from '../src/messaging/outbox.republish.ts'
import { startRelay, type Relay } from '../src/messaging/relay.ts'
import { openDatabase, sql } from '../src/database/transaction.ts'
import { erased, noted } from './kit.contracts.ts'
import { kitDatabase, silent, systemOrigin, until, writeNote, type KitDatabase } from './kit.database.ts'

type Sent = {
  readonly by: string
  readonly topic: string
  readonly key: string
  readonly event: Event
  readonly headers: Readonly<Record<string, string>>
}

let kit: KitDatabase
let sent: Sent[]
let relays: Relay[]

/** What is sent lands here; `publish` may be made to fail. The relay uses nothing else of the bus. */
function collector(by: string, fails: () => boolean = () => false): EventBus {
  const publishAll: EventBus['publish'] = async (messages) => {
    await Promise.resolve()
    if (fails()) throw new Error('the broker is away')
    for (const { topic, message } of messages)
      sent.push({
        by,
        topic,
        key: message.key,
        event: JSON.parse(message.value.toString()) as Event,
        headers: message.headers,
      })
  }
  return { publish: publishAll } as EventBus
}

function relay(bus: EventBus): Relay {
  const started = startRelay({ db: kit.db, bus, log: silent, idleMs: 50, standbyMs: 100 })
  relays.push(started)
  return started
}

const say = (...texts: string[]) =>
  kit.db.transaction(systemOrigin(), (tx) => publish(tx, ...texts.map((text) => event(noted, 'book', { text }))))
const texts = () => sent.map((one) => (one.event.data as { text: string }).text)

beforeEach(async () => {
  kit = await kitDatabase()
  sent = []
  relays = []
})
afterEach(async () => {
  for (const one of relays) await one.stop()
  await kit.end()
})

describe('publish', () => {
  test('numbers events per topic and subject without gaps, across transactions, in order', async () => {
    await kit.db.transaction(systemOrigin(), (tx) =>
      publish(
        tx,
        event(noted, 'a', { text: '1' }),
        event(noted, 'b', { text: '2' }),
        event(erased, 'a', { text: '3' }),
      ),
    )
    await kit.db.transaction(systemOrigin(), async (tx) => {
      await publish(tx, event(noted, 'a', { text: '4' }))
      await publish(tx, event(noted, 'b', { text: '5' }), event(noted, 'b', { text: '6' }))
    })
    const rows = await kit.rows<{ subject: string; sequence: bigint; value: string }>(
      'select * from kit.outbox order by position',
    )
    expect(rows.map((row) => `${row.subject}${row.sequence}`)).toEqual(['a1', 'b1', 'a2', 'a3', 'b2', 'b3'])
    const events = rows.map((row) => JSON.parse(row.value) as Event)
    expect(events.map((one) => (one.data as { text: string }).text)).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(events.map((one) => one.sequence)).toEqual(rows.map((row) => String(row.sequence)))
  })

  test('a sequence that is given is kept, beside others that are counted', async () => {
    await kit.db.transaction(systemOrigin(), (tx) =>
      publish(
        tx,
        event(noted, 'ledger', { text: 'l' }, { sequence: 41n }),
        event(noted, 'a', { text: 'a' }),
        event(noted, 'ledger', { text: 'm' }, { sequence: 42n }),
      ),
    )
    const rows = await kit.rows<{ subject: string; sequence: bigint }>(
      'select subject, sequence from kit.outbox order by position',
    )
    expect(rows).toEqual([
      { subject: 'ledger', sequence: 41n },
      { subject: 'a', sequence: 1n },
      { subject: 'ledger', sequence: 42n },
    ])
  })

  test('the envelope says who, when, why, and where the trace goes on', async () => {
    const origin = {
      actor: { id: 'u1', name: 'Ann "A"' },
      correlationId: 'corr',
      causationId: 'cause',
      traceparent: '00-1-2-01',
    }
    const causedBy = {
      id: 'e1',
      correlationid: 'other',
      actor: { id: 'u2', name: 'Bob' },
      traceparent: '00-3-4-01',
    } as Event
    await kit.db.transaction(origin, (tx) =>
      publish(
        tx,
        event(noted, 'a', { text: 'x' }),
        event(noted, 'a', { text: 'y' }, { causedBy }),
        event(noted, 'a', { text: 'z' }, { actor: null }),
      ),
    )
    relay(collector('one'))
    await until(() => sent.length === 3)
    const read = sent.map((one) => envelopeSchema.parse(one.event))
    expect(read[0]).toMatchObject({
      specversion: '1.0',
      source: '/stockline/kit',
      type: 'notes.noted.v1',
      subject: 'a',
      sequence: '1',
      datacontenttype: 'application/json',
      correlationid: 'corr',
      causationid: 'cause',
      actor: { id: 'u1', name: 'Ann "A"' },
    })
    expect(read[1]).toMatchObject({ correlationid: 'other', causationid: 'e1', actor: { id: 'u2', name: 'Bob' } })
    expect(read[2]?.actor).toBeUndefined()
    expect(sent[0]).toMatchObject({ topic: 'notes', key: 'a', headers: { traceparent: '00-1-2-01' } })
    expect(sent[0]!.headers['content-type']).toMatch(/^application\/cloudevents\+json/)
  })

  test('what is too large to be sent is never written', async () => {
    const large = kit.db.transaction(systemOrigin(), (tx) =>
      publish(tx, event(noted, 'a', { text: 'x'.repeat(900_001) })),
    )
    await expect(large).rejects.toThrow(/event-too-large/)
    expect(await kit.rows('select 1 from kit.outbox')).toEqual([])
  })
})

describe('relay', () => {
  test('sends at once after a commit, and nothing of what was rolled back', async () => {
    relay(collector('one'))
    await say('first')
    await until(() => sent.length === 1)
    const failing = kit.db.transaction(systemOrigin(), async (tx) => {
      await publish(tx, event(noted, 'book', { text: 'never' }))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await say('second')
    await until(() => sent.length === 2)
    expect(texts()).toEqual(['first', 'second'])
    await until(async () => (await kit.rows('select 1 from kit.outbox where published_at is null')).length === 0)
  })

  test('what a transaction commits late, with a low position, is sent too', async () => {
    relay(collector('one'))
    const other = openDatabase({ url: kit.url, service: 'kit' })
    await other.transaction(systemOrigin(), async (tx) => {
      await publish(tx, event(noted, 'slow', { text: 'slow' }))
      await say('fast')
      await until(() => sent.length === 1)
    })
    await other.close()
    await until(() => sent.length === 2)
    expect(texts()).toEqual(['fast', 'slow'])
  })

  test('of two relays one sends; when it is gone the other takes over', async () => {
    const first = relay(collector('one'))
    await until(() => first.isActive())
    const second = relay(collector('two'))
    await say('a', 'b', 'c')
    await until(() => sent.length === 3)
    expect(second.isActive()).toBe(false)
    await first.stop()
    await until(() => second.isActive(), 'the second relay', 2_000)
    await say('d')
    await until(() => sent.length === 4)
    expect(sent.map((one) => one.by)).toEqual(['one', 'one', 'one', 'two'])
  })

  test("another process's commits are seen by the one that sends", async () => {
    relay(collector('one'))
    const other = openDatabase({ url: kit.url, service: 'kit' })
    await other.transaction(systemOrigin(), (tx) => publish(tx, event(noted, 'book', { text: 'from afar' })))
    await until(() => sent.length === 1)
    await other.close()
  })

  test('after an error of the bus the same rows are sent again, in order', async () => {
    let failures = 3
    relay(collector('one', () => failures-- > 0))
    await say('a', 'b')
    await say('c')
    await until(() => sent.length >= 3)
    expect(texts()).toEqual(['a', 'b', 'c'])
  })

  test('its connection killed, it connects anew and loses nothing', async () => {
    const one = relay(collector('one'))
    await until(() => one.isActive())
    for (let n = 0; n < 5; n += 1) {
      await kit.rows(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
           and database = (select oid from pg_database where datname = current_database())`,
      )
      await say(`n${n}`)
    }
    await until(() => new Set(texts()).size === 5)
    await until(async () => (await kit.rows('select 1 from kit.outbox where published_at is null')).length === 0)
    expect([...new Set(texts())]).toEqual(['n0', 'n1', 'n2', 'n3', 'n4'])
  })

  test('many rows go in bounded batches, in the order of their positions', async () => {
    let largest = 0
    const bus = collector('one')
    const counting: EventBus = {
      ...bus,
      publish: (messages) => {
        largest = Math.max(largest, messages.length)
        return bus.publish(messages)
      },
    }
    const many = Array.from({ length: 1_200 }, (_, n) => String(n))
    await say(...many)
    relay(counting)
    await until(() => sent.length === 1_200)
    expect(largest).toBe(500)
    expect(texts()).toEqual(many)
  })

  test('large rows are sent by bytes: at most 5 MB at once', async () => {
    const sizes: number[] = []
    const bus: EventBus = {
      ...collector('one'),
      publish: (messages) => {
        sizes.push(messages.length)
        return Promise.resolve()
      },
    }
    await say(...Array.from({ length: 12 }, () => 'x'.repeat(800_000)))
    relay(bus)
    await until(() => sizes.reduce((sum, size) => sum + size, 0) === 12)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6)
  })

  test('republished events are sent again from a position, or from a sequence of one aggregate', async () => {
    relay(collector('one'))
    await say('a', 'b', 'c')
    await kit.db.transaction(systemOrigin(), (tx) => publish(tx, event(noted, 'other', { text: 'z' })))
    await until(async () => (await kit.rows('select 1 from kit.outbox where published_at is not null')).length === 4)
    sent = []
    const again = await kit.db.transaction(systemOrigin(), (tx) =>
      republish(tx, { from: 2n, topic: 'notes', subject: 'book' }),
    )
    expect(again).toBe(2n)
    await until(() => sent.length === 2)
    expect(texts()).toEqual(['b', 'c'])
    const [row] = await kit.rows<{ position: bigint }>(`select position from kit.outbox where subject = 'other'`)
    await until(async () => (await kit.rows('select 1 from kit.outbox where published_at is null')).length === 0)
    await kit.db.transaction(systemOrigin(), (tx) => republish(tx, { from: row!.position }))
    await until(() => sent.length === 3)
    expect(texts()).toEqual(['b', 'c', 'z'])
  })
})

test('an event is written if and only if what it tells of is', async () => {
  await kit.db.transaction(systemOrigin(), async (tx) => {
    await tx.query(writeNote, ['both'])
    await publish(tx, event(noted, 'book', { text: 'both' }))
  })
  const twice = kit.db.transaction(systemOrigin(), async (tx) => {
    await publish(tx, event(noted, 'book', { text: 'neither' }))
    await tx.query(writeNote, ['both'])
  })
  await expect(twice).rejects.toThrow(/unique/)
  expect(await kit.db.query(sql('select subject, sequence from kit.outbox'))).toEqual([
    { subject: 'book', sequence: 1n },
  ])
})

describe('a relay that looks only once in a while', () => {
  /** So seldom that a test would see it. */
  const seldom = (bus: EventBus) => {
    relays.push(startRelay({ db: kit.db, bus, log: silent, idleMs: 20_000, standbyMs: 100 }))
  }

  test('sends all that is there, also what one send does not hold', async () => {
    await say(...Array.from({ length: 600 }, (_, index) => String(index)))
    seldom(collector('a'))
    await until(() => sent.length === 600, 'all are sent')
    expect(texts()).toEqual(Array.from({ length: 600 }, (_, index) => String(index)))
  })

  test('is told at once of what another process, which stands by, has committed', async () => {
    seldom(collector('one'))
    await until(() => relays[0]?.isActive() === true)
    const other = openDatabase({ url: kit.url, service: 'kit' })
    relays.push(startRelay({ db: other, bus: collector('two'), log: silent, idleMs: 20_000, standbyMs: 20_000 }))
    for (const text of ['first', 'second']) {
      await other.transaction(systemOrigin(), (tx) => publish(tx, event(noted, 'book', { text })))
      await until(() => texts().includes(text), `${text} is sent`)
    }
    expect(sent.map((one) => one.by)).toEqual(['one', 'one'])
    await relays.pop()?.stop()
    await other.close()
  })

  test('sends at once what is said while it sends', async () => {
    const bus = collector('a')
    const publish: EventBus['publish'] = async (messages) => {
      if (sent.length === 0) await say('meanwhile')
      await bus.publish(messages)
    }
    seldom({ publish } as EventBus)
    await say('first')
    await until(() => sent.length === 2, 'both are sent')
    expect(texts()).toEqual(['first', 'meanwhile'])
  })
})
