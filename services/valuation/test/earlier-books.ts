/**
 * Books as an earlier revision kept them, for `upgrade.test.ts`. Laid out and installed by `pnpm bench --against b8bcaaa`:
 *
 *     node services/valuation/test/earlier-books.ts .cache/bench/b8bcaaa921bc > services/valuation/test/earlier-books.json
 *
 * (then formatted). Everything that runs here but this page is of that revision: the rules, the tables, what tells the stories.
 */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sql } from '@stockline/service-kit'
import type { InputData } from '../src/inputs/input.ts'
import type { OpenBooks } from './books.ts'
import type * as Stories from './story.ts'

/** Rows as PostgreSQL writes them, by table, and the migrations that had made the tables. */
export interface EarlierBooks {
  readonly revision: string
  readonly migrations: readonly string[]
  readonly tables: Readonly<Record<string, readonly string[]>>
}

const tables = [
  ...['books', 'inputs', 'accounts', 'cost_methods', 'cost_pools', 'cost_layers', 'entries', 'entry_lines'],
  'parked_documents',
]

/** Every method, prices in cents that do not come out even, negative stock, and documents that are parked. */
function inputsOf({ method, standard, story }: typeof Stories): readonly InputData[] {
  const { receipt, delivery, loss, gain, opening, transfer } = story()
  const third = { price: { unitPrice: '10', unit: 'box', currency: 'USD', numerator: '1', denominator: '3' } }
  const piece = ['A', '1', third as never] as const
  return [
    opening(['A', '2', { unitCost: '3.333' }], ['B', '10', { unitCost: '1.005', category: 'fifo' }]),
    method('fifo', 'fifo'),
    method('standard', 'standard'),
    ...[receipt(piece), receipt(piece), receipt(piece)],
    receipt(['B', '7', { at: '0.333', category: 'fifo' }], ['C', '3', { at: '9.99', category: 'standard' }]),
    standard('C', '10.5'),
    delivery(['B', '12.5', { category: 'fifo' }], ['C', '1', { category: 'standard' }]),
    delivery(['A', '9']),
    receipt(['A', '7', { at: '2.717' }]),
    transfer(['A', '1']),
    receipt(['D', '4', { at: '9', currency: 'EUR' }]),
    delivery(['D', '1']),
    gain(['A', '1']),
    loss(['B', '0.125', { category: 'fifo' }]),
    { kind: 'accounts-changed', accounts: [{ role: 'inventory', code: '1410', name: 'Stock' }] },
    receipt(['E', '3', { at: '1.115', productType: 'consumable' }]),
    method('average', 'fifo'),
    delivery(['B', '1', { category: 'fifo' }]),
  ]
}

const [folder] = process.argv.slice(2)
if (folder !== undefined && import.meta.filename === process.argv[1]) {
  const of = async <Module>(path: string) => (await import(pathToFileURL(join(resolve(folder), path)).href)) as Module
  const stories = await of<typeof Stories>('services/valuation/test/story.ts')
  const { openTestBooks } = await of<{ openTestBooks: () => Promise<OpenBooks> }>('services/valuation/test/books.ts')
  const books = await openTestBooks()
  for (const input of inputsOf(stories)) await books.take(input)
  const rebuilt = await books.rebuilt()
  if (rebuilt.difference !== null) throw new Error(rebuilt.difference)
  const rows: Record<string, readonly string[]> = {}
  for (const table of tables) {
    const text = `select row_to_json(t)::text as row from ${table} as t order by 1`
    rows[table] = (await books.db.query<{ row: string }>(sql(text))).map(({ row }) => row)
  }
  const migrations = readdirSync(join(folder, 'services/valuation/prisma/migrations')).filter((name) =>
    /^\d/.test(name),
  )
  const earlier: EarlierBooks = { revision: 'b8bcaaa', migrations: migrations.sort(), tables: rows }
  process.stdout.write(`${JSON.stringify(earlier, null, 2)}\n`)
  await books.close()
}
