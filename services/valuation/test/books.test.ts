import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import fc from 'fast-check'
import { takeInputs } from '../src/inputs/input.actions.ts'
import { newInput } from '../src/inputs/input.ts'
import { nobody, openTestBooks, uuidOf, withUuids, type OpenBooks } from './books.ts'
import { anyStory } from './random.ts'
import { at, company, method, story } from './story.ts'

let books: OpenBooks

beforeEach(async () => {
  books = await openTestBooks()
})
afterEach(() => books.close())

describe('X7 the books in the database', () => {
  test('a rebuild from the first input gives the same bytes, and no invariant is offended', async () => {
    const [inputs] = fc
      .sample(anyStory, { numRuns: 20, seed: 20_260_423 })
      .sort((one, other) => other.length - one.length)
    for (const input of inputs ?? []) await books.take(input)
    expect(await books.offending()).toEqual({})
    const rebuilt = await books.rebuilt()
    expect(rebuilt.difference).toBeNull()
    expect(rebuilt.entries).toBeGreaterThan(0n)
  })

  test('a rebuild names the first thing that somebody has changed', async () => {
    const { receipt } = story()
    await books.take(method('fifo'), receipt(['A', '1', { at: '1' }]), receipt(['A', '1', { at: '2' }]))
    await books.db.query(sql('update entry_lines set amount = 3 where entry = 2'))
    expect((await books.rebuilt()).difference).toContain('entry: rebuilt ["2","2026/000002"')
    await books.db.query(sql('update entry_lines set amount = 2 where entry = 2'))
    await books.db.query(sql('update cost_layers set remaining_value = 5 where begins_at = 1'))
    expect((await books.rebuilt()).difference).toContain('layer: rebuilt')
    expect(Object.keys(await books.offending())).toEqual(['open_layers_are_the_pool'])
  })

  test('an invariant names an order line whose parts do not sum to it, and a pool that does not follow its category', async () => {
    const { receiptOf } = story()
    const third = { at: '10', ratio: ['1', '3'], orderLine: 1 } as const
    await books.take(receiptOf('PO-1')(['A', '1', third]), receiptOf('PO-1')(['A', '1', third]))
    expect(await books.offending()).toEqual({})
    const breaks = async (statement: string) => {
      await books.db.query(sql(statement))
      return Object.keys(await books.offending())
    }
    expect(await breaks('update order_lines set value = 6.66')).toEqual(['parts_sum_to_the_order_line'])
    expect((await books.rebuilt()).difference).toContain('order line: rebuilt')
    expect(await breaks('update order_lines set value = 6.67')).toEqual([])
    expect(await breaks('update order_lines set exact_numerator = exact_numerator + 1e16')).toEqual([
      'parts_sum_to_the_order_line',
    ])
    expect(await breaks('update order_lines set exact_numerator = exact_numerator - 1e16')).toEqual([])
    expect(await breaks("update cost_pools set method = 'standard'")).toEqual(['pools_follow_their_category'])
  })

  test('however the inputs are cut into batches, the same rows are kept and the same events told', async () => {
    const stories = fc.sample(fc.tuple(anyStory, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })), 6)
    for (const [inputs, sizes] of stories) {
      const other = await openTestBooks()
      const fresh = await openTestBooks()
      try {
        await fresh.take(...inputs)
        for (let from = 0, turn = 0; from < inputs.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1
          await other.take(...inputs.slice(from, from + size))
          from += size
        }
        expect(await other.kept()).toEqual(await fresh.kept())
        expect(await other.offending()).toEqual({})
        expect((await other.rebuilt()).difference).toBeNull()
      } finally {
        await Promise.all([other.close(), fresh.close()])
      }
    }
  }, 120_000)

  test('two who take inputs at once are taken one after the other', async () => {
    const { receipt } = story()
    const first = receipt(['A', '1', { at: '1' }])
    await Promise.all([books.take(first), books.take(method('fifo', 'x')), books.take(method('fifo', 'y'))])
    expect(await books.offending()).toEqual({})
    expect((await books.rebuilt()).inputs).toBe(3n)
  })

  test('what another process has set counts for the next input, and for one that has waited for it', async () => {
    const { receipt } = story()
    await books.take(receipt(['A', '1', { at: '1' }]))
    const other = await books.db.connect()
    const says = (statement: string) => other.query(sql(statement))
    await says('begin')
    await says('select from books for update')
    await says(`insert into cost_methods (category, method, version, changed_at) values ('all', 'fifo', 1, now())`)
    await says(`update accounts set current = false where role = 'inventory'`)
    await says(`insert into accounts (id, role, code, name, current) values (9, 'inventory', '1410', 'Stock', true)`)
    const waiting = books.take(receipt(['B', '1', { at: '3' }]))
    const waits = sql(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
    await until('the input to wait for the books', async () => (await books.db.query(waits)).length === 1)
    await says('commit')
    const { state, entries } = await waiting
    expect(state.pools.get(uuidOf('id-B'))?.method).toBe('fifo')
    expect(entries[0]?.lines.map(({ debit }) => debit)).toEqual([9])
    await says(`update cost_methods set method = 'standard'`)
    await other.close()
    expect((await books.take(receipt(['C', '1', { at: '3' }]))).state.pools.get(uuidOf('id-C'))?.method).toBe(
      'standard',
    )
  })

  test('what was set and rolled back never counts', async () => {
    const { receipt } = story()
    const document = receipt(['A', '1', { at: '1' }])
    await books.take(method('fifo'))
    const undone = books.db.transaction(nobody, async (tx) => {
      await takeInputs(tx, company, [newInput(method('standard'), at)])
      const { state } = await takeInputs(tx, company, [newInput(withUuids(document), at)])
      expect([...state.pools.values()][0]?.method).toBe('standard')
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect((await books.take(document)).state.pools.get(uuidOf('id-A'))?.method).toBe('fifo')
  })

  test('of a long row of FIFO layers only those are read that are needed', async () => {
    const { receipt, delivery } = story()
    await books.take(method('fifo'))
    for (let count = 0; count < 5; count += 1)
      await books.take(...Array.from({ length: 40 }, (_one, index) => receipt(['A', '1', { at: String(index) }])))
    const outcome = await books.take(delivery(['A', '2.5']))
    expect(outcome.layers).toHaveLength(3)
    expect([...outcome.state.pools.values()][0]?.layers).toHaveLength(1)
    expect(await books.offending()).toEqual({})
  })
})
