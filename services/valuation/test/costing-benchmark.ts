/**
 * How fast documents are valued, on a real PostgreSQL: batches of 100 documents of 10 lines, receipts and deliveries
 * by turns. `node services/valuation/test/costing-benchmark.ts` prints a table.
 */
import type { InputData } from '../src/inputs/input.ts'
import type { CostMethod } from '../src/methods/cost-method.ts'
import { openTestBooks, type OpenBooks } from './books.ts'
import { method, story, type Move } from './story.ts'

/** Figures of a run of documents. */
export interface Figures {
  readonly documentsPerSecond: number
  /** CPU of this process, PostgreSQL left out. */
  readonly cpuMsPerDocument: number
}

const linesPerDocument = 10
const batch = 100

/** A bench that goes on where it was: the history grows from one measurement to the next. */
export interface CostingBench {
  measure(documents: number): Promise<Figures>
  readonly url: string
  close(): Promise<void>
}

/** @param products how many the documents are spread over; ten are hot */
export async function costingBench(products: number, by: CostMethod): Promise<CostingBench> {
  const books = await openTestBooks()
  const of = story()
  let made = 0
  await books.take(method(by), of.receipt(...Array.from({ length: products }, (_one, index) => stock(index))))
  const next = (): InputData => {
    made += 1
    const moves = Array.from({ length: linesPerDocument }, (_one, index): Move => {
      const sku = `SKU-${String((made * 7 + index * 101) % products).padStart(5, '0')}`
      return made % 2 === 0 ? [sku, '3.5'] : [sku, '3.5', { at: `${1 + (made % 9)}.25` }]
    })
    return made % 2 === 0 ? of.delivery(...moves) : of.receipt(...moves)
  }
  return {
    measure: (documents) => measured(books, Array.from({ length: documents }, next)),
    url: books.url,
    close: () => books.close(),
  }
}

/** What is there at the beginning, so that deliveries find something. */
function stock(index: number): Move {
  return [`SKU-${String(index).padStart(5, '0')}`, '100', { at: '2' }]
}

async function measured(books: OpenBooks, documents: readonly InputData[]): Promise<Figures> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  for (let from = 0; from < documents.length; from += batch) await books.take(...documents.slice(from, from + batch))
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return {
    documentsPerSecond: documents.length / seconds,
    cpuMsPerDocument: (user + system) / 1000 / documents.length,
  }
}

if (import.meta.main) {
  const history = Number(process.argv[2] ?? 10_000)
  for (const by of ['average', 'fifo'] as const)
    for (const products of [1000, 10]) {
      const bench = await costingBench(products, by)
      await bench.measure(500)
      for (let at = 0; at < history; at += 2000) {
        const { documentsPerSecond, cpuMsPerDocument } = await bench.measure(2000)
        const moves = (at + 2500) * linesPerDocument
        process.stdout.write(
          `${by} ${products} products, ${moves} moves: ${documentsPerSecond.toFixed(0)} documents/s, ${cpuMsPerDocument.toFixed(3)} ms CPU\n`,
        )
      }
      await bench.close()
    }
}
