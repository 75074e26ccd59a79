import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { companyDate, formatQuantity, parseQuantity, quantity } from '@stockline/amounts'
import { sql } from '@stockline/service-kit'
import fc from 'fast-check'
import type { Database } from '../src/database.ts'
import type { DemandRequest, Posting } from '../src/ledger/request.ts'
import { findQuants } from '../src/ledger/ledger.read.store.ts'
import type { QuantStatus } from '../src/ledger/stock.ts'
import { demand, location, posting, product, uuid } from './builders.ts'
import { demo, type StockDatabase, stockDatabase } from './stock-database.ts'

const today = companyDate(demo.timeZone, new Date())
const products = [product('RM'), product('ML', { tracking: 'lot' })]
const locations = [
  location('WH/A'),
  location('WH/B'),
  location('WH/Output', { reservable: false }),
  location('WH/Minus', { allowNegative: true }),
  location('WH/Closed'),
  location('W2/A'),
]

let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(
    products.map((each, index) => ({ ...each, id: uuid(0xa0 + index) })),
    locations.map((each, index) => ({ ...each, id: uuid(0xb0 + index) })),
  )
})
afterAll(() => one.close())

const shown = (filter: { sku?: string; location?: string } = {}) => findQuants(one.db as Database, today, filter, {}, null, undefined, 200) // prettier-ignore
const closes = sql(`update locations set active = $1 where code = 'WH/Closed'`)

interface Line {
  readonly lot: string | null
  readonly quantity: string
  readonly location: string
  readonly status: QuantStatus
}

/** What is shown as available of a product in a warehouse. */
async function availableIn(warehouse: string, sku: string): Promise<bigint> {
  const quants = (await shown({ sku })).filter(({ location }) => location.startsWith(`${warehouse}/`))
  return quants.reduce((sum, { available }) => sum + parseQuantity(available ?? '0'), 0n)
}

/** What a delivery of so much is allocated. */
async function reservedOf(
  n: number,
  line: [sku: string, quantity: string],
  more: Partial<DemandRequest>,
): Promise<bigint> {
  const [outcome] = await one.take(demand(n, [line], more))
  if (outcome?.outcome !== 'reserved') throw new Error(`The delivery came to ${outcome?.outcome ?? 'nothing'}.`)
  return outcome.allocations.reduce((sum, allocation) => sum + allocation.quantity, 0n)
}

describe('X2: available is what can be promised', () => {
  const amount = fc.integer({ min: 1, max: 9 }).map(String)
  const line = fc.record({
    lot: fc.constantFrom('OLD', 'TODAY', 'NEW', null),
    quantity: amount,
    location: fc.constantFrom(...locations.map(({ code }) => code)),
    status: fc.constantFrom<QuantStatus>('available', 'available', 'available', 'damaged', 'quarantine', 'blocked'),
  })
  const expiry: Readonly<Record<string, string>> = { OLD: '2020-01-01', TODAY: today, NEW: '2999-12-31' }
  const gain = (lines: readonly Line[], kind: Posting['kind'], sign = '') =>
    posting(
      kind,
      lines.map(({ lot, ...rest }) => ({
        ...rest,
        quantity: `${sign}${rest.quantity}`,
        sku: lot === null ? 'RM' : 'ML',
        ...(lot === null ? {} : { lot, expiresOn: expiry[lot] ?? null }),
      })),
      { effectiveAt: Date.now() },
    )
  const order = fc.tuple(fc.constantFrom('RM', 'ML'), amount, fc.constantFrom('WH', 'W2'), fc.boolean())

  test('whatever is there, held or gone: a delivery gets what is shown, and not a bit more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        fc.array(order, { maxLength: 4 }),
        fc.array(line, { maxLength: 3 }),
        async (there, orders, gone) => {
          await one.empty()
          await one.db.query(closes, [true])
          await one.take(gain(there, 'adjustment'))
          for (const [index, [sku, q, warehouse, allowPartial]] of orders.entries())
            await one.take(demand(index + 1, [[sku, q]], { warehouse, allowPartial }))
          // Where it is not there it is refused, but at the location that may be negative.
          for (const each of gone) await one.take(gain([each], 'adjustment', '-'))
          await one.db.query(closes, [false])
          let n = 100
          for (const warehouse of ['WH', 'W2'])
            for (const sku of ['RM', 'ML']) {
              const available = await availableIn(warehouse, sku)
              expect(available >= 0n).toBe(true)
              const more = formatQuantity(quantity(available + 1000n))
              expect(await reservedOf(n++, [sku, more], { warehouse, allowPartial: false })).toBe(0n)
              expect(await reservedOf(n++, [sku, more], { warehouse, allowPartial: true })).toBe(available)
            }
        },
      ),
      { numRuns: 40 },
    )
  })

  test.each([
    ['where nothing may be reserved', { location: 'WH/Output' }],
    ['of a lot that has expired', { sku: 'ML', lot: 'OLD', expiresOn: '2020-01-01' }],
    ['that is damaged', { status: 'damaged' }],
    ['that is in quarantine', { status: 'quarantine' }],
    ['that is blocked', { status: 'blocked' }],
    ['at a location that is closed', { location: 'WH/Closed' }],
  ] as const)('nothing %s', async (_, more) => {
    await one.empty()
    await one.db.query(closes, [true])
    await one.take(posting('adjustment', [{ sku: 'RM', quantity: '5', ...more }], { effectiveAt: Date.now() }))
    await one.db.query(closes, [false])
    expect(await shown()).toMatchObject([{ onHand: '5', reserved: '0', available: '0' }])
  })

  test('nothing of a lot that is held', async () => {
    await one.empty()
    await one.take(posting('receipt', [{ sku: 'ML', quantity: '5', lot: 'L1' }], { effectiveAt: Date.now() }))
    expect(await shown()).toMatchObject([{ onHand: '5', available: '5' }])
    await one.db.query(sql(`update lots set hold_reason = 'dirt'`))
    expect(await shown()).toMatchObject([{ onHand: '5', reserved: '0', available: '0' }])
    expect(await reservedOf(1, ['ML', '1'], {})).toBe(0n)
  })

  test('a balance below zero has nothing, not less; at a virtual location there is nothing to promise', async () => {
    await one.empty()
    await one.take(
      posting('adjustment', [{ sku: 'RM', quantity: '-5', location: 'WH/Minus' }], { effectiveAt: Date.now() }),
    )
    expect(await shown()).toMatchObject([{ onHand: '-5', available: '0' }])
    expect(await shown({ location: 'Virtual/Loss' })).toMatchObject([{ onHand: '5', available: '0' }])
  })
})
