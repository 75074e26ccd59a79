import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Event } from '@stockline/contracts/envelope'
import { openInbox, type Inbox } from '../src/messaging/inbox.ts'
import { startParkingWorker } from '../src/messaging/parking.worker.ts'
import { discardEvent, releaseEvent } from '../src/messaging/parking.ts'
import { reaction, waitFor, type Reaction } from '../src/messaging/reactions.ts'
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
const quarantined = async () =>
  (await kit.rows<{ reason: string }>('select reason from kit.quarantine order by message_offset')).map(
    (row) => row.reason,
  )

beforeEach(async () => {
  kit = await kitDatabase()
  broken = new Set()
  calls = []
})
afterEach(() => kit.end())

describe('order and repeats', () => {
  test('events are applied once and in order, whatever is repeated', async () => {
    const inbox = inboxOf()
    const batch = [1, 2, 3].map((n) => message(ours(`n${n}`, n)))
    await inbox.handle(batch)
    await inbox.handle(batch)
    await inbox.handle([message(ours('n3', 3)), message(ours('n4', 4)), message(ours('n4', 4))])
    expect(await kit.notes()).toEqual(['n1', 'n2', 'n3', 'n4'])
    expect(await quarantined()).toEqual([])
  })

  test('an event from outside without a number is applied once', async () => {
    const inbox = inboxOf()
    await inbox.handle([message(theirs('a')), message(theirs('a')), message(theirs('b'))])
    await inbox.handle([message(theirs('b')), message(theirs('a')), message(theirs('c'))])
    expect(await kit.notes()).toEqual(['a', 'b', 'c'])
  })

  test('numbers of foreign senders are not believed', async () => {
    await inboxOf().handle([message(theirs('late', { sequence: '700' }))])
    expect(await kit.notes()).toEqual(['late'])
  })

  test('an event that comes too early is held, visibly, and follows when the missing one arrives', async () => {
    const inbox = inboxOf()
    await inbox.handle([
      message(ours('n1', 1)),
      message(ours('n3', 3)),
      message(ours('n4', 4)),
      message(ours('other', 1, { subject: 'b' })),
    ])
    expect(await kit.notes()).toEqual(['n1', 'other'])
    expect(await kit.rows('select state, sequence, expected, reason from kit.parked order by position')).toEqual([
      { state: 'gap', sequence: 3n, expected: 2n, reason: 'Number 2 of this stream has not arrived.' },
      { state: 'gap', sequence: 4n, expected: 2n, reason: 'Number 2 of this stream has not arrived.' },
    ])
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent })
    // Republished, the missing one and all after it come again at the end of the topic.
    await inbox.handle([message(ours('n2', 2)), message(ours('n3', 3)), message(ours('n4', 4)), message(ours('n5', 5))])
    await until(async () => (await kit.notes()).length === 6)
    expect(await kit.notes()).toEqual(['n1', 'other', 'n2', 'n3', 'n4', 'n5'])
    await until(async () => (await states()).length === 0)
    await worker.stop()
  })

  test('what is missing can be given up: releasing the first held one lets it and the rest follow', async () => {
    const inbox = inboxOf()
    await inbox.handle([message(ours('n3', 3)), message(ours('n4', 4))])
    const [first, second] = [await parkedId('n3'), await parkedId('n4')]
    await expect(kit.db.transaction(systemOrigin(), (tx) => releaseEvent(tx, second))).rejects.toThrow(/held before it/)
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent })
    await kit.db.transaction(systemOrigin(), (tx) => releaseEvent(tx, first))
    await until(async () => (await kit.notes()).length === 2)
    expect(await kit.notes()).toEqual(['n3', 'n4'])
    await worker.stop()
  })

  test('a held event that is discarded keeps its place, so that those after it can follow', async () => {
    const inbox = inboxOf()
    await inbox.handle([message(ours('n2', 2)), message(ours('n3', 3))])
    const dropped = await parkedId('n2')
    await kit.db.transaction(systemOrigin(), (tx) => discardEvent(tx, dropped, { id: 'u', name: 'Ann' }, 'wrong'))
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent })
    await inbox.handle([message(ours('n1', 1)), message(ours('n2', 2))])
    await until(async () => (await kit.notes()).length === 2)
    expect(await kit.notes()).toEqual(['n1', 'n3'])
    await until(async () => (await kit.rows(`select 1 from kit.parked where state = 'gap'`)).length === 0)
    expect(await kit.rows('select state, resolved_why from kit.parked order by position')).toEqual([
      { state: 'discarded', resolved_why: 'wrong' },
      { state: 'applied', resolved_why: null },
    ])
    await worker.stop()
  })

  test('events of types nobody reacts to count in their stream, and are known by their ids', async () => {
    const inbox = inboxOf()
    const skipped = message(ours('skipped', 2, { type: 'notes.folded.v1' }))
    await inbox.handle([message(ours('n1', 1)), skipped, message(ours('n3', 3))])
    expect(await kit.notes()).toEqual(['n1', 'n3'])
    expect(await kit.rows('select 1 from kit.inbox')).toHaveLength(3)
  })

  test('everything read again from the beginning applies nothing twice', async () => {
    const inbox = inboxOf()
    const all = Array.from({ length: 300 }, (_, n) =>
      message(n % 3 === 0 ? theirs(`t${n}`) : ours(`o${n}`, n - Math.floor(n / 3))),
    )
    for (let n = 0; n < 300; n += 50) await inbox.handle(all.slice(n, n + 50))
    for (let n = 0; n < 300; n += 70) await inbox.handle(all.slice(n, n + 70))
    expect(await kit.notes()).toHaveLength(300)
  })

  test('two replicas given the same messages at once apply them once', async () => {
    const batch = Array.from({ length: 50 }, (_, n) => message(ours(`n${n}`, n + 1)))
    const tail = Array.from({ length: 50 }, (_, n) => message(theirs(`t${n}`)))
    await Promise.all([1, 2, 3, 4].map(() => inboxOf().handle([...batch, ...tail])))
    expect(await kit.notes()).toHaveLength(100)
  })
})

