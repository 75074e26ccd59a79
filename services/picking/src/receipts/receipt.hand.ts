/** A receipt that a person makes, without an order. Pure. */
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { isRefusal, refuse, type FieldFault, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { nothingLeft } from '../documents/document.decide.ts'
import { detailsByHand } from '../orders/order.details.ts'
import { isFault, toBaseQuantity, type Catalog } from '../products/product.ts'
import { draftByHand, type Draft } from './receipt.amend.ts'
import type { handBody } from './receipt.shapes.api.ts'
import type { ReceiptLine } from './receipt.ts'

/** A receipt as a person asks for it. */
export type HandReceipt = z.output<typeof handBody>

/** What was looked up for it. */
interface HandFacts extends Pick<Draft, 'id' | 'warehouse' | 'destination'> {
  readonly companyCurrency: string
  readonly now: Date
  readonly catalog: Catalog
}

/** A draft with the lines that are expected, or with none. */
export function receiptByHand(given: HandReceipt, known: HandFacts): Draft | Refusal {
  const { warehouse: _warehouse, destination: _place, ...asked } = given
  const { source, vendor, scheduledDate, currency, note, references, lines: expected, ...rest } = asked
  nothingLeft(rest)
  const lines = readLines(expected, known.catalog)
  if (isRefusal(lines)) return lines
  const { id, warehouse, destination, companyCurrency, now: createdAt } = known
  return draftByHand({
    id,
    warehouse,
    destination,
    source: source ?? null,
    vendor: vendor ?? null,
    scheduledDate: scheduledDate ?? null,
    currency: currency ?? companyCurrency,
    details: detailsByHand({ note, references }),
    createdAt,
    lines,
  })
}

function readLines(given: HandReceipt['lines'], catalog: Catalog): readonly ReceiptLine[] | Refusal {
  const faults: FieldFault[] = []
  const lines = given.map(({ sku, quantity, unit, unitPrice, unitCost, ...rest }, index): ReceiptLine => {
    nothingLeft(rest)
    const at = (field: string, message: string) => faults.push({ pointer: `/lines/${index}${field}`, message })
    const product = catalog.products.get(sku)
    const expected = parseQuantity(quantity)
    if (product === undefined) at('/sku', `product "${sku}" is not known`)
    else if (product.type === 'service') at('/sku', `${sku} is a service: there is nothing to receive`)
    else {
      const base = toBaseQuantity(product, expected, unit ?? product.unit, catalog.units)
      if (isFault(base)) at(base.fault.startsWith(sku) ? '/unit' : '/quantity', base.fault)
    }
    return {
      line: index + 1,
      sku,
      orderLine: null,
      expected,
      unit: unit ?? product?.unit ?? '',
      received: null,
      unitPrice: unitPrice === undefined ? null : parseUnitPrice(unitPrice),
      unitCost: unitCost === undefined ? null : parseUnitPrice(unitCost),
      entries: null,
    }
  })
  return faults.length > 0 ? refuse('lines-wrong', 'content', 'Some lines are wrong.', faults) : lines
}
