/** A delivery that a person makes, without an order. Pure. */
import { isRefusal, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { nothingLeft } from '../documents/document.decide.ts'
import { headOfBody, linesOfBody, type HandFacts } from '../documents/document.hand.ts'
import { detailsByHand } from '../orders/order.details.ts'
import { demandFieldsOf, withoutDemandFields } from '../orders/order.fields.ts'
import { newDelivery, type DeliveryDraft } from './delivery.order.ts'
import type { newDeliveryBody } from './delivery.shapes.api.ts'

/** A draft of what the body gives. */
export function deliveryByHand(body: z.output<typeof newDeliveryBody>, known: HandFacts): DeliveryDraft | Refusal {
  const { minimumRemainingLife, ...ofAny } = body
  const { head, rest } = headOfBody(ofAny, known)
  const { warehouse, customer = null, lines: given, ...demand } = rest
  nothingLeft(withoutDemandFields(demand))
  const lines = linesOfBody(given, 'deliver', known.referenceData)
  if (isRefusal(lines)) return lines
  const wanted = lines.map(({ rest: noMore, ...line }) => {
    nothingLeft(noMore)
    return line
  })
  const details = detailsByHand({ ...head.details?.order, minimumRemainingLife })
  return newDelivery({ ...head, details, warehouse, customer, ...demandFieldsOf(demand) }, wanted, known.referenceData)
}
