/** What was told of deliveries that the database lacks, or knows in an older state, since it fell back: needed, shipped, cancelled. */
import type { pickingDeliveryCancelled, pickingDeliveryConfirmed, pickingDeliveryValidated } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { demandFieldsOf } from '../orders/order.fields.ts'
import type { Order } from '../orders/order.ts'
import { referenceDataOf } from '../products/product.actions.ts'
import type { LostDocuments, ToldStep } from '../restoring/document.restore.actions.ts'
import { madeAt, toldAt } from '../restoring/restore.ts'
import { cancelledDelivery, draftByHand, endedDelivery } from './delivery.order.ts'
import { deliveryOfNeed, deliveryShipped } from './delivery.restore.ts'
import { isBegun, type Delivery } from './delivery.ts'

/** An event of a delivery, apart by what it says. */
export type ToldOfDelivery =
  | { readonly says: 'needed'; readonly event: Event<z.output<typeof pickingDeliveryConfirmed.data>> }
  | { readonly says: 'shipped'; readonly event: Event<z.output<typeof pickingDeliveryValidated.data>> }
  | { readonly says: 'cancelled'; readonly event: Event<z.output<typeof pickingDeliveryCancelled.data>> }

/** What an event goes back to. */
export interface GoesBackTo {
  readonly orderOf: (event: Event) => Order | undefined
  /** What a delivery was a backorder of, by the event that led to it. */
  readonly backorderOf: (event: Event) => string | null
}

/** Deliveries as they are made again from these events. */
export async function lostDeliveries(
  tx: Tx,
  told: readonly ToldOfDelivery[],
  { orderOf, backorderOf }: GoesBackTo,
): Promise<Omit<LostDocuments<Delivery>, 'tooLate'>> {
  const needs = told.flatMap((one) => (one.says === 'needed' ? [one.event] : []))
  const referenceData = await referenceDataOf(
    tx,
    needs.flatMap((event) => [...event.data.lines, ...(orderOf(event)?.content.lines ?? [])]),
  )
  const applied = (one: ToldOfDelivery, delivery: Delivery | undefined): Delivery | undefined => {
    const { event } = one
    if (one.says === 'needed') {
      const createdAt = madeAt(event.data.documentId, toldAt(event))
      const known = { delivery, order: orderOf(event), createdAt, backorderOf: backorderOf(event), referenceData }
      return deliveryOfNeed(one.event.data, known)
    }
    if (delivery === undefined) return undefined
    if (one.says === 'shipped') return deliveryShipped(one.event.data, delivery, event.actor?.id)
    return delivery.status === 'done' || delivery.status === 'posting' ? undefined : endedDelivery(delivery)
  }
  return {
    steps: told.map((one): ToldStep<Delivery> => {
      const { documentId, number } = one.event.data
      const at = toldAt(one.event)
      return { documentId, number, what: stepNames[one.says], at, apply: (delivery) => applied(one, delivery) }
    }),
    placeholder: ({ number, ...given }) => {
      const draft = draftByHand({ ...given, ...empty }, [], { products: new Map(), units: new Map() })
      return cancelledDelivery({ ...draft, needRevision: 0, number })
    },
    cancel: cancelledDelivery,
    says: {
      made: 'Deliveries made again as they were told',
      changed: 'Deliveries brought to what was told of them',
      untold: 'Numbers of deliveries of which nothing was told, kept as cancelled ones',
      unknown: (id) => `Delivery ${id} is told of, and what it needs is not: look at its order.`,
      besides: () => [],
      posted: (second, restored) =>
        `${second} and ${restored} are for the same goods, and ${second} is posted: look at both.`,
      because: 'was told before',
      begun: (second) =>
        isBegun(second) ? `${second.number} was picked before it was cancelled: put back what was picked.` : undefined,
    },
  }
}

const stepNames = { needed: 'order-changed', shipped: 'validated', cancelled: 'cancelled' } as const

const empty = { source: null, customer: null, scheduledDate: null, details: null, ...demandFieldsOf({}) }
