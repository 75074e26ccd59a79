import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import {
  act,
  count,
  lineA,
  lineB,
  ordered,
  purchaseOrder,
  read,
  receiptOf,
  tell,
  type Problem,
  type ShownReceipt,
} from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const pointers = (body: Problem) => body.errors?.map((each) => each.pointer)

/** Of the right shape, and no time. */
const noTime = Buffer.from(JSON.stringify(['2026-13-45', '00000000-0000-7000-8000-000000000001'])).toString('base64url')

describe('G1 Events that are wrong', () => {
  test('no JSON: 400', async () => expect((await tell(harness, '{"specversion":')).status).toBe(400))

  test('against the schema: 422 with every fault', async () => {
    const wrong = purchaseOrder('confirmed', 'PO-WRONG', [
      { ...lineA, quantity: '1e-7' },
      { ...lineB, line: 1, unitPrice: '-1' },
    ])
    const answer = await tell(harness, wrong)
    expect(answer.status).toBe(422)
    expect(pointers(answer.body)).toEqual(expect.arrayContaining(['/data/lines/0/quantity', '/data/lines/1/unitPrice']))
  })

  test('1,001 lines: 422; 1,000 are taken', async () => {
    const lines = Array.from({ length: 1001 }, (_, index) => ({ ...lineA, line: index + 1, quantity: '1' }))
    expect((await tell(harness, purchaseOrder('confirmed', 'PO-1001', lines))).status).toBe(422)
    const most = await ordered1000()
    expect(most.lines).toHaveLength(1000)
    const entries = lines.slice(0, 1000).map(({ line }) => ({ line, quantity: '1' }))
    const counted = await count(harness, most, entries)
    expect((await act(harness.user, 'POST', counted, 'validate')).body.status).toBe('posting')
  })

  async function ordered1000(): Promise<ShownReceipt> {
    const lines = Array.from({ length: 1000 }, (_, index) => ({ ...lineA, line: index + 1, quantity: '1' }))
    expect((await tell(harness, purchaseOrder('confirmed', 'PO-1000', lines))).status).toBe(202)
    const list = await harness.manager.get<{ items: { id: string }[] }>('/v1/receipts?source=PO-1000')
    return read(harness, list.body.items[0]!.id)
  }

  test('the same id with other content: 409; the same again: 202', async () => {
    const event = purchaseOrder('confirmed', 'PO-TWICE', [lineA])
    expect((await tell(harness, event)).status).toBe(202)
    expect((await tell(harness, event)).status).toBe(202)
    const other = purchaseOrder('confirmed', 'PO-TWICE', [lineB])
    expect((await tell(harness, { ...other, id: (event as { id: string }).id })).status).toBe(409)
  })

  test('a revision that 0.1.0 took, with decimals as they were written, is told again: a repeat', async () => {
    const draft = await ordered(harness, 'PO-KEPT')
    await harness.service.db.prisma.$executeRaw`
      update orders set fingerprint = 'of 0.1.0', content = jsonb_set(jsonb_set(content,
        '{lines,0,quantity}', '"100.0"'), '{lines,0,unitPrice}', '"2.5"') where order_number = 'PO-KEPT'`
    expect(await tell(harness, purchaseOrder('confirmed', 'PO-KEPT', [lineA, lineB]))).toMatchObject({
      status: 202,
      body: { state: 'applied' },
    })
    expect((await receiptOf(harness, 'PO-KEPT')).version).toBe(draft.version)
  })

  test('a revision told again with other content is quarantined, and the rest flows on', async () => {
    const draft = await ordered(harness, 'PO-SAME')
    const told = purchaseOrder('confirmed', 'PO-SAME', [lineB]) as { type: string; data: object }
    const onBus = { type: told.type, data: told.data, topic: 'purchasing.orders', source: '/erp/purchase' }
    await harness.publish(
      { ...onBus, subject: 'PO-SAME' },
      { ...onBus, subject: 'PO-NEXT', data: { ...told.data, orderNumber: 'PO-NEXT' } },
    )
    await receiptOf(harness, 'PO-NEXT')
    const contradiction = purchaseOrder('confirmed', 'PO-SAME', [{ ...lineA, quantity: '1' }])
    expect(await tell(harness, contradiction)).toMatchObject({
      status: 409,
      body: { type: 'order-revision-contradicts' },
    })
    const seen = await until('both are seen', async () => {
      const list = await harness.administrator.get<{ items: { reason: string; partition: number | null }[] }>(
        '/v1/quarantine',
      )
      const contradicting = list.body.items.filter((each) => each.reason === 'order-revision-contradicts')
      return contradicting.length === 2 && contradicting
    })
    expect(seen.map((each) => each.partition)).toContain(null)
    expect(await read(harness, draft.id)).toMatchObject({ version: 1, lines: [{ expected: '100' }, {}] })
  })

  test('without the scope: 403', async () => {
    const headers = { 'content-type': 'application/cloudevents+json' }
    const body = purchaseOrder('confirmed', 'PO-X', [lineA])
    expect((await harness.manager.send('POST', '/v1/events', { body, headers })).status).toBe(403)
  })
})

