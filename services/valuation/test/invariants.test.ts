/** Each invariant finds its violation: bad data is inserted, checked and rolled back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { plantedCases, type PlantedData, violatedBy } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { openTestBooks, uuidOf, type OpenBooks } from './books.ts'
import { method, story } from './story.ts'

let books: OpenBooks

/** A under FIFO: two layers, one delivered in part; B by average; C parked; a third of a unit of D came for an order. */
beforeAll(async () => {
  books = await openTestBooks()
  const { receipt, receiptOf, delivery } = story()
  const third = { at: '10', ratio: ['1', '3'], orderLine: 1 } as const
  await books.take(
    method('fifo'),
    receipt(['A', '3', { at: '1' }], ['B', '2', { at: '5', category: 'other' }]),
    receipt(['A', '4', { at: '2' }]),
    delivery(['A', '1']),
    receipt(['C', '1']),
    receiptOf('PO-1')(['D', '1', third]),
    receiptOf('PO-1')(['D', '1', third]),
  )
  expect(await violated([])).toEqual([])
}, 60_000)
afterAll(() => books.close())

const violated = (statements: readonly string[]) => violatedBy(books.db, invariants, statements)

const [a, b] = [`product_id = '${uuidOf('id-A')}'`, `product_id = '${uuidOf('id-B')}'`]
const newest = 'entry = (select last_entry from books)'

/** By invariant: statements that break it, and what else is broken by them. */
const planted: PlantedData = {
  entries_balanced: [
    { sql: ['update entries set total = total + 1 where id = 1'] },
    {
      sql: [
        `insert into entries select id + 1, '2026/000099', input, valued_by, false, cause, document_id, document, position,
        after_position, date, effective_at, 0 from entries order by id desc limit 1`,
      ],
      also: ['positions_gapless', 'entry_numbers_gapless_per_year'],
    },
    { sql: [`delete from entry_lines where ${a} and entry = 2`], also: ['inventory_account_is_sum_of_layers'] },
  ],
  inventory_account_is_sum_of_layers: [
    {
      sql: [
        `update entry_lines set amount = amount + 1 where ${b}`,
        `update entries set total = total + 1 where id = 1`,
      ],
    },
    { sql: [`update entry_lines set product_id = null where ${b}`] },
    {
      sql: [`update cost_pools set value = value + 1 where ${b}`],
      also: ['inventory_total_is_sum_of_pools'],
    },
    { sql: [`delete from cost_pools where ${b}`], also: ['inventory_total_is_sum_of_pools'] },
  ],
  inventory_total_is_sum_of_pools: [{ sql: ['update books set inventory_value = inventory_value - 0.01'] }],
  one_original_entry_per_valued_document: [
    { sql: ['update entries set original = false where id = 1'] },
    { sql: ['delete from parked_documents'], also: ['parked_count_is_right'] },
    {
      sql: [
        `insert into parked_documents (input, reason, detail, lacking, parked_at)
        select input, 'no-cost', '', '{}', now() from entries where id = 1`,
      ],
      also: ['parked_count_is_right'],
    },
    { sql: ['update inputs set crosses_border = false where number = 2'] },
  ],
  positions_gapless: [
    { sql: ['update books set last_input = last_input + 1'] },
    { sql: ['update books set last_position = last_position - 1'] },
    { sql: ['update books set last_entry = last_entry + 1'] },
    { sql: ['delete from inputs where number = 1'] },
    { sql: ['update inputs set position = position + 10 where position = 6'] },
  ],
  entry_numbers_gapless_per_year: [{ sql: [`update entries set number = '2026/000077' where id = 1`] }],
  open_layers_are_the_pool: [
    { sql: [`update cost_layers set remaining_quantity = remaining_quantity - 1 where ${a} and begins_at > 0`] },
    { sql: [`update cost_layers set remaining_value = remaining_value - 1 where ${a} and begins_at > 0`] },
    { sql: [`delete from cost_layers where ${a}`] },
    {
      sql: [`insert into cost_layers select '${uuidOf('id-B')}', 0, 2, 10, 2, 10, null, 1`],
    },
  ],
  parts_sum_to_the_order_line: [
    { sql: ['update order_lines set value = value - 0.01'] },
    { sql: ['update order_lines set exact_numerator = exact_numerator * 2'] },
    { sql: [`update entry_lines set part_of = null where ${newest}`] },
  ],
  pools_follow_their_category: [
    { sql: [`update cost_methods set method = 'average'`] },
    { sql: [`update cost_pools set category = 'all' where ${b}`] },
  ],
  parked_count_is_right: [{ sql: ['update books set parked_count = parked_count + 1'] }],
}

describe('bad data is named', () => {
  test('each invariant has some', () => {
    expect(Object.keys(planted)).toEqual(invariants.map(({ name }) => name))
  })

  test.each(plantedCases(invariants, planted))('%s: %s', async (_name, _last, statements, broken) => {
    expect(await violated(statements)).toEqual(broken)
  })
})
