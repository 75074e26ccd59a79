/** Events of stock: its reference data, documents posted or refused, reservations. */
import { z } from 'zod'
import { barcode, abcClass, productType, tracking } from './catalog.ts'
import { contract } from './envelope.ts'
import { minimumRemainingLife } from './remaining-life.ts'
import {
  categoryName,
  date,
  documentNumber,
  entered,
  id,
  instant,
  lineNumber,
  locationCode,
  lotCode,
  measure,
  ofOrderLine,
  orderNumber,
  partner,
  percent,
  positiveQuantity,
  price,
  quantityOrZero,
  ratioText,
  reason,
  sku,
  unitAmount,
  unitCode,
  warehouseCode,
} from './values.ts'

export const stockProductChanged = contract({
  type: 'stock.product-changed.v1',
  topic: 'stock.products',
  subject: 'product id',
  summary: 'A product is new or changed: the whole of it.',
  data: z.object({
    productId: id,
    sku,
    name: z.string(),
    type: productType,
    /** The base unit: on-hand is kept in it. */
    unit: unitCode,
    unitDecimals: z.int().min(0).max(6),
    /** Units of this product alone: a box of 24. One of them = ratio × base unit. */
    units: z.array(z.object({ unit: unitCode, ...ratioText.shape })),
    category: categoryName,
    tracking,
    barcodes: z.array(z.object({ code: barcode, unit: unitCode.optional() })),
    standardCost: unitAmount.optional(),
    abcClass: abcClass.optional(),
    /** Of one base unit, in kilograms and in cubic metres. Absent where nobody said, and before 0.2.0. */
    weight: measure.optional(),
    volume: measure.optional(),
    /** Difference from the order, in percent of it, that needs no review. */
    receiptTolerance: percent,
    active: z.boolean(),
  }),
})

export const stockUnitChanged = contract({
  type: 'stock.unit-changed.v1',
  topic: 'stock.products',
  subject: 'unit code',
  summary: 'A unit of measure is new or changed.',
  data: z.object({
    code: unitCode,
    name: z.string(),
    decimals: z.int().min(0).max(6),
    /** One of this unit = ratio × the reference unit, which has no reference itself. */
    reference: z.object({ unit: unitCode, ...ratioText.shape }).optional(),
  }),
})

/** `internal` is owned stock; all others are where things come from or go to. */
export const locationType = z.enum([
  'internal',
  'vendor',
  'customer',
  'loss',
  'opening',
  'production',
  'scrap',
  'transit',
])
export type LocationType = z.infer<typeof locationType>

export const stockLocationChanged = contract({
  type: 'stock.location-changed.v1',
  topic: 'stock.locations',
  subject: 'warehouse code',
  summary: 'A warehouse, or one of its locations, is new or changed.',
  data: z.object({
    warehouse: z.object({
      code: warehouseCode,
      name: z.string(),
      defaultReceiptLocation: locationCode.nullable(),
      active: z.boolean(),
    }),
    /** Null where only the warehouse itself changed. */
    location: z
      .object({
        locationId: id,
        code: locationCode,
        type: locationType,
        reservable: z.boolean(),
        allowNegative: z.boolean(),
        pickSequence: z.int(),
        barcode: barcode.nullable(),
        active: z.boolean(),
      })
      .nullable(),
  }),
})

export const stockAssignmentChanged = contract({
  type: 'stock.assignment-changed.v1',
  topic: 'stock.assignments',
  subject: 'user id',
  summary: 'The locations, with all below them, on which a user acts: the whole list.',
  data: z.object({ userId: id, locations: z.array(locationCode) }),
})

export const documentKind = z.enum(['receipt', 'delivery', 'transfer', 'adjustment', 'opening'])
export type DocumentKind = z.infer<typeof documentKind>

const place = z.object({ location: locationCode, type: locationType, warehouse: warehouseCode.nullable() })

/** What may be done with stock. Only `available` is promised; all of it is owned, and worth the same. */
export const stockStatus = z.enum(['available', 'quarantine', 'damaged', 'blocked'])
export type StockStatus = z.infer<typeof stockStatus>

