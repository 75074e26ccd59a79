/** A receipt that a person makes, without an order. Pure. */
import { parseUnitPrice } from '@stockline/amounts'
import { isRefusal, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { nothingLeft } from '../documents/document.decide.ts'
import { headOfBody, linesOfBody, type HandFacts } from '../documents/document.hand.ts'
import { newReceipt, type ReceiptDraft } from './receipt.amend.ts'
import type { newReceiptBody } from './receipt.shapes.api.ts'
import type { ReceiptLine } from './receipt.ts'

type Known = HandFacts & Pick<ReceiptDraft, 'warehouse' | 'destination'> & { readonly companyCurrency: string }

/** A draft with the lines that are expected, or with none. */
export function receiptByHand(body: z.output<typeof newReceiptBody>, known: Known): ReceiptDraft | Refusal {
  const { head, rest } = headOfBody(body, known)
  const { warehouse: _warehouse, destination: _place, vendor = null, currency, lines: expected, ...none } = rest
  nothingLeft(none)
  const lines = linesOfBody(expected, 'receive', known.referenceData)
  if (isRefusal(lines)) return lines
  const { warehouse, destination, companyCurrency } = known
  return newReceipt({
    ...head,
    ...{ warehouse, destination, vendor },
    currency: currency ?? companyCurrency,
    lines: lines.map(
      ({ quantity: asExpected, rest: { unitPrice, unitCost, ...noMore }, ...line }, index): ReceiptLine => {
        nothingLeft(noMore)
        return {
          ...line,
          line: index + 1,
          orderLine: null,
          expected: asExpected,
          received: null,
          unitPrice: unitPrice === undefined ? null : parseUnitPrice(unitPrice),
          unitCost: unitCost === undefined ? null : parseUnitPrice(unitCost),
          entries: null,
        }
      },
    ),
  })
}
