/** A number that was taken comes again with another event: no repeat, but another history. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Event } from '@stockline/contracts/envelope'
import { Registry } from 'prom-client'
import { acceptHistory, checkHistory } from '../src/messaging/history/history.ts'
import { openInbox, type Inbox } from '../src/messaging/inbox.ts'
import { measureMessaging } from '../src/messaging/messaging.metrics.ts'
import { startParkingWorker } from '../src/messaging/parking.worker.ts'
import { discardEvent, releaseEvent } from '../src/messaging/parking.ts'
import { reaction, type Reaction } from '../src/messaging/reactions.ts'
import type { Database, Tx } from '../src/database/transaction.ts'
import { erased, noted } from './kit.contracts.ts'
import { kitDatabase, message, ours, silent, systemOrigin, until, writeNote, type KitDatabase } from './kit.database.ts'

let kit: KitDatabase
beforeEach(async () => {
  kit = await kitDatabase()
})
afterEach(() => kit.end())

const notes: Reaction = reaction(noted, {
  react: async (tx: Tx, event: Event<{ text: string }>) => {
    await tx.query(writeNote, [event.data.text])
  },
})
const erasures: Reaction = reaction(erased, {
  react: async (tx: Tx, event: Event<{ text: string }>) => {
    await tx.query(writeNote, [`no ${event.data.text}`])
  },
})
const inboxOf = (db: Database = kit.db, ...more: Reaction[]): Inbox => openInbox(db, [notes, ...more], silent)
const take = (inbox: Inbox, ...events: Record<string, unknown>[]) => inbox.handle(events.map((one) => message(one)))
const held = async () =>
  (
    await kit.rows<{ event_id: string }>(
      `select event_id from kit.parked where resolved_at is null order by sequence, position`,
    )
  ).map((row) => row.event_id)
const changes = () =>
  kit.rows(`select topic, subject, changed_from as "from", changed_to as "to" from kit.inbox_sequences
    where changed_from is not null`)
const book = { source: '/stockline/other', topic: 'notes', subject: 'book' }
const another = (text: string, sequence: number) => ours(text, sequence, { subject: 'leaflet' })

describe('another event under a number that was taken', () => {
  const before = [1, 2, 3].map((n) => ours(`old ${n}`, n))
  test.each([
    ['a lower one', [ours('new 2', 2)], { from: 2n, to: 3n }, ['ours-new 2-2']],
    ['the last one', [ours('new 3', 3)], { from: 3n, to: 3n }, ['ours-new 3-3']],
    [
      'several, the lowest last',
      [ours('new 3', 3), ours('new 1', 1)],
      { from: 1n, to: 3n },
      ['ours-new 1-1', 'ours-new 3-3'],
    ],
    ['with what follows', [ours('new 3', 3), ours('new 4', 4)], { from: 3n, to: 3n }, ['ours-new 3-3', 'ours-new 4-4']],
    ['with repeats', [ours('new 3', 3), ours('old 3', 3), ours('new 3', 3)], { from: 3n, to: 3n }, ['ours-new 3-3']],
    [
      'among repeats',
      [ours('old 1', 1), ours('new 2', 2), ours('old 3', 3)],
      { from: 2n, to: 3n },
      ['ours-new 2-2', 'ours-old 3-3'],
    ],
  ])('stops the stream: %s', async (_what, events, place, waiting) => {
    const inbox = inboxOf()
    await take(inbox, ...before, another('a', 1))
    await take(inbox, ...events)
    expect(await changes()).toEqual([{ topic: 'notes', subject: 'book', ...place }])
    expect(await held()).toEqual(waiting)
    await take(inbox, ours('new 5', 5), another('b', 2))
    expect(await kit.notes()).toEqual(['old 1', 'old 2', 'old 3', 'a', 'b'])
    expect(await held()).toEqual([...waiting, 'ours-new 5-5'])
  })

  test('is told by readiness and by a metric, and not by the worker applied', async () => {
    const inbox = inboxOf()
    await take(inbox, ...before)
    expect(await checkHistory(kit.db)).toBe('unchanged')
    await take(inbox, ours('new 2', 2), ours('new 3', 3), ours('new 4', 4))
    await expect(checkHistory(kit.db)).rejects.toThrow(
      'History changed: /stockline/other has sent other events for numbers 2 to 3 of "book" on notes than those that were taken here.',
    )
    const registry = new Registry()
    measureMessaging(registry, kit.db, () => Promise.resolve(0n), silent)
    expect(await registry.metrics()).toContain(
      'stockline_history_changed{source="/stockline/other",topic="notes",subject="book"} 2',
    )
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 10 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await kit.notes()).toEqual(['old 1', 'old 2', 'old 3'])
    await worker.stop()
  })

  test('and its history accepted, what is held follows in order, once', async () => {
    const inbox = inboxOf()
    await take(inbox, ...before)
    await take(inbox, ours('new 2', 2), ours('new 3', 3))
    await take(inbox, ours('new 3', 3), ours('new 4', 4))
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 10 })
    expect(await kit.db.transaction(systemOrigin(), (tx) => acceptHistory(tx, book))).toBe(true)
    await until(async () => (await kit.notes()).length === 6)
    await take(inbox, ours('new 4', 4), ours('new 5', 5))
    expect(await kit.notes()).toEqual(['old 1', 'old 2', 'old 3', 'new 2', 'new 3', 'new 4', 'new 5'])
    await until(async () => (await held()).length === 0)
    expect([await changes(), await checkHistory(kit.db)]).toEqual([[], 'unchanged'])
    await worker.stop()
  })

  test('is accepted too by releasing what is held', async () => {
    const inbox = inboxOf()
    await take(inbox, ...before, ours('new 3', 3))
    const [row] = await kit.rows<{ id: string }>('select id from kit.parked')
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 10 })
    await kit.db.transaction(systemOrigin(), (tx) => releaseEvent(tx, row?.id ?? ''))
    await until(async () => (await kit.notes()).includes('new 3'))
    await worker.stop()
  })

  test('stops it where it stands in its batch: what came before it is taken', async () => {
    const inbox = inboxOf()
    const [n4, new4] = [ours('n4', 4), ours('new 4', 4)]
    await take(inbox, ...before, n4, new4, n4, ours('n5', 5))
    expect(await kit.notes()).toEqual(['old 1', 'old 2', 'old 3', 'n4'])
    expect(await changes()).toMatchObject([{ from: 4n, to: 4n }])
    expect(await held()).toEqual(['ours-new 4-4', 'ours-n5-5'])
  })

  test('that waited for its turn behind a gap stops the stream as well', async () => {
    const inbox = inboxOf()
    await take(inbox, ours('old 1', 1), ours('old 3', 3))
    await take(inbox, ours('old 3', 3))
    expect(await changes()).toEqual([])
    await take(inbox, ours('new 3', 3))
    expect(await changes()).toMatchObject([{ from: 3n, to: 3n }])
    expect(await held()).toEqual(['ours-new 3-3'])
  })
})

describe('held behind a gap, in the place of which another event was taken', () => {
  test('an event stops the stream when its turn has come, and stays held', async () => {
    const inbox = inboxOf()
    await take(inbox, ours('n1', 1), ours('of the other history', 3))
    await take(inbox, ours('n2', 2), ours('n3', 3), another('a', 1))
    expect(await kit.notes()).toEqual(['n1', 'n2', 'n3', 'a'])
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 10 })
    await until(async () => (await changes()).length === 1)
    await take(inbox, another('b', 2))
    await worker.stop()
    expect(await changes()).toMatchObject([{ from: 3n, to: 3n }])
    expect(await held()).toEqual(['ours-of the other history-3'])
    expect(await kit.notes()).toEqual(['n1', 'n2', 'n3', 'a', 'b'])
  })
})

/** The beginning of an id of version 7. */
function versionSeven(at: number): string {
  const hex = at.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}

