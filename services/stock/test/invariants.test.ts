/** Each invariant finds its violation: bad data is inserted, checked and rolled back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { plantedCases, type PlantedData, violatedBy } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { demand, location, posting, product, uuid } from './builders.ts'
import { documentInvariantNames } from './document-invariants.ts'
import { type StockDatabase, stockDatabase } from './stock-database.ts'

const products = [
  product('PX', { id: uuid(1), unit: 'unit', unitDecimals: 0 }),
  product('ML', { id: uuid(2), tracking: 'lot' }),
  product('SN', { id: uuid(3), tracking: 'serial', unit: 'unit', unitDecimals: 0 }),
]
const locations = [location('WH/A', { id: uuid(11) }), location('WH/B', { id: uuid(12) })]

let one: StockDatabase
/** 10 PX at A, of which delivery 1 has 4; delivery 2 waits for 20; delivery 3 has shipped 1; a lot and a serial number at A. */
beforeAll(async () => {
  one = await stockDatabase(products, locations)
  await one.take(
    posting('receipt', [
      { sku: 'PX', quantity: '11' },
      { sku: 'ML', quantity: '5', lot: 'L1' },
      { sku: 'SN', quantity: '1', lot: 'S1' },
    ]),
    demand(3, [['PX', '1']]),
    posting('delivery', [{ sku: 'PX', quantity: '1' }], { documentId: uuid(3) }),
    demand(1, [['PX', '4']]),
    demand(2, [['PX', '20']]),
  )
  expect(await violated([])).toEqual([])
}, 60_000)
afterAll(() => one.close())

/** Constraints of the database that forbid the same are taken away first: an invariant must not rely on them. */
const unconstrained = ['quants_reserved_is_there', 'quants_internal_not_negative', 'quants_virtual_not_reserved'].map(
  (name) => `alter table quants drop constraint ${name}`,
)
const [px, serial] = [`'${uuid(1)}'`, `'${uuid(3)}'`]
const atA = `location_id = '${uuid(11)}'`
const firstDemand = `document_id = '${uuid(1)}'`

