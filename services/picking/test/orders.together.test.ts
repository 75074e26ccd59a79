/** Orders that are told at the same moment: taken in one transaction, and each becomes what it would have become alone. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { takeNumbers } from '@stockline/documents'
import { refuse, sql, type IncomingMessage } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { openInbox } from '../../../packages/service-kit/src/messaging/inbox.ts'
import { reactions } from '../src/bus.ts'
import type { Database } from '../src/database.ts'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import { inboxOn, settled, warehouseTold } from './orders-stories.ts'
import { lineX, salesOrder } from './deliveries-steps.ts'
import {
  eventually,
  lineA,
  lineB,
  ordered,
  purchaseCancelled,
  purchaseOrder,
  receiptOf,
  receiptsOf,
  tell,
  untilOneWaits,
  words,
} from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const ten = { ...lineA, quantity: '10' }
const writers = sql('select count(distinct xmin::text)::int as count from orders where order_number like $1')
const numbersOf = sql('select number from receipts where source like $1 order by number')
const last = sql(`select last from numbers where warehouse = $1 and type = 'IN'`)
const setAside = sql(`
  select state, type, wait_key from kit.parked where subject = $1 and resolved_at is null order by position`)
const supersededOf = sql(`select resolved_why from kit.parked where subject = $1 and state = 'superseded'`)
const outcomes = sql('select outcome from kit.inbox where id = any($1::text[]) and outcome is not null')
const holdReceipt = sql('select id from receipts where id = $1 for update')
const orderCount = sql('select count(*)::int as count from orders where order_number like $1')

let offset = 0n

/** As the bus brings it. */
function message(event: object, subject?: string): IncomingMessage {
  const whole = { ...event, ...(subject === undefined ? {} : { subject }) } as { subject: string; type: string }
  offset += 1n
  const value = Buffer.from(JSON.stringify(whole))
  const topic = whole.type.startsWith('sales.') ? 'sales.orders' : 'purchasing.orders'
  return { topic, partition: 98, offset, key: whole.subject, value, headers: {} }
}

/** Takes events in one batch, as those of the bus; it must not fall apart. */
async function inOneBatch(...events: readonly object[]): Promise<void> {
  const warnings: string[] = []
  await inboxOn(harness, warnings).handle(events.map((event) => message(event)))
  expect(warnings).toEqual([])
}

async function one<Row>(statement: ReturnType<typeof sql>, ...values: readonly unknown[]): Promise<Row | undefined> {
  return (await harness.service.db.query<Row>(statement, values))[0]
}

const confirmed = (number: string, ...lines: readonly object[]) => purchaseOrder('confirmed', number, lines)
const idOf = (event: object) => (event as { id: string }).id

