import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Event } from '@stockline/contracts/envelope'
import { openInbox, type Inbox } from '../src/messaging/inbox.ts'
import { startParkingWorker } from '../src/messaging/parking.worker.ts'
import { discardEvent, releaseEvent } from '../src/messaging/parking.ts'
import { batchReaction, reaction, waitFor, wake, type Reaction } from '../src/messaging/reactions.ts'
import { refuse, Refused } from '../src/refusal.ts'
import { sql, type Tx } from '../src/database/transaction.ts'
import { erased, noted } from './kit.contracts.ts'
import {
  kitDatabase,
  message,
  ours,
  silent,
  systemOrigin,
  theirs,
  until,
  writeNote,
  type KitDatabase,
} from './kit.database.ts'

let kit: KitDatabase
let broken: Set<string>
let calls: string[]
const findShelf = sql('select code from shelf where code = $1')
const addShelf = sql('insert into shelf (code) values ($1)')

/** Writes a note; trips on what is broken; needs a shelf for `shelf:X`. */
async function react(tx: Tx, event: Event<{ text: string }>) {
  const { text } = event.data
  calls.push(text)
  if (broken.has(text)) throw new TypeError(`cannot read ${text}`)
  if (text.startsWith('refuse')) return refuse('no-such-note', 'content', 'Not this one.')
  if (text.startsWith('forbid')) throw new Refused(refuse('forbidden-note', 'content', 'A rule said no.'))
  if (text.startsWith('shelf:')) {
    const code = text.slice('shelf:'.length)
    if ((await tx.query(findShelf, [code])).length === 0) return waitFor(`Shelf ${code} is not known.`, `shelf ${code}`)
  }
  await tx.query(writeNote, [text])
  return undefined
}

const single: readonly Reaction[] = [
  reaction(noted, { react }),
  reaction(erased, {
    react: (tx: Tx, event) => tx.query(writeNote, [`erased ${event.data.text}`]).then(() => undefined),
  }),
]

function inboxOf(reactions: readonly Reaction[] = single): Inbox {
  return openInbox(kit.db, reactions, silent)
}

const states = async () =>
  (
    await kit.rows<{ state: string; text: string }>(
      `select state, event::json -> 'data' ->> 'text' as text from kit.parked where resolved_at is null order by position`,
    )
  ).map((row) => `${row.state} ${row.text}`)
const parkedId = async (text: string) =>
  (
    await kit.rows<{ id: string }>(
      `select id from kit.parked where event::json -> 'data' ->> 'text' = $1 and resolved_at is null`,
      text,
    )
  )[0]!.id
beforeEach(async () => {
  kit = await kitDatabase()
  broken = new Set()
  calls = []
})
afterEach(() => kit.end())

