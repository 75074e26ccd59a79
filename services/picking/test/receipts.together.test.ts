/** Requests about receipts that come at the same moment are answered word for word as if each had come alone. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { groups } from '@stockline/contracts'
import { isRefusal, sql, type Actor } from '@stockline/service-kit'
import type { CallOptions, Client, Reply } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { carryOut } from '../src/documents/document.command.actions.ts'
import { receipts } from '../src/receipts/receipt.actions.ts'
import { countReceipt, placesCounted } from '../src/receipts/receipt.count.ts'
import { openHarness, type Harness } from './harness.ts'
import {
  act,
  askedOfLedger,
  count,
  lastStep,
  lineA,
  lineB,
  ordered,
  read,
  untilOneWaits,
  words,
  type Problem,
  type ShownReceipt,
} from './steps.ts'

type Answer = Reply<ShownReceipt & Problem>
type Step = 'lines' | 'validate' | 'approve'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const holdReceipt = sql('select id from receipts where id = $1 for update')
// The transaction that wrote a row last is named in it.
const writers = sql('select count(distinct xmin::text)::int as count from receipts where id = any($1::uuid[])')

const full = [
  { line: 1, quantity: '100' },
  { line: 2, quantity: '50' },
]
const short = [{ line: 1, quantity: '60' }]

function send(step: Step, who: Client, receipt: ShownReceipt, over: CallOptions = {}): Promise<Answer> {
  const body = step === 'lines' ? { entries: full } : {}
  return who.send(step === 'lines' ? 'PATCH' : 'POST', `/v1/receipts/${receipt.id}/${step}`, {
    body,
    version: receipt.version,
    ...over,
  })
}

/** One request, and what must have happened to its receipt before. */
interface Case {
  readonly who: () => Client
  readonly before: (receipt: ShownReceipt) => Promise<ShownReceipt>
  readonly over?: CallOptions
}

/** An answer without what differs between two receipts: ids, numbers, times. */
function plain({ status, body, headers }: Answer): unknown {
  return JSON.parse(
    JSON.stringify({ status, etag: headers['etag'], body })
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/WH\/IN\/\d+/g, 'NUMBER')
      .replaceAll(/(ONE|ALL)-[a-z]+-\d+/g, 'ORDER'),
  )
}

/** Makes each case twice, and has one of each taken alone, the other in the company of all others. */
async function compared(step: Step, cases: readonly Case[]) {
  const prepared = (name: string) =>
    Promise.all(cases.map(async ({ before }, index) => before(await ordered(harness, `${name}-${step}-${index}`))))
  const [ones, all] = [await prepared('ONE'), await prepared('ALL')]
  const go = ({ who, over }: Case, receipt: ShownReceipt | undefined) => send(step, who(), receipt!, over)
  const retryIndividually: Answer[] = []
  for (const [index, each] of cases.entries()) retryIndividually.push(await go(each, ones[index]))
  const together = await harness.meeting.atOnce(cases.map((each, index) => () => go(each, all[index])))
  expect(together.map(plain)).toEqual(retryIndividually.map(plain))
  const left = async (receipts: readonly ShownReceipt[]) => {
    const now = await Promise.all(receipts.map(({ id }) => read(harness, id)))
    return now.map(({ status, version, lines }, index) => [status, version, words(now[index]!), lines])
  }
  expect(await left(all)).toEqual(await left(ones))
  return { together, all }
}

const outcomes = (answers: readonly Answer[]) =>
  answers.map(({ status, body }) => (status === 200 ? body.status : `${status} ${body.type}`))

const untouched = (receipt: ShownReceipt) => Promise.resolve(receipt)
const counted = (receipt: ShownReceipt) => count(harness, receipt, full)
const bySupervisor = (receipt: ShownReceipt) => count(harness, receipt, short, harness.supervisor)
const lacking = (receipt: ShownReceipt) => count(harness, receipt, short)
const after = (receipt: ShownReceipt, who: Client, step: string, body: object = {}) =>
  act(who, 'POST', receipt, step, body).then((answer) => answer.body)
const inReview = async (receipt: ShownReceipt) => after(await lacking(receipt), harness.user, 'validate')
const cancelled = (receipt: ShownReceipt) => after(receipt, harness.supervisor, 'cancel', { reason: 'not wanted' })
const past = { effectiveAt: '2026-04-20T08:00:00Z' }
const future = { effectiveAt: '2999-01-01T00:00:00Z' }