describe('G1 Orders confirmed at the same moment', () => {
  test('G1 become receipts with numbers without a gap, each made by who told of it', async () => {
    const before = (await one<{ last: bigint }>(last, 'WH'))?.last ?? 0n
    const names = Array.from({ length: 16 }, (_, index) => `MANY-${String(index)}`)
    const answers = await Promise.all(names.map((name) => tell(harness, confirmed(name, lineA))))
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 202))
    const rows = await harness.service.db.query<{ number: string }>(numbersOf, ['MANY-%'])
    const wanted = names.map((_, index) => `WH/IN/${String(before + BigInt(index) + 1n).padStart(5, '0')}`)
    expect(rows.map(({ number }) => number)).toEqual(wanted)
    const receipts = await Promise.all(names.map((name) => receiptOf(harness, name)))
    expect(receipts.map(({ history }) => history.map(({ who, what }) => `${what} by ${who?.name ?? '-'}`))).toEqual(
      names.map(() => ['created by ERP']),
    )
    expect((await one<{ count: number }>(writers, 'MANY-%'))?.count).toBeLessThan(names.length)
  })

  test('G1 in one batch of the bus: one transaction, numbered in the order in which they were told', async () => {
    const actor = { actor: { id: 'erp', name: 'ERP' } }
    const names = ['BATCH-C', 'BATCH-A', 'BATCH-B']
    await inOneBatch(...names.map((name) => ({ ...confirmed(name, lineA), ...(name === 'BATCH-A' ? actor : {}) })))
    const receipts = await Promise.all(names.map((name) => receiptOf(harness, name)))
    const numbers = receipts.map(({ number }) => number)
    expect(numbers).toEqual([...numbers].sort())
    expect(receipts.map(({ history }) => history[0]?.who?.name)).toEqual([undefined, 'ERP', undefined])
    expect(await one(writers, 'BATCH-%')).toEqual({ count: 1 })
  })

  test('G1 where the warehouse of one is unknown, that one waits alone, and what else is told of it waits by itself', async () => {
    const far = (number: string, ...lines: readonly object[]) =>
      purchaseOrder('confirmed', number, lines, { warehouse: 'W9' })
    await inOneBatch(
      confirmed('GOOD-1', lineA),
      far('AWAY', lineA),
      { ...far('AWAY', lineA, lineB), id: 'with other content' },
      purchaseOrder('amended', 'AWAY', [ten], { revision: 2, warehouse: 'W9' }),
      confirmed('GOOD-2', lineA),
    )
    expect((await receiptOf(harness, 'GOOD-1')).status).toBe('draft')
    expect((await receiptOf(harness, 'GOOD-2')).status).toBe('draft')
    const aside = () => harness.service.db.query(setAside, ['AWAY'])
    await settled(harness)
    expect(await aside()).toEqual([
      { state: 'waiting', type: 'purchasing.order-confirmed.v1', wait_key: 'warehouse:W9' },
      { state: 'waiting', type: 'purchasing.order-confirmed.v1', wait_key: 'warehouse:W9' },
      { state: 'waiting', type: 'purchasing.order-amended.v1', wait_key: 'warehouse:W9' },
    ])
    await warehouseTold(harness, 'W9')
    const [receipt, ...more] = await receiptsOf(harness, 'AWAY')
    expect([receipt?.number, more]).toEqual(['W9/IN/00001', []])
    await eventually(harness, receipt!.id, 'it is amended', (now) => now.lines[0]?.expected === '10')
    await until('nothing is left', async () => (await aside()).length === 0)
  })
})

