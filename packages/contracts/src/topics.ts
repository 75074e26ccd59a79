/** The topics, made from the contracts: each event's, with as many partitions as its readers can use at once. */
import type { EventContract } from './envelope.ts'
import * as catalog from './catalog.ts'
import * as identity from './identity.ts'
import * as picking from './picking.ts'
import * as pickingFloor from './picking.floor.ts'
import * as pickingPackages from './picking.packages.ts'
import * as pickingTransfers from './picking.transfers.ts'
import * as purchasing from './purchasing.ts'
import * as sales from './sales.ts'
import * as stock from './stock.ts'
import * as stockCounts from './stock.counts.ts'
import * as valuation from './valuation.ts'

function contractsOf(module: Record<string, unknown>): EventContract[] {
  return Object.values(module).filter(
    (value): value is EventContract => typeof value === 'object' && value !== null && 'topicOf' in value,
  )
}

/** Every event there is, by owner and name. */
export const contracts: readonly EventContract[] = [
  purchasing,
  sales,
  catalog,
  identity,
  stock,
  stockCounts,
  picking,
  pickingFloor,
  pickingPackages,
  pickingTransfers,
  valuation,
].flatMap((module) => contractsOf(module))

/** One order for all: these are keyed by the company, and more partitions would stay empty. */
const singlePartition = new Set(['stock.ledger', 'valuation.entries'])
const partitions = 6

/** What the bus must have. Messages are kept for ever. */
export const topics: readonly { readonly name: string; readonly partitions: number }[] = [
  ...new Set(contracts.flatMap((one) => one.topics)),
]
  .sort()
  .map((name) => ({ name, partitions: singlePartition.has(name) ? 1 : partitions }))
