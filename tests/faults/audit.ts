/** The reckoning: what was acknowledged must be in stock and in the books, once and whole. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, until } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'
import type { StreamedOrder } from './order-stream.ts'
import type { Acknowledged } from './persistent.ts'

export interface Reckoning {
  readonly lost: number
  readonly doubled: number
  readonly halfPosted: number
}

type Verdict = 'whole' | 'lost' | 'doubled' | 'half'

interface Receipt {
  readonly number: string
  readonly status: string
}

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

/** Looks every order up that came by the bus: it made one receipt or delivery. */
export async function auditOrders(
  system: System,
  orders: readonly StreamedOrder[],
): Promise<Pick<Reckoning, 'lost' | 'doubled'>> {
  const counts: number[] = []
  const queue = [...orders]
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const list = next.kind === 'purchase' ? 'receipts' : 'deliveries'
      const path = `/picking/v1/${list}?source=${next.orderNumber}`
      counts.push((await itemsSoon(await system.login('manager'), path)).length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { lost: counts.filter((count) => count === 0).length, doubled: counts.filter((count) => count > 1).length }
}

async function judge(client: Client, document: Acknowledged): Promise<Verdict> {
  const named = `document=${encodeURIComponent(document.number)}`
  const all = await itemsOf<Receipt>(client, `/picking/v1/receipts?source=${document.orderNumber}`)
  const receipts = all.filter(({ status, number }) => status !== 'cancelled' || number === document.number)
  const moves = await itemsOf<{ sku: string; quantity: string }>(client, `/stock/v1/moves?${named}&limit=200`)
  const entries = (await itemsSoon(client, `/valuation/v1/journal-entries?${named}`)).length
  if (receipts.length > 1 || moves.length > document.lines.length || entries > 1) return 'doubled'
  if (receipts.length === 0 || moves.length === 0) return 'lost'
  if (receipts[0]?.number !== document.number || receipts[0].status !== 'done') return 'half'
  const asReceived = document.lines.every((line) =>
    moves.some((move) => move.sku === line.sku && move.quantity === line.quantity),
  )
  return asReceived && entries === 1 ? 'whole' : 'half'
}

/** A service that was killed last may still be on its way back: what it does not answer says nothing yet. */
function itemsOf<Item>(client: Client, path: string): Promise<readonly Item[]> {
  return until(
    `an answer to ${path}`,
    async () => {
      const reply = await client.get<Page<Item>>(path)
      return reply.status < 500 && must(reply, 200).items
    },
    60_000,
  )
}

/** A reader may be a moment behind; half a minute later what is missing is missing. */
async function itemsSoon(client: Client, path: string): Promise<readonly object[]> {
  for (const end = Date.now() + 30_000; ;) {
    const items = await itemsOf<object>(client, path)
    if (items.length > 0 || Date.now() > end) return items
    await sleep(50)
  }
}