describe('G5 What is told of one order in one batch', () => {
  test('G5 the same confirmation under another id is a repeat', async () => {
    await inOneBatch(confirmed('SAME', lineA), confirmed('SAME', lineA), confirmed('BESIDE-1', lineA))
    const [receipt, ...more] = await receiptsOf(harness, 'SAME')
    expect([receipt?.version, words(receipt!), more]).toEqual([1, ['created'], []])
  })

  test('G5 the same event is a repeat, whether it names the first revision or not', async () => {
    const event = { ...purchaseOrder('confirmed', 'NAMED', [lineA]), id: 'NAMED' } as unknown as { data: object }
    expect((await tell(harness, event)).status).toBe(202)
    expect((await tell(harness, { ...event, data: { ...event.data, revision: 1 } })).status).toBe(202)
    const unnamed = purchaseOrder('confirmed', 'NAMED', [lineA], { revision: 1 })
    expect((await tell(harness, unnamed)).status).toBe(202)
    expect(words(await receiptOf(harness, 'NAMED'))).toEqual(['created'])
  })

  test('G5 the same revision with other content contradicts, and changes nothing', async () => {
    const other = confirmed('OTHER', lineB)
    await inOneBatch(confirmed('OTHER', lineA), other, confirmed('BESIDE-2', lineA))
    expect(await one(outcomes, [idOf(other)])).toEqual({ outcome: 'order-revision-contradicts' })
    const [receipt, ...more] = await receiptsOf(harness, 'OTHER')
    expect([receipt?.lines.map(({ sku }) => sku), more]).toEqual([['RM-A'], []])
  })

  test('G5 a confirmation with a later revision amends; one with a lower is too old', async () => {
    const [older, later] = [1, 3].map((revision) => purchaseOrder('confirmed', 'LATER', [ten], { revision }))
    await inOneBatch(purchaseOrder('confirmed', 'LATER', [lineA], { revision: 2 }), older!, later!)
    const receipt = await receiptOf(harness, 'LATER')
    expect([receipt.lines[0]?.expected, words(receipt)]).toEqual(['10', ['created', 'order-changed']])
    expect(await one(outcomes, [idOf(older!), idOf(later!)])).toEqual({ outcome: 'order-revision-old' })
  })

  test.each(['after', 'before'])('G5 an amendment %s its confirmation is applied, by who told of it', async (when) => {
    const number = `AMEND-${when}`
    const amended = {
      ...purchaseOrder('amended', number, [ten], { revision: 2 }),
      actor: { id: 'buyer', name: 'A buyer' },
    }
    const both = [confirmed(number, lineA), amended]
    await inOneBatch(...(when === 'after' ? both : both.reverse()), confirmed(`BESIDE-${when}`, lineA))
    const receipt = await receiptOf(harness, number)
    expect(receipt.lines[0]?.expected).toBe('10')
    expect(receipt.history.map(({ what, who }) => `${what} by ${who?.name ?? '-'}`)).toEqual([
      'created by -',
      'order-changed by A buyer',
    ])
    expect(await harness.service.db.query(setAside, [number])).toEqual([])
  })

  test('G5 confirmed, cancelled, wanted again: all three, in order', async () => {
    const again = purchaseOrder('amended', 'AGAIN', [ten], { revision: 3 })
    await inOneBatch(confirmed('AGAIN', lineA), purchaseCancelled('AGAIN', 2), again)
    const receipts = await receiptsOf(harness, 'AGAIN', 2)
    expect(receipts.map(({ status, lines }) => `${status} ${String(lines[0]?.expected)}`)).toEqual([
      'cancelled 100',
      'draft 10',
    ])
  })

  test('G5 a change that waits is superseded by a later one that can be followed', async () => {
    await ordered(harness, 'LANE')
    await inOneBatch(
      purchaseOrder('amended', 'LANE', [ten], { revision: 2, warehouse: 'W8' }),
      purchaseCancelled('LANE', 3),
      confirmed('BESIDE-3', lineA),
    )
    expect(await receiptOf(harness, 'LANE')).toMatchObject({ version: 2, status: 'cancelled' })
    await settled(harness)
    expect(await harness.service.db.query(setAside, ['LANE'])).toEqual([])
    const ends = await harness.service.db.query(supersededOf, ['LANE'])
    expect(ends).toMatchObject([{ resolved_why: expect.stringContaining('revision 3 of order LANE') }])
  })

  test('G5 systems and numbers that look the same when put together are different orders', async () => {
    const one = { ...confirmed('PO:1', lineA), source: 'urn:erp' }
    const other = { ...confirmed('1', lineB), source: 'urn:erp:PO' }
    await inOneBatch(one, other)
    expect((await receiptOf(harness, 'PO:1')).lines.map(({ sku }) => sku)).toEqual(['RM-A'])
    expect((await receiptOf(harness, '1')).lines.map(({ sku }) => sku)).toEqual(['RM-B'])
  })
})

/** Counts how often transactions had to be run again: after a deadlock. */
function counted(counts: { calls: number; runs: number }): Database {
  const { db } = harness.service
  const transaction: Database['transaction'] = (origin, work) => {
    counts.calls += 1
    return db.transaction(origin, (tx) => {
      counts.runs += 1
      return work(tx)
    })
  }
  return Object.create(db, { transaction: { value: transaction } }) as Database
}

/** Takes the batches at once, as two processes would. */
async function atOnce(...batches: readonly (readonly IncomingMessage[])[]) {
  const counts = { calls: 0, runs: 0 }
  const inboxes = batches.map(() => openInbox(counted(counts), reactions('USD'), harness.service.log))
  await Promise.all(inboxes.map((inbox, index) => inbox.handle(batches[index] ?? [])))
  return counts
}

/** Makes each row written to a table take a moment, after it is locked. */
const slowly = (table: string) => [
  sql(`create function slowly() returns trigger language plpgsql as
    $$ begin perform pg_sleep(0.02); return new; end $$`),
  sql(`create trigger slowly after insert or update on ${table} for each row execute function slowly()`),
]
const quickly = (table: string) => [sql(`drop trigger slowly on ${table}`), sql('drop function slowly')]

