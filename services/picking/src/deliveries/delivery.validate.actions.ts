/** Validating and cancelling. */
import { mayDo, pickingDeliveryValidated } from '@stockline/contracts'
import { event, isRefusal, publish, refuse, versionRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Note } from '../history/history.ts'
import { catalogFor, lockDelivery, saveChanges } from './delivery.actions.ts'
import type { StoredDelivery } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'
import { cancelDelivery, isShipped, shipDelivery, type ShippingChoice } from './delivery.validate.ts'

/** Ships what was picked: the ledger is asked. */
export async function validate(
  tx: Tx,
  id: string,
  choice: ShippingChoice,
  actor: Actor,
  version: number | undefined,
): Promise<StoredDelivery | Refusal> {
  const stored = await lockDelivery(tx, id)
  if (isShipped(stored.delivery)) return stored
  const early = refusalBefore(stored, choice, actor, version, tx.now)
  if (early !== undefined) return early
  const taken = shipDelivery(stored.delivery, choice, await catalogFor(tx, [stored.delivery]))
  if (isRefusal(taken)) return taken
  const { delivery, posting } = taken
  const asked = event(pickingDeliveryValidated, id, {
    documentId: id,
    number: delivery.number,
    warehouse: delivery.warehouse,
    attempt: delivery.attempt,
    ...(delivery.effectiveAt === null ? {} : { effectiveAt: delivery.effectiveAt.toISOString() }),
    lines: [...posting],
  })
  await publish(tx, asked)
  return save(tx, stored, delivery, { what: 'validated', why: null })
}

/** Cancels before posting; its reservations are free. */
export async function cancel(
  tx: Tx,
  id: string,
  reason: string,
  actor: Actor,
  version: number | undefined,
): Promise<StoredDelivery | Refusal> {
  const stored = await lockDelivery(tx, id)
  const after = cancelDelivery(stored.delivery, mayDo(actor, 'delivery.cancel-in-progress'))
  if (after === undefined) return stored
  if (isRefusal(after)) return after
  return versionRefusal(stored.delivery.version, version) ?? save(tx, stored, after, { what: 'cancelled', why: reason })
}

/** Refusals that come before the rule is asked, but after "already through this step". */
function refusalBefore(
  stored: StoredDelivery,
  choice: ShippingChoice,
  actor: Actor,
  version: number | undefined,
  now: Date,
): Refusal | undefined {
  if (stored.delivery.status === 'cancelled') return undefined
  const stale = versionRefusal(stored.delivery.version, version)
  if (stale !== undefined || choice.effectiveAt === undefined) return stale
  if (!mayDo(actor, 'effective-at.set'))
    return refuse('effective-at-forbidden', 'forbidden', 'Only a supervisor or a manager may say when it happened.')
  if (choice.effectiveAt <= now) return undefined
  return refuse('effective-at-future', 'content', 'It cannot have happened in the future.', [
    { pointer: '/effectiveAt', message: 'must not be in the future' },
  ])
}

async function save(tx: Tx, stored: StoredDelivery, after: Delivery, note: Note): Promise<StoredDelivery> {
  const [saved] = await saveChanges(tx, [{ stored, after, notes: [note] }])
  return saved ?? stored
}