describe('quarantine', () => {
  const cases: [string, unknown, string, string[]][] = [
    ['bytes that are no JSON', Buffer.from([0xff, 0x00, 0x7b]), 'not-json', ['']],
    ['JSON that is no object', '[1]', 'not-json', ['']],
    [
      'an envelope with faults names all of them',
      { ...theirs('x'), specversion: '2', id: '' },
      'envelope',
      ['/specversion', '/id'],
    ],
    [
      'data against its schema',
      theirs('x', { data: { text: 1, lines: [{ quantity: '1' }, { quantity: '-1' }] } }),
      'schema',
      ['/data/text', '/data/lines/1/quantity'],
    ],
    ['an unknown version of a known name', theirs('x', { type: 'notes.noted.v9' }), 'version', ['/type']],
    ['a name from outside that nobody here knows', theirs('x', { type: 'notes.notd.v1' }), 'type', ['/type']],
    ['a character that cannot be stored', theirs('x', { data: { text: 'a\u0000b' } }), 'envelope', ['/data/text']],
  ]
  test.each(cases)('%s', async (_, value, reason, pointers) => {
    await inboxOf().handle([message(theirs('before')), message(value), message(theirs('after'))])
    expect(await kit.notes()).toEqual(['before', 'after'])
    const [row] = await kit.rows<{ reason: string; faults: { pointer: string }[]; value: Buffer }>(
      'select * from kit.quarantine',
    )
    expect(row!.reason).toBe(reason)
    expect(row!.faults.map((fault) => fault.pointer).sort()).toEqual([...pointers].sort())
    expect(row!.value.length).toBeGreaterThan(0)
  })

  test('bytes that the bus could not read, with its own words for why', async () => {
    const undecodable = 'Offsets 7 to 9 of partition 0 of notes cannot be read: lz4 cannot be unpacked.'
    await inboxOf().handle([
      message(theirs('before')),
      { ...message('', { value: Buffer.from([0, 255, 1]) }), undecodable },
      message(theirs('after')),
    ])
    expect(await kit.notes()).toEqual(['before', 'after'])
    expect(await kit.rows('select reason, faults, value from kit.quarantine')).toEqual([
      { reason: 'undecodable', faults: [{ pointer: '', message: undecodable }], value: Buffer.from([0, 255, 1]) },
    ])
  })

  test('the same id with another content', async () => {
    const inbox = inboxOf()
    await inbox.handle([message(theirs('a')), message(theirs('b', { id: 'theirs-a' }))])
    await inbox.handle([message(theirs('c', { id: 'theirs-a' })), message(theirs('a'))])
    expect(await kit.notes()).toEqual(['a'])
    expect(await quarantined()).toEqual(['other-content', 'other-content'])
  })

  test('the same content with its fields in another order is a repeat, not a conflict', async () => {
    const data = { text: 'a', lines: [{ quantity: '1' }] }
    const inbox = inboxOf()
    await inbox.handle([message(theirs('a', { data }))])
    await inbox.handle([message(theirs('a', { data: { lines: data.lines, text: 'a' } }))])
    expect(await quarantined()).toEqual([])
  })

  test('a message without a value, and a type on a topic that is not its own', async () => {
    await inboxOf().handle([message('', { value: null }), message(theirs('x'), { topic: 'elsewhere' })])
    expect(await quarantined()).toEqual(['tombstone', 'topic'])
  })

  test('a type of ours that is not known is passed over: it is news for others', async () => {
    await inboxOf().handle([message({ ...ours('x', 1), type: 'notes.praised.v1' }), message(ours('next', 2))])
    expect([await quarantined(), await kit.notes()]).toEqual([[], ['next']])
  })

  test('a quarantined event of ours leaves no gap behind', async () => {
    await inboxOf().handle([message(ours('n1', 1)), message(ours('n2', 2, { data: {} })), message(ours('n3', 3))])
    expect(await kit.notes()).toEqual(['n1', 'n3'])
    expect(await states()).toEqual([])
  })

  test.each([
    ['whose data is wrong', { data: {} }],
    ['of a version that is not known', { type: 'notes.noted.v9' }],
    ['whose time is none', { time: 'yesterday' }],
  ])('an event of ours %s that comes too early is one dead letter, with its place, and no gap', async (_what, more) => {
    const inbox = inboxOf()
    await inbox.handle([message(ours('n3', 3, more)), message(ours('n4', 4))])
    const worker = startParkingWorker({ db: kit.db, inbox, log: silent, idleMs: 10 })
    await inbox.handle([message(ours('n1', 1)), message(ours('n2', 2))])
    await until(async () => (await kit.notes()).length === 3)
    await worker.stop()
    expect(await kit.notes()).toEqual(['n1', 'n2', 'n4'])
    expect(await states()).toEqual([])
    expect(await kit.rows(`select partition >= 0 as placed from kit.quarantine`)).toEqual([{ placed: true }])
  })

  test('an event that could be read when it came and cannot be when its turn comes is a dead letter', async () => {
    await inboxOf().handle([message(ours('n2', 2))])
    await kit.rows(`update kit.parked set event = replace(event, 'n2"}', 'n2","lines":1}')`)
    const worker = startParkingWorker({ db: kit.db, inbox: inboxOf(), log: silent, idleMs: 10 })
    await inboxOf().handle([message(ours('n1', 1))])
    await until(async () => (await states()).length === 0)
    await worker.stop()
    expect(await kit.rows(`select reason, partition from kit.quarantine`)).toEqual([
      { reason: 'schema', partition: -1 },
    ])
  })

  test('read again, a message is not quarantined twice', async () => {
    const bad = message('{')
    const inbox = inboxOf()
    await inbox.handle([bad])
    await inbox.handle([bad])
    expect(await quarantined()).toEqual(['not-json'])
  })

  test('binary mode is read, attributes from headers', async () => {
    const { data, ...attributes } = theirs('binary')
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce_${name}`, String(value)]))
    await inboxOf().handle([
      message(data, { headers: { ...headers, 'content-type': 'application/json' } }),
      message(theirs('binary')),
    ])
    expect(await kit.notes()).toEqual(['binary'])
    expect(await quarantined()).toEqual([])
  })
})
