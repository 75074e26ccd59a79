/** What a receipt costs in statements, with lots and without: telling of a lot is part of what is published anyway. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Tx } from '@stockline/service-kit'
import { decideBatch } from '../src/ledger/ledger.actions.ts'
import { location, posting, product, uuid } from './builders.ts'
import { demo, nobody, type StockDatabase, stockDatabase } from './stock-database.ts'

let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(
    [product('PX', { id: uuid(0xa00) }), product('ML', { id: uuid(0xa01), tracking: 'lot' })],
    [location('WH/A', { id: uuid(0xb00) })],
  )
})
beforeEach(async () => {
  await one.empty()
  await statementsOf({ sku: 'PX' }, { sku: 'ML', lot: 'L1' }, { sku: 'ML', lot: 'L2', expiresOn: '2031-01-01' })
})
afterAll(() => one.close())

/** How many statements the ledger makes of a receipt. */
function statementsOf(
  ...lines: readonly { readonly sku: string; readonly lot?: string; readonly expiresOn?: string }[]
) {
  return one.db.transaction(nobody, async (tx) => {
    let count = 0
    const query = (...args: Parameters<Tx['query']>) => {
      count++
      return tx.query(...args)
    }
    const request = posting('receipt', lines.map((line) => ({ location: 'WH/A', quantity: '1', ...line }))) // prettier-ignore
    await decideBatch(Object.create(tx, { query: { value: query } }) as Tx, demo, [{ request, actor: null }])
    return count
  })
}

test('that a new lot is told of costs no statement', async () => {
  const untracked = await statementsOf({ sku: 'PX' })
  expect({
    untracked,
    known: (await statementsOf({ sku: 'ML', lot: 'L1' })) - untracked,
    knownWithItsDate: (await statementsOf({ sku: 'ML', lot: 'L2', expiresOn: '2031-01-01' })) - untracked,
    // It is written, and no balance of it is read.
    new: (await statementsOf({ sku: 'ML', lot: 'L3' })) - untracked,
    newWithADate: (await statementsOf({ sku: 'ML', lot: 'L4', expiresOn: '2031-01-01' })) - untracked,
    // It is read again and told of, and whoever has reserved of it is looked for.
    knownThatGetsADate: (await statementsOf({ sku: 'ML', lot: 'L1', expiresOn: '2031-01-01' })) - untracked,
  }).toEqual({ untracked: 10, known: 1, knownWithItsDate: 1, new: 1, newWithADate: 1, knownThatGetsADate: 5 })
})
