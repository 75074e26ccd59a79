/** A receipt that a person makes, without an order. Pure. */
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import type { Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { nothingLeft } from '../documents/document.decide.ts'
import { handLinesRefusal } from '../documents/document.hand.ts'
import { detailsByHand } from '../orders/order.details.ts'
import type { ReferenceData } from '../products/product.ts'
import { newReceipt, type ReceiptDraft } from './receipt.amend.ts'
import type { handBody } from './receipt.shapes.api.ts'
import type { ReceiptLine } from './receipt.ts'

/** A receipt as a person asks for it. */
export type HandReceipt = z.output<typeof handBody>

/** What was looked up for it. */
interface HandFacts extends Pick<ReceiptDraft, 'id' | 'warehouse' | 'destination'> {
  readonly companyCurrency: string
  readonly now: Date
  readonly referenceData: ReferenceData
}

/** A draft with the lines that are expected, or with none. */
export function receiptByHand(given: HandReceipt, known: HandFacts): ReceiptDraft | Refusal {
  const { warehouse: _warehouse, destination: _place, ...asked } = given
  const { source, vendor, scheduledDate, currency, note, references, lines: expected, ...rest } = asked
  nothingLeft(rest)
  const refusal = handLinesRefusal(expected, 'receive', known.referenceData)
  if (refusal !== undefined) return refusal
  const { id, warehouse, destination, companyCurrency, now: createdAt } = known
  return newReceipt({
    id,
    warehouse,
    destination,
    source: source ?? null,
    vendor: vendor ?? null,
    scheduledDate: scheduledDate ?? null,
    currency: currency ?? companyCurrency,
    details: detailsByHand({ note, references }),
    createdAt,
    lines: expected.map((line, index) => lineOf(line, index + 1, known.referenceData)),
  })
}

function lineOf(given: HandReceipt['lines'][number], line: number, { products }: ReferenceData): ReceiptLine {
  const { sku, quantity, unit, unitPrice, unitCost, ...rest } = given
  nothingLeft(rest)
  return {
    line,
    sku,
    orderLine: null,
    expected: parseQuantity(quantity),
    unit: unit ?? products.get(sku)?.unit ?? '',
    received: null,
    unitPrice: unitPrice === undefined ? null : parseUnitPrice(unitPrice),
    unitCost: unitCost === undefined ? null : parseUnitPrice(unitCost),
    entries: null,
  }
}
