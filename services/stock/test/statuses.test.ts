/** Statuses of stock, with the database: what is posted, read as of then, published, and made again. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import type { Database } from '../src/database.ts'
import type { AsOf } from '../src/ledger/ledger.api.ts'
import { findMoves, findQuants } from '../src/ledger/ledger.read.store.ts'
import { invariants } from '../src/invariants.ts'
import { demand, location, posting, product, uuid } from './builders.ts'
import { type StockDatabase, stockDatabase } from './stock-database.ts'

let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(
    [{ ...product('PX', { unit: 'unit', unitDecimals: 0 }), id: uuid(0xabc001) }],
    [
      { ...location('WH/A'), id: uuid(0xabc002) },
      { ...location('WH/B'), id: uuid(0xabc003) },
    ],
  )
})
afterEach(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await one.db.query(statement) }).toEqual({ name, rows: [] })
  await one.empty()
})
afterAll(() => one.close())

const held = (quantity: string) =>
  posting('adjustment', [{ sku: 'PX', quantity, from: 'WH/A', to: 'WH/A', toStatus: 'quarantine' }])
const nothing: AsOf = { asOf: undefined, recordedAsOf: undefined, atPosition: undefined }

async function quants(then: Partial<AsOf> = {}): Promise<string[]> {
  const found = await findQuants(
    one.db as Database,
    '2026-04-20',
    { sku: 'PX' },
    { ...nothing, ...then },
    null,
    undefined,
    50,
  )
  return found.map(({ location: at, status, onHand, reserved }) => [at, status, onHand, reserved ?? '-'].join(' '))
}

describe('stock that is held', () => {
  test('is another balance of the same place, now and as of then', async () => {
    await one.take(posting('receipt', [{ sku: 'PX', quantity: '10' }]), held('4'))
    expect(await quants()).toEqual(['WH/A available 6 0', 'WH/A quarantine 4 0'])
    expect(await quants({ atPosition: 2n })).toEqual(
      expect.arrayContaining(['WH/A available 6 -', 'WH/A quarantine 4 -']),
    )
    expect(await quants({ atPosition: 1n })).toContain('WH/A available 10 -')
    const moves = await findMoves(one.db as Database, { sku: 'PX' }, null, 'forward', undefined, 50)
    expect(moves).toMatchObject([
      { from: 'Virtual/Vendors', to: 'WH/A', status: 'available', toStatus: 'available' },
      { from: 'WH/A', to: 'WH/A', status: 'available', toStatus: 'quarantine' },
    ])
  })

  test('is told with both statuses, and taken from who had it reserved', async () => {
    await one.take(
      posting('receipt', [
        { sku: 'PX', quantity: '10' },
        { sku: 'PX', quantity: '2', location: 'WH/B' },
      ]),
    )
    await one.take(demand(1, [['PX', '6']]), demand(2, [['PX', '4']]))
    await one.take(held('3'))
    const events = await one.db.query<{ type: string; data: Record<string, unknown> }>(
      sql(`select type, value::jsonb -> 'data' as data from kit.outbox order by position desc limit 2`),
    )
    expect(events.reverse()).toMatchObject([
      { data: { lines: [{ toStatus: 'quarantine', from: { location: 'WH/A' }, to: { location: 'WH/A' } }] } },
      {
        type: 'stock.reservation-released.v1',
        data: { documentId: uuid(2), detail: 'PX at WH/A is in quarantine now.' },
      },
    ])
    expect(await quants()).toEqual(['WH/A available 7 6', 'WH/A quarantine 3 0', 'WH/B available 2 0'])
  })

  test('a row of a move that changes nothing is refused by the database', async () => {
    await one.take(posting('receipt', [{ sku: 'PX', quantity: '10' }]))
    await expect(
      one.db.query(
        sql(`insert into moves select position, 9, null, product_id, lot_id, status, package_id, quantity, to_location_id,
          to_location_id, status from moves`),
      ),
    ).rejects.toThrow('moves_change_something')
  })
})
