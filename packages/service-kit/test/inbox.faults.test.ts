/** Whatever goes wrong with one message, the batch goes on: it is applied, parked or set aside, and so are the others. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { contract } from '@stockline/contracts/envelope'
import { z } from 'zod'
import type { IncomingMessage } from '../src/bus/bus.ts'
import { openInbox, type Inbox } from '../src/messaging/inbox.ts'
import { startParkingWorker } from '../src/messaging/parking.worker.ts'
import { batchReaction, reaction, type Reaction } from '../src/messaging/reactions.ts'
import type { Database, Statement, Tx } from '../src/database/transaction.ts'
import { noted } from './kit.contracts.ts'
import { kitDatabase, message, ours, silent, theirs, until, writeNote, type KitDatabase } from './kit.database.ts'

let kit: KitDatabase
beforeAll(async () => {
  kit = await kitDatabase()
})
afterAll(() => kit.end())

const writes: Reaction = reaction(noted, {
  react: (tx: Tx, event) => tx.query(writeNote, [event.data.text]).then(() => undefined),
})
const inboxOf = (reactions: readonly Reaction[], db: Database = kit.db): Inbox => openInbox(db, reactions, silent)

/** The database, whose transactions are another's in between. */
function withTransactions(wrap: (tx: Tx) => Tx): Database {
  const transaction: Database['transaction'] = (origin, work) => kit.db.transaction(origin, (tx) => work(wrap(tx)))
  return Object.create(kit.db, { transaction: { value: transaction } }) as Database
}

/** Where a message is to be found, among notes, parked events and dead letters. */
async function whereIs(text: string): Promise<string[]> {
  const rows = await kit.rows<{ place: string }>(
    `select 'applied' as place from note where text = $1
     union all select 'parked' from kit.parked where event like $2 and resolved_at is null
     union all select 'quarantine: ' || reason from kit.quarantine where convert_from(value, 'UTF8') like $2`,
    text,
    `%${text}%`,
  )
  return rows.map((row) => row.place)
}

/** The message, which throws once: when it is looked at for the nth time. Says how often it was looked at. */
function tripping(
  one: IncomingMessage,
  nth: number,
): { readonly message: IncomingMessage; readonly looks: () => number } {
  let looks = 0
  const look = (): void => {
    looks += 1
    if (looks === nth) throw new TypeError(`look ${String(nth)}`)
  }
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (of, name) => {
        look()
        const value: unknown = Reflect.get(of, name)
        return name === 'headers' ? watched(value as object) : value
      },
      ownKeys: (of) => {
        look()
        return Reflect.ownKeys(of)
      },
    })
  return { message: watched(one), looks: () => looks }
}

describe.each([
  [
    'structured',
    (text: string) => message(theirs(text), { headers: { 'content-type': 'application/cloudevents+json' } }),
  ],
  ['numbered', (text: string) => message(ours(text, 1, { subject: text }))],
  [
    'binary',
    (text: string) => {
      const { data, ...attributes } = theirs(text)
      const headers = Object.entries(attributes).map(([name, value]) => [`ce_${name}`, String(value)])
      return message(data, { headers: Object.fromEntries(headers) as Record<string, string> })
    },
  ],
  ['no JSON', (text: string) => message(`{"${text}"`)],
])('a message (%s) that throws at the nth look at it', (sort, make) => {
  test('is applied or set aside, and its neighbours are applied', async () => {
    const inbox = inboxOf([writes])
    for (let nth = 1, more = true; more; nth += 1) {
      const [before, text, after] = ['before', 'at', 'after'].map((when) => `${sort} ${when} ${String(nth)}`) as [
        string,
        string,
        string,
      ]
      const one = tripping(make(text), nth)
      await inbox.handle([message(theirs(before)), one.message, message(theirs(after))])
      expect([await whereIs(before), await whereIs(after)]).toEqual([['applied'], ['applied']])
      const [place, ...others] = await whereIs(text)
      expect(others).toEqual([])
      expect(place).toMatch(sort === 'no JSON' ? /^quarantine/ : /^(applied|quarantine: failed)$/)
      more = one.looks() >= nth
      expect(nth).toBeLessThan(200)
    }
  })
})

