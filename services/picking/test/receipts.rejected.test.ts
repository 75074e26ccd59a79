/** Accept and reject at the dock, over HTTP and with the database. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import { act, count, eventually, ordered, read, receiptsOf, type Problem } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await harness.service.db.query(statement) }).toEqual({ name, rows: [] })
  await harness.stop()
})

const damaged = { quantity: '2', reason: 'damaged' }

describe('G2 What is not accepted', () => {
  test('is kept with its entry, reviewed, told to the ledger, and a backorder is made for what goes back', async () => {
    const draft = await ordered(harness, 'PO-REJ')
    const counted = await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '45', rejected: { ...damaged, location: 'WH/Stock/A1-03' } },
      { line: 2, quantity: '0', rejected: { quantity: '3', reason: 'expired', to: 'vendor' } },
    ])
    expect(counted.lines[1]).toMatchObject({ received: '47', flag: 'Short 3, rejected' })
    expect(counted.history.at(-1)?.why).toBe(
      'line 1: 100, line 2: 45, rejected 2 (damaged, held), line 2: 0, rejected 3 (expired, back to the vendor)',
    )
    const review = (await act(harness.user, 'POST', counted, 'validate')).body
    expect(review.status).toBe('in_review')
    expect((await act(harness.user, 'POST', review, 'approve')).status).toBe(403)
    const posting = (await act(harness.supervisor, 'POST', review, 'approve')).body
    const [told] = await harness.service.db.prisma.$queryRaw<{ data: object }[]>`
      select value::jsonb -> 'data' as data from kit.outbox where subject = ${draft.id} and type = 'picking.receipt-validated.v1'`
    expect(told?.data).toMatchObject({
      lines: [
        { quantity: '100' },
        { quantity: '45', destination: 'WH/Stock' },
        { quantity: '2', destination: 'WH/Stock/A1-03', status: 'damaged', rejected: 'damaged' },
      ],
      returned: [{ documentLine: 2, sku: 'RM-B', quantity: '3', unit: 'kg', reason: 'expired' }],
    })
    await harness.post()
    await eventually(harness, posting.id, 'it is posted', ({ status }) => status === 'done')
    const [, backorder] = await receiptsOf(harness, 'PO-REJ', 2)
    expect(backorder?.lines).toMatchObject([{ sku: 'RM-B', expected: '3', received: null, entries: [] }])
    expect((await read(harness, draft.id)).lines[1]?.entries).toEqual([
      { quantity: '45', unit: 'kg', lot: null, expiresOn: null, destination: 'WH/Stock', unitCost: null, rejected: { quantity: '2', reason: 'damaged', to: 'hold', location: 'WH/Stock/A1-03', status: 'damaged' } }, // prettier-ignore
      { quantity: '0', unit: 'kg', lot: null, expiresOn: null, destination: 'WH/Stock', unitCost: null, rejected: { quantity: '3', reason: 'expired', to: 'vendor', location: null, status: null } }, // prettier-ignore
    ])
  })

  test('all of it goes back: the receipt stays open, and takes what comes in its place', async () => {
    const draft = await ordered(harness, 'PO-REJ-ALL')
    const none = { quantity: '0', rejected: { ...damaged, to: 'vendor' } }
    const counted = await count(harness, draft, [
      { line: 1, ...none },
      { line: 2, ...none },
    ])
    const refused = await act<Problem>(harness.user, 'POST', counted, 'validate')
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/^Nothing was accepted/) } })
    const again = await count(harness, counted, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50' },
    ])
    expect((await act(harness.user, 'POST', again, 'validate')).body.status).toBe('posting')
  })

  test.each<[string, object, number, string[]]>([
    ['nothing', { quantity: '0', reason: 'damaged' }, 422, ['/entries/0/rejected/quantity']],
    ['without a reason', { quantity: '1' }, 422, ['/entries/0/rejected/reason']],
    ['for no reason that there is', { quantity: '1', reason: 'ugly' }, 422, ['/entries/0/rejected/reason']],
    ['as what may be promised', { ...damaged, status: 'available' }, 422, ['/entries/0/rejected/status']],
    ['with what nobody knows', { ...damaged, why: 'x' }, 422, ['/entries/0/rejected/why']],
    ['at a place that there is not', { ...damaged, location: 'WH/Stock/None' }, 422, ['/entries/0/rejected/location']],
    ['at a place of others', { ...damaged, location: 'WH/Input' }, 404, []],
  ])('rejected %s', async (title, rejected, status, pointers) => {
    const draft = await ordered(harness, `PO-BAD-${title.replace(/\W/g, '')}`)
    const body = { entries: [{ line: 1, quantity: '1', rejected }] }
    const reply = await act<Problem>(harness.user, 'PATCH', draft, 'lines', body)
    expect([reply.status, (reply.body.errors ?? []).map(({ pointer }) => pointer)]).toEqual([status, pointers])
    expect((await read(harness, draft.id)).status).toBe('draft')
  })
})
