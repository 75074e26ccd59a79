/** Events of a product system. Topic `catalog.products`, keyed by sku. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { revision } from './purchasing.ts'
import { categoryName, measure, sku, textUpTo, unitAmount, unitCode } from './values.ts'

export const productType = z.enum(['stockable', 'consumable', 'service'])
export const tracking = z.enum(['none', 'lot', 'serial'])
export const abcClass = z.enum(['A', 'B', 'C'])
export type ProductType = z.infer<typeof productType>
export type Tracking = z.infer<typeof tracking>
export type AbcClass = z.infer<typeof abcClass>
export const barcode = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable characters without spaces')

export const catalogProductUpserted = contract({
  type: 'catalog.product-upserted.v1',
  topic: 'catalog.products',
  subject: 'sku',
  subjectField: 'sku',
  summary: 'A product is new or changed.',
  data: z.object({
    sku,
    revision: revision.optional(),
    name: textUpTo(200),
    type: productType,
    unit: unitCode,
    category: categoryName,
    barcodes: z.array(barcode).max(20).default([]),
    tracking,
    standardCost: unitAmount.optional(),
    abcClass: abcClass.optional(),
    /** Of one base unit, in kilograms. */
    weight: measure.optional(),
    /** Of one base unit, in cubic metres. */
    volume: measure.optional(),
  }),
})
