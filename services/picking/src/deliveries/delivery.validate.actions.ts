/** Validating and cancelling. */
import { mayDo, pickingDeliveryValidated } from '@stockline/contracts'
import {
  event,
  isRefusal,
  versionRefusal,
  type Actor,
  type Alone,
  type Origin,
  type Outgoing,
  type Refusal,
} from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { effectiveAtRefusal } from '../documents/document.decide.ts'
import type { Stored } from '../documents/document.ts'
import { whoIs } from '../history/history.ts'
import { toldDetails } from '../orders/order.details.ts'
import { decideTogether, lockDelivery, saveOne } from './delivery.actions.ts'
import type { Delivery } from './delivery.ts'
import { cancelDelivery, isShipped, shipDelivery, type PostingLine, type ShippingChoice } from './delivery.validate.ts'

/** Somebody's wish to ship a delivery. */
export interface Shipping {
  /** The delivery's. */
  readonly id: string
  readonly choice: ShippingChoice
  readonly actor: Actor
  readonly version: number | undefined
  readonly origin: Origin
}

/** Ships what was picked: the ledger is asked. */
export async function shipDeliveries(
  tx: Tx,
  asked: readonly Shipping[],
): Promise<readonly (Stored<Delivery> | Refusal | Alone)[]> {
  return decideTogether(tx, asked, (_found, catalog) =>
    Promise.resolve(({ asked: one, stored }) => {
      if (isShipped(stored.document)) return stored
      const early = refusalBefore(stored, one, tx.now)
      if (early !== undefined) return early
      const taken = shipDelivery(stored.document, one.choice, catalog)
      if (isRefusal(taken)) return taken
      const { delivery: after, posting } = taken
      const notes = [{ what: 'validated', why: null, who: whoIs(one.actor) }]
      return { stored, after, notes, origin: one.origin, told: [postingEvent(after, posting, one.origin)] }
    }),
  )
}

function postingEvent(delivery: Delivery, lines: readonly PostingLine[], origin: Origin): Outgoing {
  const data = {
    documentId: delivery.id,
    number: delivery.number,
    warehouse: delivery.warehouse,
    attempt: delivery.attempt,
    ...(delivery.effectiveAt === null ? {} : { effectiveAt: delivery.effectiveAt.toISOString() }),
    ...toldDetails(delivery),
    ...(delivery.remainder === 'close' ? { remainder: delivery.remainder } : {}),
    lines: [...lines],
  }
  return event(pickingDeliveryValidated, delivery.id, data, { origin })
}

/** Cancels before posting; its reservations are free. */
export async function cancel(
  tx: Tx,
  id: string,
  reason: string,
  actor: Actor,
  version: number | undefined,
): Promise<Stored<Delivery> | Refusal> {
  const stored = await lockDelivery(tx, id)
  const after = cancelDelivery(stored.document, mayDo(actor, 'delivery.cancel-in-progress'))
  if (after === undefined) return stored
  if (isRefusal(after)) return after
  return (
    versionRefusal(stored.document.version, version) ??
    saveOne(tx, { stored, after, notes: [{ what: 'cancelled', why: reason }] })
  )
}

/** Refusals that come before the rule is asked, but after "already through this step". */
function refusalBefore(stored: Stored<Delivery>, asked: Shipping, now: Date): Refusal | undefined {
  if (stored.document.status === 'cancelled') return undefined
  return (
    versionRefusal(stored.document.version, asked.version) ??
    effectiveAtRefusal(asked.choice.effectiveAt, { may: (right) => mayDo(asked.actor, right), now })
  )
}