/** One ledger line. `move` is its id, for ever. */
export const postedLine = z.object({
  move: id,
  /** Unique within the document. */
  line: lineNumber,
  /** The document's own line that this belongs to, where several entries or picks share one. */
  documentLine: lineNumber.optional(),
  productId: id,
  sku,
  productType,
  category: categoryName,
  lot: lotCode.nullable(),
  /** The lot that the goods got, where that is another one: a lot was split or merged. */
  toLot: lotCode.optional(),
  /** In the base unit. */
  quantity: positiveQuantity,
  unit: unitCode,
  from: place,
  to: place,
  /** Of the goods at `from`. Absent: available, and before 0.2.0. */
  status: stockStatus.optional(),
  /** Of the goods at `to`, where it is another one. From and to are the same place where nothing else changes. */
  toStatus: stockStatus.optional(),
  entered: entered.optional(),
  price: price.optional(),
  /** In the company's currency per base unit, entered by a supervisor or above. */
  unitCost: unitAmount.optional(),
  ...ofOrderLine,
})

export const stockDocumentPosted = contract({
  type: 'stock.document-posted.v1',
  topic: 'stock.ledger',
  subject: 'company',
  summary: 'The ledger took a document. `sequence` is its position.',
  data: z.object({
    position: z.string().regex(/^[1-9]\d*$/),
    documentId: id,
    number: documentNumber,
    kind: documentKind,
    /** Which try of the document this answers; 1 for stock's own. */
    attempt: z.int().min(1),
    warehouse: warehouseCode.nullable(),
    recordedAt: instant,
    effectiveAt: instant,
    /** The order that a receipt or delivery is for. Absent on those made by hand, and before 0.2.0. */
    order: z.object({ source: z.string().min(1).max(200), orderNumber }).optional(),
    /** The order's vendor, or its customer. */
    partner: partner.optional(),
    lines: z.array(postedLine),
  }),
})

/** A document as the ledger took it. */
export type PostedDocument = z.infer<typeof stockDocumentPosted.data>

export const stockDocumentRefused = contract({
  type: 'stock.document-refused.v1',
  topic: 'stock.refusals',
  subject: 'document id',
  summary: 'The ledger refused a document, which goes back to where it was.',
  data: z.object({
    documentId: id,
    number: documentNumber,
    kind: documentKind,
    /** Of the posting; where a need is refused, its revision. */
    attempt: z.int().min(1),
    /** What was refused: the posting (also where it is absent), or the demand of a delivery. */
    about: z.enum(['need', 'posting']).optional(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ line: lineNumber.nullable(), code: z.string(), message: z.string() })),
  }),
})

const lotName = z.object({ lotId: id, code: lotCode })
const lotDate = date.nullable()

export const stockLotChanged = contract({
  type: 'stock.lot-changed.v1',
  topic: 'stock.lots',
  subject: 'lot id',
  summary:
    'A lot has dates, was held, released, recalled, split or merged: the whole of it. One of which nothing is known but its name is not told.',
  data: z.object({
    lotId: id,
    sku,
    code: lotCode,
    producedOn: lotDate,
    bestBefore: lotDate,
    removeOn: lotDate,
    alertOn: lotDate,
    /** The last day on which it is promised and shipped. */
    expiresOn: lotDate,
    /** Nothing of it is promised or shipped, wherever it is. */
    held: z.boolean(),
    /** The reason that was given; null where it is not held. */
    heldFor: reason.nullable(),
    /** The lots that goods of this one came from when it was split off or merged into, and those that they went to. Of each the latest 1,000. */
    madeOf: z.array(lotName).max(1000),
    madeInto: z.array(lotName).max(1000),
    /** Rises with each change of dates and hold; 1 when it is made. */
    version: z.int().min(1),
    /** What its history says of the change. Absent where a document brought its dates. */
    step: z.object({ what: z.string().min(1).max(40), why: z.string().max(2000).nullable() }).optional(),
  }),
})

/** A lot as it is told. */
export type ToldLot = z.infer<typeof stockLotChanged.data>

/** An allocation. */
export const reservedPick = z.object({
  location: locationCode,
  lot: lotCode.nullable(),
  expiresOn: date.nullable(),
  quantity: positiveQuantity,
  pickSequence: z.int(),
})