describe('G2 Counts at the same moment', () => {
  test('G2 are answered as if each had come alone', async () => {
    const entries = (...of: readonly object[]) => ({ body: { entries: of } })
    const { together, all } = await compared('lines', [
      { who: () => harness.user, before: untouched },
      { who: () => harness.supervisor, before: counted },
      { who: () => harness.user, before: untouched, over: { version: 7 } },
      {
        who: () => harness.user,
        before: untouched,
        over: entries({ line: 9, quantity: '1' }, { sku: 'LOT', quantity: '1' }),
      },
      {
        who: () => harness.manager,
        before: untouched,
        over: entries({ line: 1, quantity: '1', destination: 'WH/Input' }),
      },
      {
        who: () => harness.user,
        before: untouched,
        over: entries({ line: 1, quantity: '1', destination: 'WH/Input' }),
      },
      { who: () => harness.user, before: untouched, over: entries({ sku: 'PX', quantity: '1', unitCost: '1' }) },
      { who: () => harness.supervisor, before: untouched, over: entries({ sku: 'PX', quantity: '1', unitCost: '1' }) },
      { who: () => harness.user, before: untouched, over: { body: { entries: full, ...past } } },
      { who: () => harness.supervisor, before: untouched, over: { body: { entries: full, ...past } } },
      { who: () => harness.user, before: inReview },
      { who: () => harness.user, before: cancelled },
      { who: () => harness.user, before: untouched, over: entries({ line: 1, quantity: '5000', unit: 'g' }) },
    ])
    expect(outcomes(together)).toEqual([
      'in_progress',
      'in_progress',
      '412 version-stale',
      '422 entries-wrong',
      'in_progress',
      '404 location-unknown',
      '403 cost-forbidden',
      'in_progress',
      '403 effective-at-forbidden',
      'in_progress',
      '409 receipt-in-review',
      '409 receipt-closed',
      'in_progress',
    ])
    const written = [0, 1, 4, 7, 9, 12].map((index) => all[index]?.id)
    const [row] = await harness.service.db.query<{ count: number }>(writers, [written])
    expect(row?.count).toBeLessThan(written.length)
  })

  test('G2 each is judged by its own right, also where one person has two: of before and after a change', async () => {
    const [before, now] = [await ordered(harness, 'RIGHT-1'), await ordered(harness, 'RIGHT-2')]
    const actor = (group: string): Actor => ({ id: 'u', name: 'U', kind: 'user', scopes: [], groups: [group] })
    const origin = { actor: null, correlationId: 'test' }
    const asked = ({ id, version }: ShownReceipt, group: string) => ({
      params: { id },
      body: { entries: [{ line: 1, quantity: '1', destination: 'WH/Input' }] },
      actor: actor(group),
      version,
      origin,
    })
    const both = [asked(before, groups.manager), asked(now, groups.user)]
    const results = await harness.service.db.transaction(origin, (tx) =>
      carryOut(tx, receipts, { decide: countReceipt, places: placesCounted }, both),
    )
    expect(results.map((result) => (isRefusal(result) ? result.refused : 'counted'))).toEqual([
      'counted',
      'location-unknown',
    ])
  })
})

test('G2 answers that are known already do not wait for a receipt that somebody holds', async () => {
  const made = await Promise.all(['KNOWN-1', 'KNOWN-2', 'KNOWN-HELD'].map((one) => ordered(harness, one)))
  const [first, second, held] = made as [ShownReceipt, ShownReceipt, ShownReceipt]
  const again = [first, second].map((receipt) => ({ receipt, over: { key: randomUUID() } }))
  const repeat = again.map(
    ({ receipt, over }) =>
      () =>
        send('lines', harness.user, receipt, over),
  )
  const answered = await Promise.all(repeat.map((send) => send()))
  const late = await harness.service.db.transaction({ actor: null, correlationId: 'test' }, async (tx) => {
    await tx.query(holdReceipt, [held.id])
    const [ofHeld, ...repeated] = await harness.meeting.sendAtOnce([() => send('lines', harness.user, held), ...repeat])
    expect((await Promise.all(repeated)).map(({ body }) => body)).toEqual(answered.map(({ body }) => body))
    await untilOneWaits(harness, 'the one about it waits')
    return { ofHeld }
  })
  expect((await late.ofHeld).status).toBe(200)
}, 20_000)

const asked = (...documents: readonly ShownReceipt[]) =>
  askedOfLedger(harness, 'picking.receipt-validated.v1', documents)

/** How many transactions wrote these receipts last. */
async function transactions(...receipts: readonly ShownReceipt[]): Promise<number | undefined> {
  const ids = receipts.map(({ id }) => id)
  return (await harness.service.db.query<{ count: number }>(writers, [ids]))[0]?.count
}

