/** How deliveries follow sales orders. Pure. */
import { detailsOf } from '../orders/order.details.ts'
import type { OrderRules } from '../orders/order.follow.ts'
import type { ProductRules } from '../orders/order.products.actions.ts'
import { ledgerRefusalText, refusedDocument, type RefusedEvent } from '../postings/posting.ts'
import {
  amendDelivery,
  deliveryBackorder,
  deliveryParts,
  deliveryForOrder,
  reconsiderDelivery,
  wantsNothingItHad,
  type DeliveryDraft,
} from './delivery.order.ts'
import { isNeedRefusal, needRefused } from './delivery.reserve.ts'
import { isOpenDelivery, type Delivery } from './delivery.ts'
import { deliveryRemainder } from './delivery.validate.ts'

/** The rules of deliveries about their orders. */
export const deliveryRules: OrderRules<Delivery, DeliveryDraft> = {
  kind: 'delivery',
  lackOf: () => undefined,
  unitOf: ({ unit }, product) => product?.unit ?? unit,
  isOpen: isOpenDelivery,
  named: ({ lines }) => lines,
  parts: deliveryParts,
  draft: deliveryForOrder,
  amend: amendDelivery,
  // Stock takes nothing more of a demand that has ended.
  makesPlace: wantsNothingItHad,
  complete: (delivery, content) =>
    delivery.customer === null
      ? { ...delivery, customer: content.partner, details: delivery.details ?? detailsOf(content) }
      : undefined,
  refused,
  leftOn: (delivery) => deliveryRemainder(delivery, () => undefined),
  backorder: (delivery, { id, at }, { products }) => {
    const lines = deliveryRemainder(delivery, (sku) => products.get(sku)?.unit)
    return lines.length === 0 ? undefined : deliveryBackorder(delivery, lines, id, at)
  },
}

/** The rules of deliveries about products and units. */
export const deliveryProducts: ProductRules<Delivery> = {
  isOpen: isOpenDelivery,
  isHelped: ({ status }) => status === 'draft',
  reconsider: reconsiderDelivery,
  isAsBefore: (before, after) => after.status === 'draft' && after.problem === before.problem,
  // Nothing is reserved anew for a delivery that needs what it needed.
  isCountedAsBefore: (before, after) => needOf(before) === needOf(after) && after.status !== 'cancelled',
  waits: ({ status }) => status === 'draft',
}

function needOf({ lines, waitsFor }: Delivery): string {
  return JSON.stringify([lines.map(({ line, needed }) => `${String(line)} ${String(needed)}`), waitsFor])
}

/** A refused demand is not a refused posting: the delivery waits and says so. */
function refused(delivery: Delivery, refusal: RefusedEvent['data']): Delivery | undefined {
  if (refusal.about !== 'need') return refusedDocument(delivery, refusal)
  return isNeedRefusal(delivery, refusal.attempt) ? needRefused(delivery, ledgerRefusalText(refusal)) : undefined
}
