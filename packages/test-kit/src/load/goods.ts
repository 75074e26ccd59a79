/** Products and stock for loads, made as a product system and a manager would. */
import { randomUUID } from 'node:crypto'
import { type Client, until } from '../client.ts'
import { must, type OrderLine, stockedAt } from './documents.ts'
import type { System } from './system.ts'

const linesPerDocument = 1000

/** Tells the system of so many products (kg, untracked) in one category, and waits until picking knows them. */
export async function makeProducts(system: System, count: number, category: string): Promise<string[]> {
  const skus = Array.from(
    { length: count },
    (_, index) => `${category.toUpperCase()}-${String(index).padStart(4, '0')}`,
  )
  const erp = await system.erp()
  await tellProducts(erp, skus, category)
  await until('picking to have caught up', async () => (await erp.get('/health/ready')).status === 200, 30_000)
  return skus
}

/** Tells stock of products, as a product system does; resolves when stock has taken them. */
export async function tellProducts(
  erp: Client,
  skus: readonly string[],
  category = 'goods',
): Promise<readonly string[]> {
  for (let from = 0; from < skus.length; from += 8)
    await Promise.all(
      skus.slice(from, from + 8).map(async (sku) => {
        const body = {
          specversion: '1.0',
          id: randomUUID(),
          source: '/catalog',
          type: 'catalog.product-upserted.v1',
          subject: sku,
          data: { sku, name: `Product ${sku}`, type: 'stockable', unit: 'kg', category, tracking: 'none' },
        }
        const headers = { 'content-type': 'application/cloudevents+json' }
        must(await erp.send('POST', '/stock/v1/events', { body, headers }), 202)
      }),
    )
  return skus
}

/** Puts so much of each product on the shelf, at a cost of 2.00. */
export async function stockUp(system: System, skus: readonly string[], quantity: string): Promise<void> {
  await openingStock(
    system,
    skus.map((sku) => ({ sku, location: stockedAt, quantity, unitCost: '2.00' })),
  )
}

/** Writes so many moves of history, spread over the products: each a layer of its own under FIFO. */
export async function stockUpInMoves(system: System, skus: readonly string[], moves: number): Promise<void> {
  const lines = Array.from({ length: moves }, (_, index) => ({
    sku: skus[index % skus.length] ?? '',
    location: stockedAt,
    quantity: '20',
    unitCost: `2.${String(index % 100).padStart(2, '0')}`,
  }))
  await openingStock(system, lines)
}

async function openingStock(
  system: System,
  lines: readonly { sku: string; location: string; quantity: string; unitCost: string }[],
): Promise<void> {
  const manager = await system.login('manager')
  let position = '0'
  for (let from = 0; from < lines.length; from += linesPerDocument) {
    const reply = await manager.send<{ position: string }>('POST', '/stock/v1/opening-stock', {
      body: { lines: lines.slice(from, from + linesPerDocument) },
    })
    if (reply.status !== 200 && reply.status !== 201) throw new Error(`opening stock: ${JSON.stringify(reply.body)}`)
    position = reply.body.position
  }
  await until(
    `valuation to reach position ${position}`,
    async () => {
      const reply = await manager.get<{ position: string }>('/valuation/v1/inventory-value')
      return BigInt(reply.body.position) >= BigInt(position)
    },
    120_000,
  )
}

/** Sets the cost method of a category. */
export async function setMethod(
  system: System,
  category: string,
  method: 'fifo' | 'average' | 'standard',
): Promise<void> {
  const manager = await system.login('manager')
  const reply = await manager.send('PUT', `/valuation/v1/cost-methods/${category}`, { body: { method } })
  if (reply.status > 201) throw new Error(`cost method: ${JSON.stringify(reply.body)}`)
}

/** One line of one kilogram for each of these products. */
export function linesOf(skus: readonly string[]): OrderLine[] {
  return skus.map((sku, index) => ({ line: index + 1, sku, quantity: '1', unit: 'kg' }))
}

/** Ten lines, beginning with the n-th product and going round. */
export function tenLines(skus: readonly string[], first: number): OrderLine[] {
  return linesOf(Array.from({ length: 10 }, (_, index) => skus[(first + index) % skus.length] ?? ''))
}
