/** Events of a product system. */
import { catalogProductUpserted } from '@stockline/contracts'
import { reaction } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { upsertFromCatalog } from './product.actions.ts'

export const catalogReactions = [
  reaction(catalogProductUpserted, {
    parkBy: (event) => event.data.sku,
    react: async (tx: Tx, event) => upsertFromCatalog(tx, event.data),
  }),
]
