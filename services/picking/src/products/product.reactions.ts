/** Stock's products and units are copied, and whatever waited for one of them is looked at again. */
import { stockProductChanged, stockUnitChanged } from '@stockline/contracts'
import { reaction } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import { wakeOrdersFor } from '../partners/items.actions.ts'
import { referenceDataOf, type ReferenceDataListener } from './product.actions.ts'
import { productChange, unitChange, type CountingChange } from './product.changes.ts'
import { productKey, unitKey } from './product.ts'
import { lockArrival, saveProduct, saveUnit } from './product.store.ts'

/** What is known of products and units, kept up to date, and told to those whose documents name them. */
export function productReactions(listeners: readonly ReferenceDataListener[]): readonly Reaction[] {
  const tell = async (tx: Tx, key: string, change: CountingChange | undefined): Promise<void> => {
    for (const { becameKnown, countedOtherwise } of listeners) {
      await becameKnown(tx, [key])
      if (change !== undefined) await countedOtherwise(tx, change)
    }
  }
  return [
    reaction(stockProductChanged, {
      react: async (tx: Tx, { data }) => {
        await lockArrival(tx, productKey(data.sku))
        const { standardCost: _cost, abcClass: _class, weight = null, volume: _volume, ...copy } = data
        const before = (await referenceDataOf(tx, [data])).products.get(data.sku)
        await saveProduct(tx, {
          ...{ ...copy, weight },
          barcodes: copy.barcodes.map((each) =>
            each.unit === undefined ? { code: each.code } : { code: each.code, unit: each.unit },
          ),
        })
        const after = before && (await referenceDataOf(tx, [data])).products.get(data.sku)
        await wakeOrdersFor(tx, data, before)
        await tell(tx, productKey(data.sku), before && after && productChange(before, after))
      },
    }),
    reaction(stockUnitChanged, {
      react: async (tx: Tx, { data }) => {
        await lockArrival(tx, unitKey(data.code))
        const named = [{ unit: data.code }]
        const before = (await referenceDataOf(tx, named)).units.get(data.code)
        await saveUnit(tx, { ...data, reference: data.reference ?? null })
        const after = before && (await referenceDataOf(tx, named)).units.get(data.code)
        await tell(tx, unitKey(data.code), before && after && unitChange(before, after))
      },
    }),
  ]
}