describe('is no change of history', () => {
  test('all of it read again, types that nobody reacts to and unreadable ones among it', async () => {
    const all = [
      ours('one', 1),
      ours('two', 2, { type: erased.type }),
      ours('three', 3, { data: 'unreadable' }),
      ours('four', 4),
      ours('five', 5, { type: erased.type }),
    ]
    await take(inboxOf(), ...all)
    await take(inboxOf(), ...all, ...all)
    // A later version reacts to more, and reads from the beginning.
    await take(inboxOf(kit.db, erasures), ...all, ours('six', 6))
    expect(await kit.notes()).toEqual(['one', 'four', 'six'])
    expect([await changes(), await held()]).toEqual([[], []])
  })

  test('what was given up by 0.1.0, which kept no table of it, and is read again', async () => {
    const at = (age: number) => `${versionSeven(Date.now() - age)}-7abc-8abc-0123456789ab`
    const [given, lost] = [ours('n1', 1, { id: at(3_600_000) }), ours('new 2', 2, { id: at(0) })]
    await kit.rows(
      `insert into kit.inbox_sequences (source, topic, subject, last) values ('/stockline/other', 'notes', 'book', 2)`,
    )
    await kit.rows(`update kit.migrations set finished_at = now() - interval '1 minute'`)
    await take(inboxOf(), given, ours('n3', 3), given)
    expect([await kit.notes(), await changes(), await held()]).toEqual([['n3'], [], []])
    // What is told since then is judged as ever.
    await take(inboxOf(), lost)
    expect(await changes()).toMatchObject([{ from: 2n, to: 3n }])
  })

  test('what an administrator discarded while it was held, or gave up, and what then comes', async () => {
    const inbox = inboxOf()
    const [n2, n3, n5, n7] = [ours('n2', 2), ours('n3', 3), ours('n5', 5), ours('n7', 7)]
    await take(inbox, n2, n3)
    const rowOf = async (id: string) =>
      (await kit.rows<{ id: string }>('select id from kit.parked where event_id = $1', id))[0]?.id ?? ''
    const [discarded] = [await rowOf('ours-n2-2')]
    await kit.db.transaction(systemOrigin(), (tx) => discardEvent(tx, discarded, { id: 'u', name: 'Ann' }, 'wrong'))
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 10 })
    await take(inbox, ours('n1', 1))
    await until(async () => (await kit.notes()).length === 2)
    await take(inbox, n5, n7)
    const [first] = [await rowOf('ours-n5-5')]
    await kit.db.transaction(systemOrigin(), (tx) => releaseEvent(tx, first))
    await until(async () => (await kit.notes()).length === 3)
    await take(inbox, ours('n4', 4), n2, n5)
    expect(await kit.notes()).toEqual(['n1', 'n3', 'n5'])
    expect(await changes()).toEqual([])
    await worker.stop()
  })
})

test('what comes in its turn costs no look-up', async () => {
  const asked: string[] = []
  const transaction: Database['transaction'] = (origin, work) =>
    kit.db.transaction(origin, (tx) => {
      const query: Tx['query'] = (statement, values) => {
        asked.push(statement.text)
        return tx.query(statement, values)
      }
      return work(Object.create(tx, { query: { value: query } }) as Tx)
    })
  const watched = Object.create(kit.db, { transaction: { value: transaction } }) as Database
  const inbox = inboxOf(watched)
  await take(inbox, ours('n1', 1), ours('n2', 2))
  const first = asked.length
  await take(inbox, ours('n3', 3), ours('n4', 4))
  expect(asked.length - first).toBe(first)
  expect(asked.filter((text) => text.includes('not exists'))).toEqual([])
  await take(inbox, ours('n3', 3), ours('n4', 4))
  expect(asked.filter((text) => text.includes('not exists'))).toHaveLength(1)
})