describe('what is declared throws', () => {
  const throwing = (what: string) => () => {
    throw new TypeError(`${what} failed: server closed the connection, connection terminated`)
  }
  const bad = (data: z.ZodType<{ text: string }>, more: object = {}) => ({
    ...contract({ type: 'notes.noted.v1', topic: 'notes', subject: 'notebook', summary: 'A note.', data }),
    ...more,
  })
  const text = z.object({ text: z.string() })
  const react = (tx: Tx, event: { data: { text: string } }) =>
    tx.query(writeNote, [event.data.text]).then(() => undefined)
  const onPoison = (what: string) => (one: { data: { text: string } }) =>
    one.data.text.startsWith('poison') ? throwing(what)() : 'book'

  test.each<[string, Reaction, RegExp]>([
    [
      'the check of the data',
      reaction(bad(text.refine((one) => (one.text.startsWith('poison') ? throwing('check')() : true))), { react }),
      /^quarantine: failed$/,
    ],
    [
      'a change of the data',
      reaction(bad(text.transform((one) => (one.text.startsWith('poison') ? throwing('change')() : one))), { react }),
      /^quarantine: failed$/,
    ],
    [
      'the topics',
      reaction(
        bad(text, {
          topics: {
            includes: (topic: string) => (topic === 'notes' ? true : throwing('topics')()),
            [Symbol.iterator]: function* () {
              yield 'notes'
            },
          },
        }),
        { react },
      ),
      /^applied$/,
    ],
    ['the park key', reaction(bad(text), { parkBy: onPoison('key'), react }), /^applied$/],
    [
      'the reaction',
      reaction(bad(text), {
        react: (tx: Tx, one) => {
          onPoison('reaction')(one)
          return react(tx, one)
        },
      }),
      /^parked$/,
    ],
    [
      'the reaction to many',
      batchReaction({
        contracts: [bad(text)],
        react: async (tx: Tx, events) => {
          for (const one of events) {
            onPoison('reaction')(one)
            await react(tx, one)
          }
        },
      }),
      /^parked$/,
    ],
    [
      'an answer that is none',
      batchReaction({
        contracts: [bad(text)],
        react: (_tx: Tx, events) =>
          Promise.resolve(
            events.map((one) => {
              onPoison('answer')(one)
              return { waitsFor: 5 } as never
            }),
          ),
      }),
      /^parked$/,
    ],
  ])('%s', async (what, declared, expected) => {
    const [good, poison] = [`good ${what}`, `poison ${what}`]
    await inboxOf([declared]).handle([
      message(theirs(good, { subject: `a ${what}` })),
      message(theirs(poison, { subject: `b ${what}` })),
      message(theirs(`last ${what}`, { subject: `c ${what}` })),
    ])
    expect(await whereIs(poison)).toEqual([expect.stringMatching(expected)])
    for (const one of [good, `last ${what}`])
      expect(await whereIs(one)).toEqual([what === 'an answer that is none' ? 'parked' : 'applied'])
  })
})

describe('a statement that chokes on a message, whenever it is asked', () => {
  /** A database whose statement of this text fails on values that hold the poison, as PostgreSQL fails: with a code. */
  function choking(on: (statement: Statement) => boolean): Database {
    const query = async (tx: Tx, statement: Statement, values: readonly unknown[] = []) => {
      if (
        on(statement) &&
        JSON.stringify(values, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).includes(
          'poison',
        )
      )
        throw Object.assign(new Error('invalid byte sequence for encoding "UTF8"'), { code: '22021' })
      return tx.query(statement, values)
    }
    const wrapped = (tx: Tx): Tx =>
      Object.create(tx, {
        query: { value: (statement: Statement, values?: readonly unknown[]) => query(tx, statement, values) },
      }) as Tx
    return withTransactions(wrapped)
  }
  const numbered = (text: string) => message(ours(text, 1, { subject: text, id: text }))

  test('is told apart: the message is parked or set aside, the others are applied', async () => {
    const seen = new Set<string>()
    const note = (statement: Statement) => (seen.add(statement.text), false)
    await inboxOf([writes], choking(note)).handle([numbered('poison seen'), message('{ no poison'), numbered('seen')])
    expect(seen.size).toBeGreaterThan(4)
    for (const [at, text] of [...seen].entries()) {
      const [good, poison, last] = [`good ${String(at)}`, `poison ${String(at)}`, `last ${String(at)}`]
      const inbox = inboxOf(
        [writes],
        choking((statement) => statement.text === text),
      )
      const batch = [numbered(good), numbered(poison), numbered(last)]
      await inbox.handle(batch)
      expect([await whereIs(good), await whereIs(last)]).toEqual([['applied'], ['applied']])
      expect([text, await whereIs(poison)]).toEqual([
        text,
        [expect.stringMatching(/^(applied|parked|quarantine: failed)$/)],
      ])
      // The same again changes nothing of what came of them.
      const before = await whereIs(poison)
      await inbox.handle(batch)
      expect(await whereIs(poison)).toEqual(before)
    }
  }, 120_000)

  test('where not even the bytes can be set aside the batch comes again: nothing is lost', async () => {
    const inbox = inboxOf(
      [writes],
      choking(() => true),
    )
    await expect(inbox.handle([message('{ poison', { key: 'poison' })])).rejects.toThrow('invalid byte sequence')
    expect(await whereIs('{ poison')).toEqual([])
  })
})