describe('what cannot be applied', () => {
  test('a poison event is parked with its key, all others flow, those behind wait in order', async () => {
    broken.add('bad')
    const inbox = inboxOf()
    await inbox.handle([
      message(ours('n1', 1)),
      message(ours('bad', 2)),
      message(ours('n3', 3)),
      message(ours('x1', 1, { subject: 'x' })),
    ])
    await inbox.handle([message(ours('n4', 4)), message(ours('x2', 2, { subject: 'x' }))])
    expect(await kit.notes()).toEqual(['n1', 'x1', 'x2'])
    expect(await states()).toEqual(['parked bad', 'behind n3', 'behind n4'])
    const [row] = await kit.rows<{ attempts: number; reason: string; stack: string; park_key: string }>(
      'select * from kit.parked order by position',
    )
    expect(row).toMatchObject({ attempts: 5, reason: 'cannot read bad', park_key: 'book' })
    expect(row!.stack).toContain('parking.test.ts')
  })

  test('released, it is tried again, and those behind follow in order', async () => {
    broken.add('bad')
    const inbox = inboxOf()
    await inbox.handle([message(ours('bad', 1)), message(ours('n2', 2)), message(ours('n3', 3))])
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 50 })
    const id = await parkedId('bad')
    await kit.db.transaction(systemOrigin(), (tx) => releaseEvent(tx, id))
    await until(
      async () =>
        (await kit.rows<{ attempts: number }>('select attempts from kit.parked where id = $1', id))[0]!.attempts > 5,
    )
    expect(await states()).toEqual(['parked bad', 'behind n2', 'behind n3'])
    broken.clear()
    await kit.db.transaction(systemOrigin(), (tx) => releaseEvent(tx, id))
    await inbox.handle([message(ours('n4', 4))])
    await until(async () => (await kit.notes()).length === 4)
    expect(await kit.notes()).toEqual(['bad', 'n2', 'n3', 'n4'])
    await worker.stop()
  })

  test('discarded, it stays in the table with who and why, and those behind go on', async () => {
    broken.add('bad')
    const inbox = inboxOf()
    await inbox.handle([message(ours('bad', 1)), message(ours('n2', 2))])
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 50 })
    const id = await parkedId('bad')
    await kit.db.transaction(systemOrigin(), (tx) => discardEvent(tx, id, { id: 'u1', name: 'Ann' }, 'sent by mistake'))
    await until(async () => (await kit.notes()).length === 1)
    expect(await kit.notes()).toEqual(['n2'])
    expect(await kit.rows('select state, resolved_by, resolved_why from kit.parked where id = $1', id)).toEqual([
      { state: 'discarded', resolved_by: { id: 'u1', name: 'Ann' }, resolved_why: 'sent by mistake' },
    ])
    await expect(kit.db.transaction(systemOrigin(), (tx) => releaseEvent(tx, id))).rejects.toThrow(/discarded already/)
    await worker.stop()
  })

  test('one that waits behind cannot be released before the first, but can be discarded', async () => {
    broken.add('bad')
    const inbox = inboxOf()
    await inbox.handle([message(ours('bad', 1)), message(ours('n2', 2)), message(ours('n3', 3))])
    const second = await parkedId('n2')
    await expect(kit.db.transaction(systemOrigin(), (tx) => releaseEvent(tx, second))).rejects.toThrow(/waits behind/)
    await kit.db.transaction(systemOrigin(), (tx) => discardEvent(tx, second, { id: 'u', name: 'Ann' }, 'not needed'))
    expect(await states()).toEqual(['parked bad', 'behind n3'])
  })

  test('a batch reaction gets runs in order, and one event at a time when a batch of it fails', async () => {
    const runs: string[][] = []
    broken.add('n3')
    const batch = batchReaction({
      contracts: [noted],
      parkBy: (event) => event.data.text,
      react: async (tx: Tx, events) => {
        runs.push(events.map((one) => one.data.text))
        for (const one of events) {
          if (broken.has(one.data.text)) throw new Error('broken')
          await tx.query(writeNote, [one.data.text])
        }
      },
    })
    const inbox = inboxOf([batch, single[1]!])
    await inbox.handle([
      message(ours('n1', 1)),
      message(ours('n2', 2)),
      message(ours('e', 3, { type: 'notes.erased.v1' })),
      message(ours('x', 4)),
    ])
    expect(runs).toEqual([['n1', 'n2'], ['x']])
    await inbox.handle([message(ours('n4', 5)), message(ours('n3', 6)), message(ours('n5', 7))])
    expect(await kit.notes()).toEqual(['n1', 'n2', 'erased e', 'x', 'n4', 'n5'])
    expect(await states()).toEqual(['parked n3'])
  })

  test('a refusal that is returned is an outcome; one that is thrown rolls back and parks at once', async () => {
    await inboxOf().handle([
      message(theirs('refuse me')),
      message(theirs('forbid me', { subject: 'z' })),
      message(theirs('next')),
    ])
    expect(await kit.rows(`select id, outcome from kit.inbox where outcome is not null`)).toEqual([
      { id: 'theirs-refuse me', outcome: 'no-such-note' },
    ])
    expect(await states()).toEqual(['parked forbid me'])
    expect(calls.filter((text) => text === 'forbid me')).toHaveLength(2)
    expect(await kit.notes()).toEqual(['next'])
  })

  test('a fault is thrown, so that the bus brings the batch again, and nothing of it was applied', async () => {
    let fails = true
    const flaky = reaction(noted, {
      react: async (tx: Tx, event) => {
        await tx.query(writeNote, [event.data.text])
        if (fails) throw Object.assign(new Error('terminating connection'), { code: '57P01' })
      },
    })
    const inbox = inboxOf([flaky])
    const batch = [message(ours('n1', 1)), message(ours('n2', 2))]
    await expect(inbox.handle(batch)).rejects.toThrow('terminating connection')
    expect(await kit.notes()).toEqual([])
    fails = false
    await inbox.handle(batch)
    expect(await kit.notes()).toEqual(['n1', 'n2'])
  })

  test('a connection killed in the middle of a batch is a fault', async () => {
    let kill = true
    const killer = reaction(noted, {
      react: async (tx: Tx, event) => {
        if (kill) await tx.query(sql('select pg_terminate_backend(pg_backend_pid())'))
        await tx.query(writeNote, [event.data.text])
      },
    })
    const inbox = inboxOf([killer])
    await expect(inbox.handle([message(ours('n1', 1))])).rejects.toThrow()
    kill = false
    await inbox.handle([message(ours('n1', 1))])
    expect(await kit.notes()).toEqual(['n1'])
  })
})

describe('waiting', () => {
  const addShelfAndWake = (code: string) =>
    kit.db.transaction(systemOrigin(), async (tx) => {
      await tx.query(addShelf, [code])
      await wake(tx, `shelf ${code}`)
    })

  test('an event that lacks something waits, visibly; those behind too; a wake brings all forward in order', async () => {
    const inbox = inboxOf()
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 60_000 })
    await inbox.handle([message(theirs('shelf:A')), message(theirs('n2')), message(theirs('other', { subject: 'z' }))])
    await until(async () => (await kit.rows('select 1 from kit.parked where due')).length === 0)
    expect(await states()).toEqual(['waiting shelf:A', 'behind n2'])
    expect(await kit.notes()).toEqual(['other'])
    await addShelfAndWake('A')
    await until(async () => (await kit.notes()).length === 3)
    expect(await kit.notes()).toEqual(['other', 'shelf:A', 'n2'])
    await worker.stop()
  })

  test('a wake that commits while the event is on its way to wait is not lost', async () => {
    const inbox = inboxOf()
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 60_000 })
    for (let n = 0; n < 40; n += 1) {
      const slow = new Promise((resolve) => setTimeout(resolve, Math.random() * 6))
      await Promise.all([
        inbox.handle([message(theirs(`shelf:S${n}`, { subject: `s${n}` }))]),
        kit.db.transaction(systemOrigin(), async (tx) => {
          await tx.query(addShelf, [`S${n}`])
          await wake(tx, `shelf S${n}`)
          await slow
        }),
      ])
    }
    await until(async () => (await kit.notes()).length === 40, 'every waiting event')
    await worker.stop()
  })
})
