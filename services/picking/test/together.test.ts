/** What comes at the same moment is taken in one transaction; nobody may be able to tell. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from '@stockline/service-kit'
import { until, type Client, type Reply } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import {
  lineA,
  lineB,
  ordered,
  purchaseOrder,
  read,
  receiptOf,
  tell,
  untilOneWaits,
  type ShownReceipt,
} from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const all = [
  { line: 1, quantity: '100' },
  { line: 2, quantity: '50' },
]
const changedAt = sql(`select id, changed_at::text as at from receipts where id = any($1::uuid[])`)
const outbox = sql(`select value from kit.outbox where subject = any($1::text[]) order by position`)
const holdReceipt = sql(`select id from receipts where id = $1 for update`)

/** Drafts of so many new orders, told at once. */
async function drafts(name: string, count: number): Promise<ShownReceipt[]> {
  const numbers = Array.from({ length: count }, (_, index) => `${name}-${String(index)}`)
  const told = await Promise.all(numbers.map((one) => tell(harness, purchaseOrder('confirmed', one, [lineA, lineB]))))
  expect(told.map(({ status }) => status)).toEqual(numbers.map(() => 202))
  return Promise.all(numbers.map((one) => receiptOf(harness, one)))
}

function counted(who: Client, receipt: ShownReceipt, key: string = randomUUID(), entries: readonly object[] = all) {
  return who.send<ShownReceipt>('PATCH', `/v1/receipts/${receipt.id}/lines`, {
    body: { entries },
    version: receipt.version,
    key,
  })
}

/** How many transactions changed these receipts last. */
async function transactions(receipts: readonly ShownReceipt[]): Promise<number> {
  const rows = await harness.service.db.query<{ at: string }>(changedAt, [receipts.map(({ id }) => id)])
  return new Set(rows.map(({ at }) => at)).size
}

function statuses(replies: readonly Reply[]): number[] {
  return replies.map(({ status }) => status)
}

describe('requests at the same moment', () => {
  test('are taken together, and each has its own answer, actor and trace', async () => {
    const made = await drafts('EACH', 8)
    const people = [harness.user, harness.supervisor]
    const who = (index: number): Client => people[index % 2] ?? harness.user
    const replies = await harness.meeting.atOnce(made.map((receipt, index) => () => counted(who(index), receipt)))
    expect(statuses(replies)).toEqual(made.map(() => 200))
    expect(replies.map(({ body }) => body.id)).toEqual(made.map(({ id }) => id))
    expect(await transactions(made)).toBe(1)
    const posted = await harness.meeting.atOnce(
      replies.map(
        ({ body }, index) =>
          () =>
            who(index).send<ShownReceipt>('POST', `/v1/receipts/${body.id}/validate`, {
              body: {},
              version: body.version,
              headers: { 'x-correlation-id': `trace-${String(index)}` },
            }),
      ),
    )
    expect(posted.map(({ body }) => body.status)).toEqual(made.map(() => 'posting'))
    expect(await transactions(made)).toBe(1)
    const names = made.map((_, index) => `Name of ${index % 2 === 0 ? 'user' : 'supervisor'}`)
    expect(
      posted.map(({ body }) => body.history.slice(-2).map(({ who: one }) => one?.name.includes('supervisor'))),
    ).toEqual(names.map((name) => [name.includes('supervisor'), name.includes('supervisor')]))
    const events = await harness.service.db.query<{ value: string }>(outbox, [made.map(({ id }) => id)])
    const traces = events.map(
      ({ value }) => JSON.parse(value) as { subject: string; correlationid: string; actor: string },
    )
    for (const [index, { id }] of made.entries()) {
      const own = traces.find(({ subject }) => subject === id)
      expect(own?.correlationid).toBe(`trace-${String(index)}`)
      expect(own?.actor.includes('supervisor')).toBe(index % 2 === 1)
    }
  })

  test('one that is refused touches no other, leaves nothing, and its key may be used again', async () => {
    const made = await drafts('NO', 4)
    const [stale, wrong, ...good] = made as [ShownReceipt, ShownReceipt, ...ShownReceipt[]]
    const key = randomUUID()
    const replies = await harness.meeting.atOnce([
      () => counted(harness.user, { ...stale, version: 7 }),
      () => counted(harness.user, wrong, key, [{ line: 9, quantity: '1' }]),
      ...good.map((receipt) => () => counted(harness.user, receipt)),
    ])
    expect(statuses(replies)).toEqual([412, 422, 200, 200])
    expect((await read(harness, wrong.id)).history).toHaveLength(1)
    expect((await counted(harness.user, wrong, key)).status).toBe(200)
  })

  test('two about one receipt follow each other: the second has read too early', async () => {
    const [receipt] = (await drafts('TWO', 1)) as [ShownReceipt]
    const replies = await Promise.all([counted(harness.user, receipt), counted(harness.supervisor, receipt)])
    expect(statuses(replies).sort()).toEqual([200, 412])
  })

  test('the same one sent twice is done once and answered twice', async () => {
    const made = await drafts('TWICE', 3)
    const [receipt] = made as [ShownReceipt]
    const key = randomUUID()
    const replies = await harness.meeting.atOnce([
      ...made.slice(1).map((one) => () => counted(harness.user, one)),
      () => counted(harness.user, receipt, key),
      () => counted(harness.user, receipt, key),
    ])
    expect(statuses(replies)).toEqual([200, 200, 200, 200])
    expect(replies[3]?.body).toEqual(replies[2]?.body)
    expect((await read(harness, receipt.id)).history.map(({ what }) => what)).toEqual(['created', 'counted'])
    expect((await counted(harness.user, receipt, key, [{ line: 1, quantity: '3' }])).status).toBe(422)
  })

  test('a receipt that somebody holds keeps nobody else waiting', async () => {
    const made = await drafts('HELD', 4)
    const [held, ...others] = made as [ShownReceipt, ...ShownReceipt[]]
    let late: Promise<Reply<ShownReceipt>> | undefined
    const origin = { actor: null, correlationId: 'test' }
    await harness.service.db.transaction(origin, async (tx) => {
      await tx.query(holdReceipt, [held.id])
      const [ofHeld, ...rest] = await harness.meeting.sendAtOnce(
        [held, ...others].map((one) => () => counted(harness.user, one)),
      )
      late = ofHeld
      expect(statuses(await Promise.all(rest))).toEqual([200, 200, 200])
      await untilOneWaits(harness, 'the one about it waits')
    })
    expect((await late)?.status).toBe(200)
  })
})