describe('acknowledged and lost', () => {
  test.each([
    ['half pairs that become one text', ['\ud800', '\ud801']],
    ['NULs', ['a\0', 'b\0']],
  ])('%s are no repeats: each is set aside', async (_what, [one, other]) => {
    const inbox = inboxOf([writes])
    const events = [one, other].map((id) => theirs(`lost ${JSON.stringify(id)}`, { id }))
    await inbox.handle(events.map((event) => message(event)))
    const rows = await kit.rows<{ faults: { pointer: string }[] }>(
      `select faults from kit.quarantine where reason = 'envelope' order by id desc limit 2`,
    )
    expect(rows.map((row) => row.faults.map((fault) => fault.pointer).includes('/id'))).toEqual([true, true])
  })

  test('source and id are two texts: where one ends cannot be moved', async () => {
    await inboxOf([writes]).handle([
      message(theirs('line one', { source: '/erp\na', id: 'b' })),
      message(theirs('line two', { source: '/erp', id: 'a\nb' })),
    ])
    expect([await whereIs('line one'), await whereIs('line two')]).toEqual([['applied'], ['applied']])
  })

  test('what is neither new nor known is a bug, and no repeat', async () => {
    const hashless = withTransactions(
      (tx) =>
        Object.create(tx, {
          query: {
            value: async (statement: Statement, values?: readonly unknown[]) =>
              /inbox\.digest_version\s+from/.test(statement.text) ? [] : tx.query(statement, values),
          },
        }) as Tx,
    )
    const inbox = inboxOf([writes], hashless)
    await inbox.handle([message(theirs('twice'))])
    await inbox.handle([message(theirs('twice'))])
    expect((await whereIs('twice')).sort()).toEqual(['applied', 'quarantine: failed'])
  })
})

test('what was held and cannot be read any more is set aside when its turn comes', async () => {
  const held = (text: string, sequence: number) => message(ours(text, sequence, { subject: 'held' }))
  await inboxOf([writes]).handle([held('narrow', 2), held('wide', 3)])
  expect([await whereIs('narrow'), await whereIs('wide')]).toEqual([['parked'], ['parked']])
  const narrower = contract({
    type: 'notes.noted.v1',
    topic: 'notes',
    subject: 'notebook',
    summary: 'A note.',
    data: z.object({ text: z.string().refine((text) => text !== 'narrow', 'is too narrow') }),
  })
  const inbox = inboxOf([
    reaction(narrower, { react: (tx: Tx, one) => tx.query(writeNote, [one.data.text]).then(() => undefined) }),
  ])
  const worker = startParkingWorker({ db: kit.db, inbox, log: silent })
  try {
    await inbox.handle([held('first', 1)])
    await until(async () => (await whereIs('wide')).includes('applied'))
  } finally {
    await worker.stop()
  }
  expect(await whereIs('narrow')).toEqual(['quarantine: schema'])
})

describe('what one of our own services sent and was set aside, republished with its own id after an upgrade,', () => {
  const react = (tx: Tx, event: { data: { text: string } }) =>
    tx.query(writeNote, [event.data.text]).then(() => undefined)
  const reads = (data: z.ZodType<{ text: string }>) =>
    inboxOf([
      reaction(contract({ type: 'notes.noted.v1', topic: 'notes', subject: 'notebook', summary: 'A note.', data }), {
        react,
      }),
    ])
  const text = z.object({ text: z.string() })
  const throwing = text.refine(() => {
    throw new TypeError('a bug')
  })

  test.each([
    ['is applied where reading it threw (`failed`)', throwing, 'failed', ['applied', 'quarantine: failed']],
    [
      'is a repeat where it was against its schema',
      z.object({ text: z.string().max(1) }),
      'schema',
      ['quarantine: schema'],
    ],
  ] as const)('%s', async (title, before, reason, after) => {
    const sent = message(ours(title, 1, { subject: title }))
    await reads(before).handle([sent])
    expect(await whereIs(title)).toEqual([`quarantine: ${reason}`])
    await reads(text).handle([{ ...sent, offset: sent.offset + 1_000_000n }])
    expect((await whereIs(title)).sort()).toEqual(after)
  })
})