describe('G2 Entries that are wrong', () => {
  test.each([
    ['-1', 'negative'],
    ['1e3 kg', 'no number alone'],
    ['1E+1000000', 'an exponent beyond every amount'],
    ['NaN', 'no number'],
    ['', 'nothing'],
    ['1.0000001', 'too precise'],
    ['100000000000000', 'too large'],
    [2.5, 'a JSON number that is not whole'],
  ])('quantity %j (%s): 422, and nothing is entered', async (quantity, _what) => {
    const draft = await ordered(harness, `PO-Q-${randomUUID()}`)
    const answer = await act<Problem>(harness.user, 'PATCH', draft, 'lines', {
      entries: [
        { line: 1, quantity: '100' },
        { line: 2, quantity },
      ],
    })
    expect(answer.status).toBe(422)
    expect(pointers(answer.body)).toEqual(['/entries/1/quantity'])
    expect(await read(harness, draft.id)).toMatchObject({
      status: 'draft',
      version: 1,
      lines: [{ received: null }, {}],
    })
  })

  test('all wrong fields are named at once', async () => {
    const draft = await ordered(harness, 'PO-ALL')
    const answer = await act<Problem>(harness.user, 'PATCH', draft, 'lines', {
      entries: [
        { line: 7, quantity: '1' },
        { line: 1, quantity: '1', unit: 'unit' },
        { sku: 'LOT', quantity: '1' },
        { sku: 'NEVER', quantity: '1' },
        { line: 2, quantity: '1', destination: 'WH/Stock/None' },
      ],
    })
    expect(answer.status).toBe(422)
    expect(pointers(answer.body)).toEqual([
      '/entries/0/line',
      '/entries/1/unit',
      '/entries/2/lot',
      '/entries/3/sku',
      '/entries/4/destination',
    ])
  })

  test('1,001 entries: 422', async () => {
    const draft = await ordered(harness, 'PO-E1001')
    const entries = Array.from({ length: 1001 }, () => ({ line: 1, quantity: '1' }))
    expect((await act(harness.user, 'PATCH', draft, 'lines', { entries })).status).toBe(422)
    expect((await act(harness.user, 'PATCH', draft, 'lines', { entries: [] })).status).toBe(422)
  })

  test('a field that nobody knows: 422', async () => {
    const draft = await ordered(harness, 'PO-FIELD')
    const answer = await act<Problem>(harness.user, 'PATCH', draft, 'lines', { entries: [{ line: 1, qty: '1' }] })
    expect(answer.status).toBe(422)
  })

  test('a unit cost by an operator: 403; by a supervisor it is shown to supervisors alone', async () => {
    const draft = await ordered(harness, 'PO-COST')
    const entries = [{ sku: 'PX', quantity: '1', unitCost: '3.5' }]
    expect((await act(harness.user, 'PATCH', draft, 'lines', { entries })).status).toBe(403)
    const counted = await count(harness, draft, entries, harness.supervisor)
    expect(counted.lines[2]?.entries[0]).toMatchObject({ unitCost: '3.50' })
    const seen = await harness.user.get(`/v1/receipts/${draft.id}`)
    expect(JSON.stringify(seen.body)).not.toMatch(/unitCost|unitPrice|"[23]\.50"/)
  })

  test('by hand: every wrong field at once', async () => {
    const answer = await harness.supervisor.send<Problem>('POST', '/v1/receipts', {
      body: {
        destination: 'WH/Stock',
        lines: [
          { sku: 'NEVER', quantity: '1' },
          { sku: 'PX', quantity: '1.5' },
          { sku: 'SVC', quantity: '1' },
          { sku: 'RM-A', quantity: '1', unit: 'unit' },
        ],
      },
    })
    expect(answer.status).toBe(422)
    expect(pointers(answer.body)).toEqual(['/lines/0/sku', '/lines/1/quantity', '/lines/2/sku', '/lines/3/unit'])
  })

  test.each([
    [{ destination: 'WH/Stock/None' }, 422],
    [{ destination: 'NO/Stock' }, 422],
    [{}, 422],
    [{ destination: 'WH/Input' }, 404],
    [{ destination: 'WH/Stock', lines: [{ sku: 'PX', quantity: '1', unitPrice: '1' }] }, 403],
    [{ destination: 'WH/Stock', lines: [{ sku: 'PX', quantity: '0' }] }, 422],
  ])('by hand, by a user: %j is %d', async (body, status) => {
    const before = await harness.service.db.prisma.number.findMany()
    expect((await harness.user.send('POST', '/v1/receipts', { body })).status).toBe(status)
    expect(await harness.service.db.prisma.number.findMany()).toEqual(before)
  })
})

