/** The ledger's reference data: it is kept in memory as long as its epoch stands, and each change begins a new one. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { location, posting, product, uuid } from './builders.ts'
import { type StockDatabase, stockDatabase } from './stock-database.ts'

let one: StockDatabase
beforeEach(async () => {
  const px = product('PX', { id: uuid(1), unit: 'unit', unitDecimals: 0 })
  one = await stockDatabase([px], [location('WH/A', { id: uuid(2) }), location('WH/B', { id: uuid(3) })])
})
afterEach(() => one.close())

const received = async (place = 'WH/A') => {
  const [outcome] = await one.take(posting('receipt', [{ sku: 'PX', quantity: '1', location: place }]))
  return outcome?.outcome === 'refused' ? outcome.faults.map(({ code }) => code) : outcome?.outcome
}

test.each([
  ['a location that closes', `update locations set active = false where code = 'WH/A'`, ['location-inactive']],
  ['a product that becomes a service', `update products set type = 'service' where sku = 'PX'`, ['product-is-service']],
  ['a product that is tracked by now', `update products set tracking = 'lot' where sku = 'PX'`, ['lot-required']],
])('%s is seen by the next posting', async (_, change, faults) => {
  expect(await received()).toBe('posted')
  await one.db.query(sql(change))
  expect(await received()).toEqual(faults)
})

test('what somebody rolls back is never seen', async () => {
  expect(await received()).toBe('posted')
  const other = await one.db.connect()
  await other.query(sql('begin'))
  await other.query(sql(`update locations set active = false where code = 'WH/A'`))
  await other.query(sql('rollback'))
  await other.close()
  expect(await received()).toBe('posted')
  expect(await received('WH/B')).toBe('posted')
})
