/** Products as they were published, for a database that fell back. */
import { parseRatio } from '@stockline/amounts'
import type { stockProductChanged } from '@stockline/contracts'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import type { Product } from './product.ts'
import { insertProduct, lockCatalog, lockProduct, updateProduct } from './product.store.ts'

/** Makes the product what was published of it. What the product system had sent comes again by its own events. */
export async function restoreProduct(tx: Tx, published: z.output<typeof stockProductChanged.data>): Promise<void> {
  await lockCatalog(tx)
  const known = await lockProduct(tx, published.productId)
  const { productId: id, sku, name, type, unit, category, tracking, receiptTolerance, active } = published
  const product: Product = {
    ...{ id, sku, name, type, unit, category, tracking, receiptTolerance, active },
    standardCost: published.standardCost ?? null,
    abcClass: published.abcClass ?? null,
    weight: published.weight ?? null,
    volume: published.volume ?? null,
    units: published.units.map(({ unit: of, ...text }) => ({ unit: of, ...parseRatio(text) })),
    barcodes: published.barcodes.map((one) => ({ code: one.code, unit: one.unit ?? null })),
    catalogRevision: known?.catalogRevision ?? null,
    catalogContent: known?.catalogContent ?? null,
    version: (known?.version ?? 0) + 1,
  }
  if (known !== null) await updateProduct(tx, product)
  else if (!(await insertProduct(tx, product))) throw new Error(`The sku ${sku} belongs to another product by now.`)
}
