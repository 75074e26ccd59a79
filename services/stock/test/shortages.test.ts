import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import { type Queryable, type Statement, sql } from '@stockline/service-kit'
import { loadReservedStock } from '../src/ledger/shortage.store.ts'
import { demand, location, posting, product, uuid } from './builders.ts'
import { type StockDatabase, stockDatabase } from './stock-database.ts'

const many = Array.from({ length: 101 }, (_, n) => `P${n}`)
const products = [
  product('RM-A'),
  product('ML', { tracking: 'lot' }),
  product('SN', { tracking: 'serial' }),
  ...many.map((sku) => product(sku)),
]
const locations = [
  location('WH/Stock'),
  location('WH/Stock/B2-01'),
  location('WH/Output', { reservable: false }),
  location('WH/Closed'),
  location('W2/Stock'),
]
let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(
    products.map((each, index) => ({ ...each, id: uuid(0xa00 + index) })),
    locations.map((each, index) => ({ ...each, id: uuid(0xb0 + index) })),
  )
})
beforeEach(async () => {
  await one.db.query(closes, [true])
  await one.empty()
})
afterAll(() => one.close())

const closes = sql(`update locations set active = $1 where code = 'WH/Closed'`)
const there = (sku: string, quantity: string, location: string, more: object = {}) =>
  one.take(posting('adjustment', [{ sku, quantity, location, ...more }], { effectiveAt: Date.now() }))

interface Told {
  readonly type: string
  readonly data: { readonly shortages?: readonly object[]; readonly revision: number }
}
/** What was published last of a delivery. */
async function told(n: number): Promise<Told | undefined> {
  const rows = await one.db.query<Told>(
    sql(`select type, value::jsonb -> 'data' as data from kit.outbox where subject = $1 order by position`),
    [uuid(n)],
  )
  return rows.at(-1)
}