describe('G4 Validations and approvals at the same moment', () => {
  const user = `Name of ${groups.user}`
  const supervisor = `Name of ${groups.supervisor}`
  const manager = `Name of ${groups.manager}`
  const traced = (trace: string): CallOptions => ({ headers: { 'x-correlation-id': trace } })

  test('G4 are one transaction, and each has its own actor and trace', async () => {
    const [one, two] = [await counted(await ordered(harness, 'OWN-A')), await counted(await ordered(harness, 'OWN-B'))]
    const validated = await harness.meeting.atOnce([
      () => send('validate', harness.user, one, traced('trace-one')),
      () => send('validate', harness.supervisor, two, traced('trace-two')),
    ])
    expect(validated.map(lastStep)).toEqual([`validated by ${user}`, `validated by ${supervisor}`])
    expect(await transactions(one, two)).toBe(1)
    expect(await asked(one)).toEqual([{ id: one.id, by: user, trace: 'trace-one' }])
    expect(await asked(two)).toEqual([{ id: two.id, by: supervisor, trace: 'trace-two' }])

    const [three, four] = [
      await inReview(await ordered(harness, 'OWN-C')),
      await inReview(await ordered(harness, 'OWN-D')),
    ]
    const approved = await harness.meeting.atOnce([
      () => send('approve', harness.supervisor, three, traced('trace-three')),
      () => send('approve', harness.manager, four, traced('trace-four')),
    ])
    expect(approved.map(lastStep)).toEqual([`approved by ${supervisor}`, `approved by ${manager}`])
    expect(await transactions(three, four)).toBe(1)
    expect(await asked(three)).toEqual([{ id: three.id, by: supervisor, trace: 'trace-three' }])
    expect(await asked(four)).toEqual([{ id: four.id, by: manager, trace: 'trace-four' }])
  })

  test('G4 operators are answered as if each had come alone', async () => {
    const { together } = await compared('validate', [
      { who: () => harness.user, before: counted },
      { who: () => harness.supervisor, before: lacking },
      { who: () => harness.user, before: untouched },
      { who: () => harness.user, before: counted, over: { version: 1 } },
      { who: () => harness.user, before: async (one) => after(await counted(one), harness.user, 'validate') },
      { who: () => harness.user, before: cancelled, over: { version: 9 } },
      { who: () => harness.user, before: counted, over: { body: past } },
      { who: () => harness.supervisor, before: counted, over: { body: future } },
      { who: () => harness.supervisor, before: counted, over: { body: past } },
      { who: () => harness.user, before: lacking, over: { body: { remainder: 'close' } } },
    ])
    expect(outcomes(together)).toEqual([
      'posting',
      'in_review',
      '409 receipt-empty',
      '412 version-stale',
      'posting',
      '409 receipt-cancelled',
      '403 effective-at-forbidden',
      '422 effective-at-future',
      'posting',
      'in_review',
    ])
  })

  test('G4 supervisors are answered as if each had come alone: nobody approves what they counted', async () => {
    const reviewed = async (one: ShownReceipt) => after(await bySupervisor(one), harness.supervisor, 'validate')
    const { together } = await compared('approve', [
      { who: () => harness.supervisor, before: inReview },
      { who: () => harness.supervisor, before: reviewed },
      { who: () => harness.second, before: reviewed },
      { who: () => harness.supervisor, before: counted },
      { who: () => harness.supervisor, before: inReview, over: { version: 1 } },
      { who: () => harness.second, before: async (one) => after(await inReview(one), harness.supervisor, 'approve') },
      { who: () => harness.second, before: inReview, over: { body: { remainder: 'close' } } },
      { who: () => harness.user, before: inReview },
    ])
    expect(together.map(({ status }) => status)).toEqual([200, 403, 200, 409, 412, 200, 200, 403])
    expect(lastStep(together[0]!)).toBe(`approved by ${supervisor}`)
  })

  test('G4 a receipt that is not there is unknown, beside others that are', async () => {
    const here = await counted(await ordered(harness, 'HERE', [lineA, lineB]))
    const answers = await harness.meeting.atOnce([
      () => send('validate', harness.manager, { ...here, id: randomUUID() }),
      () => send('validate', harness.user, here),
      () => send('validate', harness.user, { ...here, id: randomUUID() }),
    ])
    expect(outcomes(answers)).toEqual(['404 receipt-unknown', 'posting', '404 not-found'])
  })
})

test('G2 every invariant holds after all that', async () => {
  for (const { statement } of invariants) expect(await harness.service.db.queryWholeTables(statement)).toEqual([])
})