/** By invariant: statements that break it, and what else is broken by them. */
const planted: PlantedData = {
  stock_sums_to_zero: [
    {
      sql: [`update quants set quantity_on_hand = quantity_on_hand + 1 where product_id = ${px} and ${atA}`],
      also: ['quant_is_sum_of_moves'],
    },
  ],
  quant_is_sum_of_moves: [
    {
      sql: [
        `update moves set to_location_id = '${uuid(12)}' where product_id = ${px} and to_location_id = '${uuid(11)}'`,
      ],
    },
    {
      sql: [`delete from moves where product_id = ${px} and quantity = 1`],
      also: ['moves_iff_posted'],
    },
  ],
  reserved_is_sum_of_reservations: [
    { sql: [`update quants set quantity_reserved = 3 where product_id = ${px} and ${atA}`] },
    { sql: [`update quants set quantity_reserved = 1 where product_id = ${serial} and ${atA}`] },
  ],
  reserved_at_most_on_hand: [
    {
      sql: [`update quants set quantity_reserved = -1 where product_id = ${serial} and ${atA}`],
      also: ['reserved_is_sum_of_reservations'],
    },
    {
      sql: [`update quants set quantity_reserved = 11 where product_id = ${px} and ${atA}`],
      also: ['reserved_is_sum_of_reservations'],
    },
    { sql: [`update quants set internal = false where product_id = ${px} and ${atA}`] },
  ],
  closed_deliveries_reserve_nothing: [
    {
      sql: [`update needs set status = 'cancelled' where ${firstDemand}`],
      also: ['reserved_is_sum_of_reservations'],
    },
    { sql: [`update needs set status = 'shipped' where document_id = '${uuid(2)}'`] },
  ],
  short_deliveries_wait: [{ sql: [`delete from waits where document_id = '${uuid(2)}'`] }],
  held_deliveries_wait_for_nothing: [
    { sql: [`update needs set held = 'x', held_revision = revision where document_id = '${uuid(2)}'`] },
  ],
  reserved_at_most_needed: [
    { sql: [`update need_lines set quantity = 3 where ${firstDemand}`], also: ['short_deliveries_wait'] },
    { sql: [`update need_lines set quantity = 5 where ${firstDemand}`], also: ['short_deliveries_wait'] },
  ],
  reserved_of_the_lot_asked_for: [{ sql: [`update need_lines set lot = 'L9' where ${firstDemand}`] }],
  needed_in_the_unit_of_the_product: [
    { sql: [`update need_lines set quantity = 20.5 where document_id = '${uuid(2)}'`] },
  ],
  positions_gapless: [
    { sql: ['update ledger_head set position = position + 1'] },
    { sql: ['delete from postings where position = 1'], also: ['moves_iff_posted'] },
  ],
  moves_iff_posted: [{ sql: ['update moves set position = 9 where position = 2'] }],
  serial_is_one_piece: [
    {
      sql: [`update quants set quantity_on_hand = 2 where product_id = ${serial} and ${atA}`],
      also: ['stock_sums_to_zero', 'quant_is_sum_of_moves'],
    },
  ],
  lot_exactly_if_tracked: [
    { sql: [`update products set tracking = 'none' where sku = 'ML'`] },
    { sql: [`update products set tracking = 'lot' where sku = 'PX'`] },
  ],
  sscc_is_of_one_package: [
    {
      sql: [
        `insert into packages select id, 'WH/PAC/1', '095200000000000017', 'open', '${uuid(1)}', 'WH/OUT/1', '{WH}', 1
         from unnest('{${uuid(31)}, ${uuid(32)}}'::uuid[]) id`,
      ],
    },
  ],
  shipped_in_packages_is_moved: [
    {
      sql: [
        `insert into packages values ('${uuid(31)}', 'WH/PAC/1', '095200000000000017', 'shipped', '${uuid(3)}', 'WH/OUT/1', '{WH}', 1)`,
        `insert into package_lines values ('${uuid(31)}', 1, '${uuid(3)}', 1, 'PX', null, 2, 'unit')`,
      ],
    },
  ],
  in_transit_is_sum_of_moves: [
    {
      sql: [
        `insert into in_transit select '${uuid(9)}', product_id, lot_id, status, location_id, 1, now() from quants
         where product_id = ${px} and ${atA}`,
      ],
      also: ['transit_is_of_transfers'],
    },
  ],
  transit_is_of_transfers: [
    {
      sql: [
        `insert into quants select product_id, lot_id, (select id from locations where code = 'Virtual/Transit/WH'), status,
           package_id, true, false, 1, 0 from quants where product_id = ${px} and ${atA}`,
      ],
      also: ['stock_sums_to_zero', 'quant_is_sum_of_moves'],
    },
  ],
  waiting_transfers_wait: [
    {
      sql: [
        `insert into transfers (document_id, number, warehouse, source, destination, revision, attempt, priority, ordered_at, status)
         values ('${uuid(9)}', 'WH/INT/1', 'WH', 'WH/A', 'WH/B', 1, 1, 5, now(), 'waiting')`,
      ],
    },
  ],
}

/** Names of the invariants that these statements break. Nothing of them stays. */
const violated = (statements: readonly string[]) => violatedBy(one.db, invariants, [...unconstrained, ...statements])

describe('bad data is named', () => {
  test('each invariant has some: those of documents in invariants.documents.test.ts, all others here', () => {
    expect([...documentInvariantNames, ...Object.keys(planted)]).toEqual(invariants.map(({ name }) => name))
  })

  test.each(plantedCases(invariants, planted))('%s: %s', async (_name, _last, statements, broken) => {
    expect(await violated(statements)).toEqual(broken)
  })
})