describe('events at the same moment', () => {
  test('each becomes what it would have become alone', async () => {
    const known = await ordered(harness, 'EV-KNOWN')
    const repeated = purchaseOrder('confirmed', 'EV-TWICE', [lineA])
    const reused = { ...purchaseOrder('confirmed', 'EV-REUSED', [lineA]), id: 'one id' }
    const first = await tell(harness, reused)
    const replies = await Promise.all([
      tell(harness, purchaseOrder('confirmed', 'EV-GOOD', [lineA])),
      tell(harness, purchaseOrder('confirmed', 'EV-FAR', [lineA], { warehouse: 'FAR' })),
      tell(harness, purchaseOrder('confirmed', 'EV-KNOWN', [lineA])),
      tell(harness, { ...purchaseOrder('confirmed', 'EV-OTHER', [lineA]), id: 'one id' }),
      tell(harness, repeated),
      tell(harness, repeated),
      tell(harness, purchaseOrder('confirmed', 'EV-BAD', [{ ...lineA, quantity: '-1' }])),
    ])
    const states = replies.map(({ status, body }) => [status, (body as unknown as { state?: string }).state])
    expect([first.status, known.status]).toEqual([202, 'draft'])
    expect(states.slice(0, 4)).toEqual([
      [202, 'applied'],
      [202, 'waiting'],
      [409, undefined],
      [409, undefined],
    ])
    expect(states.slice(4, 6).map(([status]) => status)).toEqual([202, 202])
    expect(states[6]?.[0]).toBe(422)
    expect((await receiptOf(harness, 'EV-TWICE')).history).toHaveLength(1)
  })

  test('an order and its changes, in whatever order they came, end as the last one says', async () => {
    const [confirmed, amended] = [
      purchaseOrder('confirmed', 'EV-LAST', [lineA]),
      purchaseOrder('amended', 'EV-LAST', [{ ...lineA, quantity: '70' }], { revision: 2 }),
    ]
    const replies = await Promise.all([tell(harness, amended), tell(harness, confirmed)])
    expect(statuses(replies)).toEqual([202, 202])
    await until('it is amended', async () => (await receiptOf(harness, 'EV-LAST')).lines[0]?.expected === '70')
    expect((await receiptOf(harness, 'EV-LAST')).lines).toMatchObject([{ line: 1, expected: '70' }])
  })
})

test('every invariant holds after all that', async () => {
  for (const { statement } of invariants) expect(await harness.service.db.queryWholeTables(statement)).toEqual([])
})