describe('D5: a delivery that waits is told what it is short of, and where stock of that lies', () => {
  test.each<[what: string, there: () => Promise<unknown>, lines: [string, string, string?][], shortage: object]>([
    [
      'nowhere',
      () => Promise.resolve(),
      [['RM-A', '10']],
      { sku: 'RM-A', missing: '10', available: '0', outOfReach: [], more: 0 },
    ],
    [
      'at a location that is not reservable',
      () => there('RM-A', '12', 'WH/Output'),
      [['RM-A', '10']],
      { available: '0', outOfReach: [{ quantity: '12', why: 'not-reservable', location: 'WH/Output' }] },
    ],
    [
      'in a lot that has expired',
      () => there('ML', '5', 'WH/Stock/B2-01', { lot: 'L3', expiresOn: '2026-04-01' }),
      [['ML', '5']],
      { outOfReach: [{ quantity: '5', why: 'expired', location: 'WH/Stock/B2-01', lot: 'L3', expiresOn: '2026-04-01' }] }, // prettier-ignore
    ],
    [
      'reserved for another delivery',
      async () => {
        await there('RM-A', '8', 'WH/Stock')
        await one.take(demand(12, [['RM-A', '8']]))
      },
      [['RM-A', '10']],
      { outOfReach: [{ quantity: '8', why: 'reserved', number: 'WH/OUT/00012' }] },
    ],
    [
      'in other warehouses, which are added up',
      async () => {
        await there('RM-A', '1', 'W2/Stock')
        await there('ML', '2', 'W2/Stock', { lot: 'A' })
        await there('ML', '1.5', 'W2/Stock', { lot: 'B' })
        await there('ML', '9', 'W2/Stock', { lot: 'OLD', expiresOn: '2020-01-01' })
      },
      [['ML', '5']],
      { outOfReach: [{ quantity: '3.5', why: 'other-warehouse', warehouse: 'W2' }] },
    ],
    [
      'in another lot than is asked for',
      () => there('ML', '2', 'WH/Stock', { lot: 'L9' }),
      [['ML', '1', 'L1']],
      { lot: 'L1', missing: '1', outOfReach: [{ quantity: '2', why: 'other-lot', location: 'WH/Stock', lot: 'L9' }] },
    ],
    [
      'damaged',
      () => there('RM-A', '4', 'WH/Stock', { status: 'damaged' }),
      [['RM-A', '1']],
      { outOfReach: [{ quantity: '4', why: 'status', status: 'damaged', location: 'WH/Stock' }] },
    ],
    [
      'at a location that is closed',
      async () => {
        await there('RM-A', '4', 'WH/Closed')
        await one.db.query(closes, [false])
      },
      [['RM-A', '1']],
      { outOfReach: [{ quantity: '4', why: 'location-inactive', location: 'WH/Closed' }] },
    ],
    [
      'there, but not enough for what goes whole; what there is enough of is not told',
      async () => {
        await there('RM-A', '4', 'WH/Stock')
        await there('ML', '4', 'WH/Stock', { lot: 'A' })
      },
      [['RM-A', '10'], ['ML', '4']], // prettier-ignore
      { sku: 'RM-A', missing: '10', available: '4', outOfReach: [] },
    ],
  ])('%s', async (_, before, lines, shortage) => {
    await before()
    await one.take(demand(1, lines))
    const { data } = (await told(1)) ?? {}
    expect(data?.shortages).toMatchObject([shortage])
  })

  test('the largest come first, ten at most', async () => {
    const lines = Array.from({ length: 14 }, (_, n) => ({ sku: 'ML', quantity: String(n + 1), lot: `L${n}`, location: 'WH/Output' })) // prettier-ignore
    await one.take(posting('receipt', lines, { effectiveAt: Date.now() }))
    await one.take(demand(1, [['ML', '5']]))
    const [shortage] = (await told(1))?.data.shortages ?? []
    expect(shortage).toMatchObject({ more: 4 })
    expect(shortage).toHaveProperty('outOfReach.length', 10)
    expect(shortage).toHaveProperty('outOfReach.0.quantity', '14')
  })

  test('in part, lost, amended: told each time; complete: not at all', async () => {
    await there('RM-A', '6', 'WH/Stock')
    await one.take(demand(1, [['RM-A', '10']], { allowPartial: true }))
    expect(await told(1)).toMatchObject({ data: { complete: false, shortages: [{ missing: '4', available: '0' }] } })
    await there('RM-A', '4', 'WH/Stock')
    expect((await told(1))?.data).not.toHaveProperty('shortages')

    await one.take(demand(1, [['RM-A', '10']], { revision: 2 }))
    await there('RM-A', '-3', 'WH/Stock')
    expect(await told(1)).toMatchObject({
      type: 'stock.reservation-released.v1',
      data: { shortages: [{ missing: '10', available: '7' }] },
    })
    const picked = [{ location: 'WH/Stock', lot: null, quantity: parseQuantity('2') }]
    await one.take(demand(1, [], { revision: 3, lines: [{ line: 1, sku: 'RM-A', quantity: parseQuantity('20'), picked }] })) // prettier-ignore
    expect(await told(1)).toMatchObject({ data: { shortages: [{ missing: '18', available: '5' }] } })
  })

  test('of more than an event can tell it tells the most', async () => {
    const most = '99999999999999'
    await one.take(demand(1, [['RM-A', most], ['RM-A', most]])) // prettier-ignore
    expect((await told(1))?.data.shortages).toMatchObject([{ missing: `${most}.999999` }])
  })

  test('all of a batch that wait are told', async () => {
    await there('RM-A', '12', 'WH/Output')
    await one.take(...Array.from({ length: 100 }, (_, n) => demand(n + 1, [['RM-A', '5']])))
    for (const n of [1, 50, 100])
      expect((await told(n))?.data.shortages).toMatchObject([{ outOfReach: [{ why: 'not-reservable' }] }])
  })

  test('of more products than are looked up for one batch it is told that they are missing', async () => {
    await one.take(posting('receipt', many.map((sku) => ({ sku, quantity: '1', location: 'WH/Output' })), { effectiveAt: Date.now() })) // prettier-ignore
    await one.take(...many.map((sku, n) => demand(n + 1, [[sku, '5']])))
    expect((await told(100))?.data.shortages).toMatchObject([{ missing: '5', outOfReach: [{ quantity: '1' }] }])
    expect((await told(101))?.data.shortages).toMatchObject([{ missing: '5', outOfReach: [] }])
  })

  test('no more reservations are looked at where all of them are in another warehouse', async () => {
    const [productId, location] = [uuid(0xa00), uuid(0xb4)]
    await one.db.query(
      sql(`insert into reservations (document_id, line, product_id, lot_id, location_id, status, package_id, quantity)
        select $3::uuid, line, $1::uuid, $3::uuid, $2::uuid, 'available', $3::uuid, 1 from generate_series(1, 1000) line`),
      [productId, location, uuid(0)],
    )
    let read = 0
    const explaining: Queryable = {
      query: async <Row>(statement: Statement, values?: readonly unknown[]) => {
        const [row] = await one.db.query<{ readonly 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
          sql(`explain (analyze, format json) ${statement.text}`),
          values,
        )
        for (const { Plan } of row?.['QUERY PLAN'] ?? []) read += rowsRead(Plan)
        return [] as Row[]
      },
    }
    await loadReservedStock(explaining, [{ productId, warehouse: 'WH' }])
    expect(read).toBe(500)
  })
})

interface PlanNode {
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly Plans?: readonly PlanNode[]
}

/** How many reservations the plan has read. */
function rowsRead({ 'Relation Name': of, 'Actual Rows': rows, 'Actual Loops': loops, Plans = [] }: PlanNode): number {
  return (of === 'reservations' ? rows * loops : 0) + Plans.reduce((sum, node) => sum + rowsRead(node), 0)
}
