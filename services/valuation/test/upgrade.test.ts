import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { migrate, openDatabase, sql } from '@stockline/service-kit'
import type { EarlierBooks } from './earlier-books.ts'
import { openTestBooks, type OpenBooks } from './books.ts'
import { standard, story, type Move } from './story.ts'

const earlier = JSON.parse(readFileSync(new URL('./earlier-books.json', import.meta.url), 'utf8')) as EarlierBooks
const rowsOf = (table: string) => earlier.tables[table] ?? []

/** The database as the earlier revision left it. */
async function leftByEarlier(url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'earlier-books-'))
  for (const name of earlier.migrations)
    cpSync(fileURLToPath(new URL(`../prisma/migrations/${name}`, import.meta.url)), join(folder, name), {
      recursive: true,
    })
  await migrate(url, folder)
  rmSync(folder, { recursive: true })
  const db = openDatabase({ url, service: 'valuation' })
  try {
    for (const table of ['books', 'accounts']) await db.query(sql(`delete from ${table}`))
    for (const [table, rows] of Object.entries(earlier.tables)) {
      const load = `insert into ${table} select (json_populate_record(null::${table}, row::json)).* from unnest($1::text[]) as row`
      await db.query(sql(load), [rows])
    }
  } finally {
    await db.close()
  }
}

let books: OpenBooks
beforeAll(async () => {
  books = await openTestBooks(leftByEarlier)
})
afterAll(() => books.close())

/** Rows as they were, without the columns that came since. */
async function rowsNow(table: string): Promise<readonly string[]> {
  const columns = Object.keys(JSON.parse(rowsOf(table)[0] ?? '{}') as object)
  const text = `select row_to_json(t)::text as row from (select ${columns.join(', ')} from ${table}) as t order by 1`
  return (await books.db.query<{ row: string }>(sql(text))).map(({ row }) => row)
}

const rulesOf = async (after: string) =>
  (
    await books.db.query<{ rules: number }>(sql('select rules from inputs where number > $1 order by number'), [after])
  ).map(({ rules }) => rules)

describe(`X7 books of revision ${earlier.revision} after an upgrade`, () => {
  test('no row of them is another, and a rebuild gives the same bytes by the rules of then', async () => {
    expect(rowsOf('entries').length).toBeGreaterThan(10)
    for (const table of Object.keys(earlier.tables))
      expect([table, await rowsNow(table)]).toEqual([table, rowsOf(table)])
    expect(new Set(await rulesOf('0'))).toEqual(new Set([1]))
    expect(await books.rebuilt()).toMatchObject({ difference: null, entries: BigInt(rowsOf('entries').length) })
    expect(await books.offending()).toEqual({})
    // Then each of three pieces of a box at 10.00 was rounded by itself.
    const boxes = rowsOf('entry_lines').filter((row) => row.includes('"amount":3.33,') && row.includes('order price'))
    expect(boxes).toHaveLength(3)
  })

  test('they go on by the rules of now, what was parked then by those of then, and are the same again when rebuilt', async () => {
    const { last_position: last } = JSON.parse(rowsOf('books')[0] ?? '{}') as { last_position: number }
    const { receiptOf, delivery } = story(last)
    const piece = (orderQuantity: string, whole = {}): Move => [
      'A',
      '1',
      { at: '10', ratio: ['1', '3'], orderLine: 1, orderQuantity, ...whole },
    ]
    const parts = receiptOf('PO-9')
    await books.take(parts(piece('0.333333')))
    await books.take(
      parts(piece('0.333334')),
      parts(piece('0.333333', { completesOrderLine: true })),
      delivery(['A', '1']),
    )
    const parked = await books.db.query<{ input: bigint }>(
      sql(`select input from parked_documents where reason <> 'waiting'`),
    )
    await books.take({
      kind: 'parked-released',
      input: String(parked[0]?.input),
      unitCosts: [{ sku: 'D', unitCost: '9.5' }],
    })
    await books.take(standard('B', '2', 'standard'))
    const booked = await books.db.query<{ amount: string }>(
      sql('select amount from entry_lines where part_of is not null order by entry'),
    )
    expect(booked.map(({ amount }) => amount)).toEqual(['3.33', '3.34', '3.33'])
    expect(await rulesOf(String(rowsOf('inputs').length))).toEqual([2, 2, 2, 2, 2, 2])
    expect(await books.db.query(sql('select from parked_documents'))).toEqual([])
    expect((await books.rebuilt()).difference).toBeNull()
    expect(await books.offending()).toEqual({})
  })

  test('a rebuild values each input by its own version: another one gives other entries', async () => {
    await books.db.query(sql(`update inputs set rules = 1 where number = (select max(number) from inputs) - 3`))
    expect((await books.rebuilt()).difference).toMatch(/^entry: rebuilt .*"3\.33".*kept .*"3\.33"/)
    await books.db.query(sql(`update inputs set rules = 99 where number = (select max(number) from inputs) - 3`))
    await expect(books.rebuilt()).rejects.toThrow('version 99 of the rules')
  })
})