describe('R4 Outside the location scope it is not there', () => {
  test('R4 for reading, for every step, in lists and in the queue', async () => {
    const draft = await ordered(harness, 'PO-SCOPE')
    expect((await harness.stranger.get(`/v1/receipts/${draft.id}`)).status).toBe(404)
    for (const [method, step, body] of [
      ['PATCH', 'lines', { entries: [{ line: 1, quantity: '1' }] }],
      ['POST', 'validate', {}],
      ['POST', 'cancel', { reason: 'x' }],
    ] as const)
      expect((await act(harness.stranger, method, draft, step, body)).status).toBe(404)
    const list = await harness.stranger.get<{ items: unknown[] }>('/v1/receipts')
    const queue = await harness.stranger.get<{ items: unknown[] }>('/v1/queue')
    expect([list.body.items, queue.body.items]).toEqual([[], []])
  })

  test('R4 an entry elsewhere: seen by those of either place, acted on by those of both', async () => {
    const draft = await ordered(harness, 'PO-BOTH')
    const elsewhere = [{ line: 1, quantity: '1', destination: 'WH/Input' }]
    expect((await act(harness.user, 'PATCH', draft, 'lines', { entries: elsewhere })).status).toBe(404)
    const counted = await count(harness, draft, elsewhere, harness.manager)
    expect((await harness.stranger.get(`/v1/receipts/${draft.id}`)).status).toBe(200)
    expect((await harness.user.get(`/v1/receipts/${draft.id}`)).status).toBe(200)
    expect((await act(harness.stranger, 'POST', counted, 'validate')).status).toBe(404)
    expect((await act(harness.user, 'POST', counted, 'validate')).status).toBe(404)
    expect((await act(harness.manager, 'POST', counted, 'validate')).status).toBe(200)
  })

  test('R4 without a right: 403, unknown: 404, without a token: 401', async () => {
    const draft = await ordered(harness, 'PO-RIGHT')
    expect((await harness.administrator.get(`/v1/receipts/${draft.id}`)).status).toBe(403)
    expect((await harness.manager.get(`/v1/receipts/${randomUUID()}`)).status).toBe(404)
    expect((await harness.manager.send('POST', `/v1/receipts/${randomUUID()}/validate`, { body: {} })).status).toBe(404)
    expect((await harness.user.as(undefined).get('/v1/queue')).status).toBe(401)
  })
})

