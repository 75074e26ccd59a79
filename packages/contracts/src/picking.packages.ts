/** Events of packages: what goods of a delivery were packed into, and how that is known outside. Keyed by package. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import {
  documentNumber,
  id,
  lineNumber,
  locationCode,
  lotCode,
  packageType,
  positiveQuantity,
  quantityOrZero,
  sku,
  sscc,
  unitCode,
  warehouseCode,
} from './values.ts'

/** Goods of one line and lot of a delivery that are in a package. */
export const packedGoods = z.object({
  /** The delivery's line. */
  documentLine: lineNumber,
  sku,
  lot: lotCode.optional(),
  /** In the base unit. */
  quantity: positiveQuantity,
})

export const pickingPackageChanged = contract({
  type: 'picking.package-changed.v1',
  topic: 'picking.packages',
  subject: 'package id',
  summary: 'A package is new, or other than before: the whole of it.',
  data: z.object({
    documentId: id,
    /** Where people know it by: `WH/PAC/00042`. */
    number: documentNumber,
    warehouse: warehouseCode,
    /** Absent only of one that keeps the number of a lost package. */
    sscc: sscc.optional(),
    /** With which the SSCC begins: the company prefix of GS1 by which it was made. */
    companyPrefix: z
      .string()
      .regex(/^[0-9]{4,12}$/)
      .optional(),
    status: z.enum(['open', 'closed', 'shipped', 'cancelled']),
    /** As who packs calls it: `pallet`. */
    type: packageType.optional(),
    delivery: z.object({ documentId: id, number: documentNumber }),
    /** Where the delivery takes place: what the location scope looks at. */
    places: z.array(locationCode).max(1000),
    /** Of its contents, in kilograms. Absent where the weight of one of its products is not known. */
    weight: quantityOrZero.optional(),
    lines: z.array(packedGoods.extend({ line: lineNumber, unit: unitCode })).max(1000),
  }),
})
/** A package as it was published. */
export type PackageChanged = z.infer<typeof pickingPackageChanged.data>
