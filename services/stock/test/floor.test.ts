/** What picking says is picked or put and not posted yet: how stock keeps it, and how it ends. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { formatQuantity } from '@stockline/amounts'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { changedSince, floorAt, floorBelow, type Look } from '../src/floor/floor.actions.ts'
import { lastPosition } from '../src/ledger/ledger.read.store.ts'
import { product, runStock, type RunningStock } from './running.ts'

let stock: RunningStock
const bin = 'WH/Stock/A1-03'
const sku = 'RM-A'

beforeAll(async () => {
  stock = await runStock()
  await stock.made('/v1/products', product(sku))
  await stock.made('/v1/products', product('L', { tracking: 'lot' }))
  const lines = [{ sku, location: bin, quantity: '42', unitCost: '1.00' }]
  await stock.made('/v1/opening-stock', { lines })
})
afterAll(() => stock.stop())

const status = 'available'
const key = { location: bin, sku, lot: null, status } as const
const floorText = async () => {
  const [one] = await floorAt(stock.service.db, [key])
  return `${formatQuantity(one!.picked)} ${formatQuantity(one!.put)}`
}
const look = async (): Promise<Look> => {
  const [one] = await floorAt(stock.service.db, [key])
  return { ...key, seen: one!.seen, position: BigInt(await lastPosition(stock.service.db)) }
}
const hasChanged = async (since: Look) => (await changedSince(stock.service.db, [since]))[0]

type Moved = { location: string; sku: string; lot?: string; quantity: string }
interface Said {
  readonly kind?: string
  readonly picked?: readonly Moved[]
  readonly put?: readonly Moved[]
}

let said = 0
/** Picking says it, and stock has heard it. */
async function say(documentId: string, { kind = 'delivery', picked = [], put = [] }: Said): Promise<void> {
  const data = { documentId, number: `WH/X/${documentId.slice(0, 8)}`, warehouse: 'WH', kind, picked, put }
  const at = '2026-04-20T08:00:00Z'
  await stock.publish('picking.floor', 'picking.floor-changed.v1', documentId, { ...data, at })
  said += 1
  await until('it is heard', async () => {
    const [row] = await stock.service.db.query<{ count: bigint }>(
      sql(`select count(*) from kit.inbox where type = 'picking.floor-changed.v1'`),
    )
    return row?.count === BigInt(said)
  })
}

/** A delivery or receipt of so much at the bin is posted. */
async function post(kind: 'receipt' | 'delivery', documentId: string, quantity: string): Promise<void> {
  const number = `WH/X/${documentId.slice(0, 8)}`
  const line = { line: 1, documentLine: 1, sku, quantity, category: 'Goods' }
  const entered = { quantity, unit: 'kg' }
  const lines = kind === 'receipt' ? [{ ...line, entered, destination: bin }] : [{ ...line, location: bin }]
  const topic = kind === 'receipt' ? 'picking.receipts' : 'picking.deliveries'
  const data = { documentId, number, warehouse: 'WH', attempt: 1, lines }
  await stock.publish(topic, `picking.${kind}-validated.v1`, documentId, data)
  await until(`${number} is posted`, async () => {
    const rows = await stock.service.db.query(
      sql('select from postings where document_id = $1 and position is not null'),
      [documentId],
    )
    return rows.length === 1
  })
}