/** Stock of a product that a delivery or transfer is short of, which it cannot have. */
const outOfReach = z.object({
  quantity: positiveQuantity,
  /**
   * `not-reservable`, `location-inactive`, `status` (another than available), `held`, `expired`, `other-lot` (than asked for), `short-life` (less of it left than asked
   * for), `reserved` for another delivery, `other-warehouse`, `outside-source` of a transfer. There may be more of them one day.
   */
  why: z.string().min(1).max(40),
  /** More of it in words, without a full stop. Absent where there is no more to say, and before 0.2.0. */
  detail: z.string().min(1).max(300).optional(),
  location: locationCode.optional(),
  lot: lotCode.optional(),
  expiresOn: date.optional(),
  status: z.string().max(40).optional(),
  /** In which it is, where that is another one. */
  warehouse: warehouseCode.optional(),
  /** Of the delivery that has it reserved. */
  number: documentNumber.optional(),
})

/** What an open delivery, or a transfer that waits, is short of: a product, or one lot of it where its lines require that. */
const shortage = z.object({
  sku,
  lot: lotCode.optional(),
  /** Only what has so much of its life left. Absent where that is not asked for, and before 0.2.0. */
  minimumRemainingLife,
  /** What is not reserved of it. */
  missing: positiveQuantity,
  /** What is available, and not reserved since the delivery is reserved in full or not at all. */
  available: quantityOrZero,
  /** The largest first, ten at most; `more` is how many others there are, as far as was looked. */
  outOfReach: z.array(outOfReach).max(10),
  more: z.int().min(0),
})

const shortages = {
  /**
   * What it is short of, and where stock of that lies which it cannot have: as things were then. At most 20 are told. Absent where
   * nothing is missing, and before 0.2.0.
   */
  shortages: z.array(shortage).max(20).optional(),
}

export const stockStockReserved = contract({
  type: 'stock.stock-reserved.v1',
  topic: 'stock.reservations',
  subject: 'document id',
  summary: 'What is reserved for a delivery now: the whole of it, in place of what was told before.',
  data: z.object({
    documentId: id,
    number: documentNumber,
    /** The request that this answers: revision of the delivery as stock knew it. */
    revision: z.int().min(1),
    /** All of the demand is reserved. */
    complete: z.boolean(),
    lines: z.array(z.object({ line: lineNumber, sku, quantity: positiveQuantity, picks: z.array(reservedPick) })),
    ...shortages,
    /**
     * Picks of the request that the ledger would not ship as things are: a location, lot or quantity that is not there, has
     * expired, or is reserved for others. Absent where there is none, and before 0.2.0.
     */
    refusedPicks: z
      .array(
        z.object({
          line: lineNumber,
          location: locationCode,
          lot: lotCode.optional(),
          quantity: positiveQuantity,
          code: z.string(),
          message: z.string(),
        }),
      )
      .max(1000)
      .optional(),
  }),
})
/** What is reserved for a delivery. */
export type StockReserved = z.infer<typeof stockStockReserved.data>

export const stockReservationReleased = contract({
  type: 'stock.reservation-released.v1',
  topic: 'stock.reservations',
  subject: 'document id',
  summary: 'A delivery lost its reservations and waits again, and why.',
  data: z.object({
    documentId: id,
    number: documentNumber,
    revision: z.int().min(1),
    /** `stock-gone` also where a lot is held; `detail` tells. */
    code: z.enum(['stock-gone', 'amended', 'expired']),
    detail: z.string(),
    /**
     * The delivery was taken out of the offering: nothing is reserved for it, whatever comes, until its demand asks again: without
     * `held`, and not with `asks: false`. Absent where it goes on waiting, and before 0.2.0.
     */
    held: z
      .object({
        /**
         * `released` by a person, `ended` by its ordering system, `reserve-until`: its order wanted it reserved no longer; `stays`: it was
         * before this revision, which asks for nothing new.
         */
        code: z.string().min(1).max(40),
        reason,
      })
      .optional(),
    ...shortages,
  }),
})