describe('G5 Two batches with the same orders in opposite order', () => {
  const names = (of: string) => Array.from({ length: 6 }, (_, index) => `${of}-${String(index)}`)

  test.each([
    ['under their own names', (name: string) => name],
    // Not kept apart by the stream's lock.
    ['under other subjects', (name: string, batch: number) => `${name} of ${String(batch)}`],
  ])('G5 %s make no deadlock, and each order is taken once', async (how, subjectOf) => {
    const of = `TWO-${how.length}`
    for (const statement of slowly('orders')) await harness.service.db.query(statement)
    try {
      const both = (make: (name: string) => object) => [
        names(of).map((name) => message(make(name), subjectOf(name, 1))),
        names(of)
          .reverse()
          .map((name) => message(make(name), subjectOf(name, 2))),
      ]
      const made = await atOnce(...both((name) => confirmed(name, lineA)))
      const amended = await atOnce(...both((name) => purchaseOrder('amended', name, [ten], { revision: 2 })))
      expect([made.runs, amended.runs]).toEqual([made.calls, amended.calls])
    } finally {
      for (const statement of quickly('orders')) await harness.service.db.query(statement)
    }
    expect(await one(orderCount, `${of}-%`)).toEqual({ count: 6 })
    for (const name of names(of)) {
      const [receipt, ...more] = await receiptsOf(harness, name)
      expect([receipt?.lines[0]?.expected, words(receipt!), more]).toEqual(['10', ['created', 'order-changed'], []])
    }
  })
})

test.each([
  ['purchases', 'HELD-P', []],
  ['orders of both kinds', 'HELD-B', [salesOrder('confirmed', 'BETWEEN', [lineX])]],
])('G5 new %s beside a changed one and the backorder of its receipt make no deadlock', async (_, number, between) => {
  await ordered(harness, number)
  const { id } = await receiptOf(harness, number)
  const [held, mayEnd] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  let tries = 0
  // Somebody splits the receipt and numbers the rest; it is refused in the end, which leaves no gap.
  const splits = harness.service.db.transaction({ actor: null, correlationId: 'test' }, async (tx) => {
    tries += 1
    await tx.query(holdReceipt, [id])
    held.resolve(undefined)
    await mayEnd.promise
    await takeNumbers(tx, 'WH', 'IN', 1)
    return refuse('undone', 'state', 'It was only tried.')
  })
  await held.promise
  const amended = purchaseOrder('amended', number, [ten], { revision: 2 })
  const events = [confirmed(`FRESH-${number}`, lineA), ...between, amended]
  const batch = atOnce(events.map((event) => message(event)))
  await untilOneWaits(harness, 'the batch waits for the receipt')
  mayEnd.resolve(undefined)
  await splits
  const counts = await batch
  expect([tries, counts.runs]).toEqual([1, counts.calls])
  expect((await receiptOf(harness, number)).lines[0]?.expected).toBe('10')
  expect((await receiptOf(harness, `FRESH-${number}`)).status).toBe('draft')
})

test('G5 two batches with new orders of both kinds, in opposite order, make no deadlock', async () => {
  for (const statement of slowly('numbers')) await harness.service.db.query(statement)
  try {
    const sale = (number: string) => salesOrder('confirmed', number, [lineX])
    const counts = await atOnce(
      [confirmed('MIX-1', lineA), sale('MIX-2')].map((event) => message(event)),
      [sale('MIX-3'), confirmed('MIX-4', lineA)].map((event) => message(event)),
    )
    expect(counts.runs).toBe(counts.calls)
  } finally {
    for (const statement of quickly('numbers')) await harness.service.db.query(statement)
  }
  expect(await one(orderCount, 'MIX-%')).toEqual({ count: 4 })
})

test('G5 every invariant holds after all that', async () => {
  for (const { statement } of invariants) expect(await harness.service.db.queryWholeTables(statement)).toEqual([])
})
