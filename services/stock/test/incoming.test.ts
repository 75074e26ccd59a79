/** What picking says is still to come by its receipts: how stock keeps and lists it, and how it ends. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { people, product, runStock, type RunningStock } from './running.ts'

let stock: RunningStock

beforeAll(async () => {
  stock = await runStock()
  for (const sku of ['A', 'B', 'C', 'P']) await stock.made('/v1/products', product(sku))
})
afterAll(() => stock.stop())

interface Line {
  readonly line: number
  readonly sku: string
  readonly quantity: string
  readonly expectedOn?: string
}
interface Receipt {
  readonly documentId: string
  readonly number: string
}
const receipt = (number: string): Receipt => ({ documentId: randomUUID(), number })

let said = 0
/** Picking says it, and stock has heard it. */
async function say({ documentId, number }: Receipt, lines: readonly Line[], over: object = {}): Promise<void> {
  await stock.publish('picking.receipts', 'picking.receipt-expected.v1', documentId, {
    ...{ documentId, number, warehouse: 'WH', at: '2026-04-20T08:00:00Z', destination: 'WH/Stock', lines },
    ...over,
  })
  said += 1
  await until('it is heard', async () => {
    const [row] = await stock.service.db.query<{ count: bigint }>(
      sql(`select count(*) from kit.inbox where type = 'picking.receipt-expected.v1'`),
    )
    return row?.count === BigInt(said)
  })
}

/** The ledger posts it, with so much. */
async function post({ documentId, number }: Receipt, sku: string, quantity: string): Promise<void> {
  const entered = { quantity, unit: 'kg' }
  const line = { line: 1, documentLine: 1, sku, quantity, category: 'Goods', entered, destination: 'WH/Stock' }
  const data = { documentId, number, warehouse: 'WH', attempt: 1, lines: [line] }
  await stock.publish('picking.receipts', 'picking.receipt-validated.v1', documentId, data)
  await until('it is posted', async () => {
    const rows = await stock.service.db.query(
      sql('select from postings where document_id = $1 and position is not null'),
      [documentId],
    )
    return rows.length === 1
  })
}

type Page = { items: Record<string, unknown>[]; nextCursor: string | null }
const get = async (query: string, as = stock.manager) => (await as.get<Page>(`/v1/incoming?${query}`)).body
const shown = async (query: string, as = stock.manager) =>
  (await get(query, as)).items.map((one) =>
    [one['document'], one['sku'], one['quantity'], one['location'], one['expectedOn']].join(' '),
  )

test('X2: what is incoming names its receipt, order and age; the last that was said counts, and none once it is posted', async () => {
  const [one, other] = [receipt('WH/IN/00001'), receipt('WH/IN/00002')]
  const order = { source: '/erp', orderNumber: 'PO-1' }
  await say(
    one,
    [
      { line: 1, sku: 'A', quantity: '100' },
      { line: 2, sku: 'A', quantity: '1.5' },
      { line: 3, sku: 'B', quantity: '7' },
    ],
    { order, expectedOn: '2026-04-23' },
  )
  expect((await get('sku=A')).items).toEqual([
    {
      ...{ sku: 'A', location: 'WH/Stock', quantity: '101.5', unit: 'kg', document: 'WH/IN/00001', kind: 'receipt' },
      ...{ sourceSystem: '/erp', orderNumber: 'PO-1', expectedOn: '2026-04-23', since: '2026-04-20T08:00:00.000Z' },
    },
  ])
  const changed = { order, expectedOn: '2026-04-24', at: '2026-04-21T08:00:00Z' }
  await say(one, [{ line: 1, sku: 'A', quantity: '80' }], changed)
  await say(other, [{ line: 1, sku: 'A', quantity: '5' }])
  const { items } = await get('sku=A')
  expect(items).toMatchObject([
    { document: 'WH/IN/00001', quantity: '80', expectedOn: '2026-04-24', since: '2026-04-20T08:00:00.000Z' },
    { document: 'WH/IN/00002', quantity: '5', sourceSystem: null, orderNumber: null, expectedOn: null },
  ])
  expect(await shown('sku=B')).toEqual([])
  await post(one, 'A', '60')
  expect(await shown('sku=A')).toEqual(['WH/IN/00002 A 5 WH/Stock '])
  // What comes late of a posted receipt is nothing.
  await say(one, [{ line: 1, sku: 'A', quantity: '80' }], changed)
  expect(await shown('sku=A')).toEqual(['WH/IN/00002 A 5 WH/Stock '])
  await say(other, [])
  expect(await shown('sku=A')).toEqual([])
})

test('it is listed by when it is expected, then by document, page by page, as far as one is assigned', async () => {
  const [one, other, unknown] = [receipt('WH/IN/00011'), receipt('WH/IN/00012'), receipt('WH/IN/00013')]
  await say(unknown, [{ line: 1, sku: 'P', quantity: '1' }])
  await say(other, [{ line: 1, sku: 'P', quantity: '2' }], { expectedOn: '2026-04-25', destination: 'WH/Input' })
  await say(
    one,
    [
      { line: 1, sku: 'P', quantity: '3' },
      { line: 2, sku: 'P', quantity: '4', expectedOn: '2026-04-24' },
      { line: 3, sku: 'C', quantity: '5' },
    ],
    { expectedOn: '2026-04-25' },
  )
  const all = [
    'WH/IN/00011 P 4 WH/Stock 2026-04-24',
    'WH/IN/00011 C 5 WH/Stock 2026-04-25',
    'WH/IN/00011 P 3 WH/Stock 2026-04-25',
    'WH/IN/00012 P 2 WH/Input 2026-04-25',
    'WH/IN/00013 P 1 WH/Stock ',
  ]
  expect(await shown('')).toEqual(all)
  const pages: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? 'limit=2' : `limit=2&cursor=${cursor}`
    pages.push(...(await shown(query)))
    cursor = (await get(query)).nextCursor
  }
  expect(pages).toEqual(all)
  expect(await shown('location=WH/Input')).toEqual(all.slice(3, 4))
  expect(await shown('location=WH&sku=C')).toEqual(all.slice(1, 2))
  const assigned = await stock.manager.get<{ version: number }>(`/v1/users/${people.user}/locations`)
  await stock.manager.send('PUT', `/v1/users/${people.user}/locations`, {
    body: { locations: ['WH/Input'] },
    version: assigned.body.version,
  })
  expect(await shown('', stock.user)).toEqual(all.slice(3, 4))
  expect(await shown('', stock.someone())).toEqual([])
  expect((await stock.manager.get('/v1/incoming?cursor=bm9uc2Vuc2U')).status).toBe(422)
})

test('what is posted is forgotten after a day, what is open stays', async () => {
  const [gone, open] = [receipt('WH/IN/00021'), receipt('WH/IN/00022')]
  await say(gone, [{ line: 1, sku: 'A', quantity: '3' }])
  await say(open, [{ line: 1, sku: 'A', quantity: '4' }])
  await post(gone, 'A', '3')
  await stock.service.db.query(sql(`update expected_lines set looked_at = looked_at - interval '2 days'`))
  await say(receipt('WH/IN/00023'), [])
  const kept = await stock.service.db.query<{ number: string }>(
    sql('select number from expected_lines where document_id = any($1)'),
    [[gone.documentId, open.documentId]],
  )
  expect(kept).toEqual([{ number: 'WH/IN/00022' }])
})
