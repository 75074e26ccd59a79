/** The last unit cost of each product, as valuation tells it: what a difference is worth, to judge whether it needs approval. */
import { unitCostsTold, valuationEntryPosted } from '@stockline/contracts'
import { batchReaction, type Reaction } from '@stockline/service-kit'
import type { PrismaClient } from '../database.ts'
import { storeUnitCosts } from './limit.store.ts'

/** Of an entry stock reads the costs alone. */
const costsTold = { ...valuationEntryPosted, data: unitCostsTold }

/** Until then a limit knows the cost before, or none, which counts as above it. */
const withinMs = 1_000

/** Keeps the last cost of each product of a batch: entries come in their order. */
export const costReactions: readonly Reaction<PrismaClient>[] = [
  batchReaction<PrismaClient, [typeof costsTold]>({
    contracts: [costsTold],
    everyMs: withinMs,
    react: async (tx, events) => {
      const last = new Map<string, { readonly sku: string; readonly unitCost: string; readonly at: bigint }>()
      for (const { data, sequence } of events)
        for (const { sku, unitCost } of data.unitCosts) last.set(sku, { sku, unitCost, at: BigInt(sequence ?? 0) })
      if (last.size > 0) await storeUnitCosts(tx, [...last.values()])
    },
  }),
]