describe('what is under way at a place', () => {
  test('is what was said last of each document, and none once it is posted', async () => {
    const [one, other, receipt] = [randomUUID(), randomUUID(), randomUUID()]
    expect(await floorText()).toBe('0 0')
    await say(one, { picked: [{ location: bin, sku, quantity: '5' }] })
    await say(one, { picked: [{ location: bin, sku, quantity: '8' }] })
    await say(other, { picked: [{ location: bin, sku, quantity: '1.5' }] })
    await say(receipt, { kind: 'receipt', put: [{ location: bin, sku, quantity: '3' }] })
    expect(await floorText()).toBe('9.5 3')
    await say(other, {})
    expect(await floorText()).toBe('8 3')
    await post('delivery', one, '8')
    await post('receipt', receipt, '3')
    expect(await floorText()).toBe('0 0')
    // What comes late of a posted document is nothing.
    await say(one, { picked: [{ location: bin, sku, quantity: '8' }] })
    expect(await floorText()).toBe('0 0')
  })

  test('is found below a location, lots apart, where nothing is on hand too', async () => {
    const [one, other] = [randomUUID(), randomUUID()]
    const empty = 'WH/Stock/B2-01'
    await say(one, {
      kind: 'receipt',
      put: [
        { location: empty, sku: 'L', lot: 'X', quantity: '2' },
        { location: empty, sku: 'L', lot: 'Y', quantity: '1' },
      ],
    })
    await say(other, { kind: 'receipt', put: [{ location: 'WH/Input', sku, quantity: '1' }] })
    const found = await floorBelow(stock.service.db, 'WH/Stock')
    expect(
      found.map(({ location, sku: of, lot, put }) => `${location} ${of} ${String(lot)} ${formatQuantity(put)}`),
    ).toEqual(['WH/Stock/B2-01 L X 2', 'WH/Stock/B2-01 L Y 1'])
    expect(await floorBelow(stock.service.db, 'WH/Stock/B')).toEqual([])
    expect((await floorAt(stock.service.db, [{ location: empty, sku: 'L', lot: 'X', status }, key])).length).toBe(2)
  })
})

test('what is posted is forgotten after a time, what is under way for longer stays', async () => {
  const [gone, open] = [randomUUID(), randomUUID()]
  await say(gone, { picked: [{ location: bin, sku, quantity: '1' }] })
  await say(open, { picked: [{ location: bin, sku, quantity: '1' }] })
  await post('delivery', gone, '1')
  await stock.service.db.query(sql(`update floor set heard_at = heard_at - interval '61 days'`))
  await say(randomUUID(), {})
  const kept = await stock.service.db.query<{ id: string }>(
    sql('select document_id as id from floor where document_id = any($1)'),
    [[gone, open]],
  )
  expect(kept).toEqual([{ id: open }])
  await say(open, {})
})

describe('since a place was looked at, its floor', () => {
  test('has not changed by what was known then, nor by its posting', async () => {
    const delivery = randomUUID()
    await say(delivery, { picked: [{ location: bin, sku, quantity: '2' }] })
    const before = await look()
    expect(await hasChanged(before)).toBe(false)
    await post('delivery', delivery, '2')
    expect(await hasChanged(before)).toBe(false)
  })

  test.each<[string, (delivery: string) => Promise<unknown>]>([
    ['by a pick', (delivery) => say(delivery, { picked: [{ location: bin, sku, quantity: '1' }] })],
    ['by one that was put back', (delivery) => say(delivery, {})],
    [
      'by more that was picked, and posted',
      async (delivery) => {
        await say(delivery, { picked: [{ location: bin, sku, quantity: '3' }] })
        await post('delivery', delivery, '3')
      },
    ],
    ['by the posting of more than was known', (delivery) => post('delivery', delivery, '3')],
    ['by a delivery of which nothing was known', () => post('delivery', randomUUID(), '1')],
    ['by a receipt of which nothing was known', () => post('receipt', randomUUID(), '1')],
  ])('has changed %s', async (_title, happens) => {
    const delivery = randomUUID()
    await say(delivery, { picked: [{ location: bin, sku, quantity: '2' }] })
    const before = await look()
    await happens(delivery)
    expect(await hasChanged(before)).toBe(true)
    expect(await hasChanged({ ...before, location: 'WH/Stock/B2-01' })).toBe(false)
    expect(await hasChanged({ ...before, status: 'quarantine' })).toBe(false)
    expect(await hasChanged(await look())).toBe(false)
  })

  test('has changed by what was written, and not committed, when it was looked at', async () => {
    const db = stock.service.db
    const before = await db.transaction({ actor: null, correlationId: randomUUID() }, async (tx) => {
      await tx.query(
        sql(`insert into floor (document_id, location, sku, lot, kind, number, picked, put, changed_at, heard_at)
             values ($1, $2, $3, '', 'delivery', 'WH/X', 1, 0, now(), now())`),
        [randomUUID(), bin, sku],
      )
      return look()
    })
    expect(await hasChanged(before)).toBe(true)
  })
})