describe('G2 Versions and keys', () => {
  test('If-Match: missing 428, stale 412', async () => {
    const draft = await ordered(harness, 'PO-V')
    const entries = [{ line: 1, quantity: '100' }]
    const path = `/v1/receipts/${draft.id}/lines`
    expect((await harness.user.send('PATCH', path, { body: { entries } })).status).toBe(428)
    const counted = await count(harness, draft, entries)
    expect((await harness.user.send('PATCH', path, { body: { entries }, version: 1 })).status).toBe(412)
    expect((await act(harness.user, 'POST', draft, 'validate')).status).toBe(412)
    expect((await harness.user.send('POST', `/v1/receipts/${draft.id}/validate`, { body: {} })).status).toBe(428)
    expect((await harness.user.get(`/v1/receipts/${draft.id}`)).headers['etag']).toBe(`"${counted.version}"`)
  })

  test('two who count at once: one of them is told', async () => {
    const draft = await ordered(harness, 'PO-TWO')
    const both = await Promise.all(
      ['60', '70'].map((quantity) => act(harness.user, 'PATCH', draft, 'lines', { entries: [{ line: 1, quantity }] })),
    )
    expect(both.map((each) => each.status).sort()).toEqual([200, 412])
  })

  test('a key used again: the first answer; with another body 422', async () => {
    const key = randomUUID()
    const body = { destination: 'WH/Stock' }
    const first = await harness.user.send<ShownReceipt>('POST', '/v1/receipts', { body, key })
    const again = await harness.user.send<ShownReceipt>('POST', '/v1/receipts', { body, key })
    expect(again.body.id).toBe(first.body.id)
    expect((await harness.user.send('POST', '/v1/receipts', { body: { warehouse: 'WH' }, key })).status).toBe(422)
  })

  test('a receipt of nothing is refused', async () => {
    const draft = await ordered(harness, 'PO-NOTHING')
    expect((await act(harness.user, 'POST', draft, 'validate')).status).toBe(409)
    const zeros = await count(harness, draft, [{ line: 1, quantity: '0' }])
    expect(await act<Problem>(harness.user, 'POST', zeros, 'validate')).toMatchObject({
      status: 409,
      body: { type: expect.stringMatching(/receipt-empty/) },
    })
  })
})

describe('G1 Lists', () => {
  test('are filtered, ordered and paged', async () => {
    for (const each of ['PO-L1', 'PO-L2', 'PO-L3']) await ordered(harness, each)
    const all: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`
      const reply = await harness.manager.get<{ items: ShownReceipt[]; nextCursor: string | null }>(
        `/v1/receipts?limit=2&sort=-number&status=draft&vendor=ACME${more}`,
      )
      expect(reply.status).toBe(200)
      all.push(...reply.body.items.map((each) => each.number))
      cursor = reply.body.nextCursor
    }
    expect(all).toEqual([...all].sort().reverse())
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(3)
  })

  test.each([
    'limit=0',
    'limit=201',
    'status=open',
    'sort=vendor',
    'cursor=nonsense',
    'nonsense=1',
    `cursor=${noTime}`,
  ])('%s is refused', async (given) => {
    expect((await harness.manager.get(`/v1/receipts?${given}`)).status).toBe(422)
  })
})

describe('G2 What must always be so', () => {
  test.each(invariants.map((each) => [each.name, each] as const))('%s', async (_name, invariant) => {
    expect(await harness.service.db.query(invariant.statement)).toEqual([])
  })
})
