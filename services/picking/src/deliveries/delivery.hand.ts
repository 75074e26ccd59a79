/** A delivery that a person makes, without an order. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { nothingLeft } from '../documents/document.decide.ts'
import { handLinesRefusal } from '../documents/document.hand.ts'
import { detailsByHand } from '../orders/order.details.ts'
import { demandFieldsOf, withoutDemandFields } from '../orders/order.fields.ts'
import type { ReferenceData } from '../products/product.ts'
import { newDelivery, type DeliveryDraft } from './delivery.order.ts'
import type { handBody } from './delivery.shapes.api.ts'

/** A delivery as a person asks for it. */
export type HandDelivery = z.output<typeof handBody>

/** A draft of what is asked for. */
export function deliveryByHand(
  given: HandDelivery,
  {
    id,
    now: createdAt,
    referenceData,
  }: { readonly id: string; readonly now: Date; readonly referenceData: ReferenceData },
): DeliveryDraft | Refusal {
  const { warehouse, source, customer, scheduledDate, note, references, lines, ...demand } = given
  nothingLeft(withoutDemandFields(demand))
  const refusal = handLinesRefusal(lines, 'deliver', referenceData)
  if (refusal !== undefined) return refusal
  const wanted = lines.map(({ sku, quantity, unit, ...none }) => {
    nothingLeft(none)
    return { sku, quantity: parseQuantity(quantity), unit: unit ?? referenceData.products.get(sku)?.unit ?? '' }
  })
  const head = {
    id,
    warehouse,
    source: source ?? null,
    customer: customer ?? null,
    scheduledDate: scheduledDate ?? null,
    ...demandFieldsOf(demand),
    details: detailsByHand({ note, references }),
    createdAt,
  }
  return newDelivery(head, wanted, referenceData)
}
