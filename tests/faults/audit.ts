/** The reckoning: what was acknowledged must be in stock and in the books, once and whole. */
import type { Client } from '@stockline/test-kit'
import { until } from '@stockline/test-kit'
import { must } from '../load/documents.ts'
import type { System } from '../load/system.ts'
import type { Acknowledged } from './persistent.ts'

export interface Reckoning {
  readonly lost: number
  readonly doubled: number
  readonly halfPosted: number
}

type Verdict = 'whole' | 'lost' | 'doubled' | 'half'

interface Page<Item> {
  readonly items: readonly Item[]
}

const atOnce = 8

/** Looks every document up: its order made one receipt, its lines one move each, its posting one entry. */
export async function audit(system: System, acknowledged: readonly Acknowledged[]): Promise<Reckoning> {
  const verdicts: Verdict[] = []
  const queue = [...acknowledged]
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop())
      verdicts.push(await judge(await system.login('manager'), next))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const count = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length
  return { lost: count('lost'), doubled: count('doubled'), halfPosted: count('half') }
}

async function judge(client: Client, document: Acknowledged): Promise<Verdict> {
  const receipts = must(
    await client.get<Page<object>>(`/picking/v1/receipts?source=${document.orderNumber}`),
    200,
  ).items
  const named = `document=${encodeURIComponent(document.number)}`
  const moves = must(
    await client.get<Page<{ sku: string; quantity: string }>>(`/stock/v1/moves?${named}&limit=200`),
    200,
  ).items
  const entries = await entriesSoon(client, named)
  if (receipts.length > 1 || moves.length > document.lines.length || entries > 1) return 'doubled'
  if (receipts.length === 0 || moves.length === 0) return 'lost'
  const asReceived = document.lines.every((line) =>
    moves.some((move) => move.sku === line.sku && move.quantity === line.quantity),
  )
  return asReceived && entries === 1 ? 'whole' : 'half'
}

/** The books may be a moment behind; half a minute later what is missing is missing. */
async function entriesSoon(client: Client, named: string): Promise<number> {
  const ask = async () =>
    must(await client.get<Page<object>>(`/valuation/v1/journal-entries?${named}`), 200).items.length
  try {
    return await until('an entry', async () => (await ask()) || false, 30_000)
  } catch {
    return 0
  }
}
