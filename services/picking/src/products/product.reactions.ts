/** Stock's products and units are copied, and whatever waited for one of them is looked at again. */
import { stockProductChanged, stockUnitChanged } from '@stockline/contracts'
import { reaction } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import { productKey, unitKey } from './product.ts'
import { lockArrival, saveProduct, saveUnit } from './product.store.ts'

/** Told what has become known: keys of `productKey` and `unitKey`. */
export type BecameKnown = (tx: Tx, keys: readonly string[]) => Promise<void>

/** @param listeners the document slices, each of which looks at its documents that wait for one of the keys */
export function productReactions(listeners: readonly BecameKnown[]): readonly Reaction[] {
  const tell = async (tx: Tx, key: string): Promise<void> => {
    for (const listener of listeners) await listener(tx, [key])
  }
  return [
    reaction(stockProductChanged, {
      react: async (tx: Tx, { data }) => {
        await lockArrival(tx, productKey(data.sku))
        const { standardCost: _cost, abcClass: _class, ...copy } = data
        await saveProduct(tx, {
          ...copy,
          barcodes: copy.barcodes.map((each) =>
            each.unit === undefined ? { code: each.code } : { code: each.code, unit: each.unit },
          ),
        })
        await tell(tx, productKey(data.sku))
      },
    }),
    reaction(stockUnitChanged, {
      react: async (tx: Tx, { data }) => {
        await lockArrival(tx, unitKey(data.code))
        await saveUnit(tx, { ...data, reference: data.reference ?? null })
        await tell(tx, unitKey(data.code))
      },
    }),
  ]
}
