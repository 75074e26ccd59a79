import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { invariants } from '../src/invariants.ts'
import { cancelled, demand, location, posting, product, uuid } from './builders.ts'
import { type StockDatabase, stockDatabase } from './stock-database.ts'

let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(
    [{ ...product('ML', { tracking: 'lot' }), id: uuid(0xa0) }],
    [{ ...location('WH/A'), id: uuid(0xb0) }],
  )
})
afterAll(() => one.close())

const allocations = async () => {
  const rows = await one.db.query<{ allocation: string }>(
    sql(
      `select concat_ws(' ', n.number, t.code, trim_scale(r.quantity)) as allocation
       from reservations r join needs n using (document_id) join lots t on t.id = r.lot_id order by 1`,
    ),
  )
  return rows.map(({ allocation }) => allocation)
}
const received = (lot: string, q: string, expiresOn: string) =>
  posting('receipt', [{ sku: 'ML', quantity: q, lot, expiresOn }])

test('the lot that a line asks for is kept with it: what arrives or comes back later is judged by it', async () => {
  await one.take(received('L1', '5', '2999-01-01'), received('L2', '5', '2999-02-01'))
  await one.take(demand(1, [['ML', '5', 'L2']]))
  await one.take(demand(2, [['ML', '4', 'L2']]), demand(3, [['ML', '7']]))
  expect(await allocations()).toEqual(['WH/OUT/00001 L2 5'])
  await one.take(received('L3', '3', '2999-03-01'))
  expect(await allocations()).toEqual(['WH/OUT/00001 L2 5', 'WH/OUT/00003 L1 5', 'WH/OUT/00003 L3 2'])
  await one.take(cancelled(1))
  expect(await allocations()).toEqual(['WH/OUT/00002 L2 4', 'WH/OUT/00003 L1 5', 'WH/OUT/00003 L3 2'])
  await one.take(demand(2, [['ML', '1', 'L3']], { revision: 2 }))
  expect(await allocations()).toEqual(['WH/OUT/00002 L3 1', 'WH/OUT/00003 L1 5', 'WH/OUT/00003 L3 2'])
  for (const { name, statement } of invariants) expect([name, await one.db.query(statement)]).toEqual([name, []])
})
