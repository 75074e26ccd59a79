/** Validating and cancelling. */
import { mayDo, pickingDeliveryValidated } from '@stockline/contracts'
import { event, isRefusal, versionRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { effectiveAtRefusal } from '../receipts/receipt.count.actions.ts'
import { lockDelivery, lockToJudge, saveOne } from './delivery.actions.ts'
import type { StoredDelivery } from './delivery.store.ts'
import { cancelDelivery, isShipped, shipDelivery, type ShippingChoice } from './delivery.validate.ts'

/** Ships what was picked: the ledger is asked. */
export async function validate(
  tx: Tx,
  id: string,
  choice: ShippingChoice,
  actor: Actor,
  version: number | undefined,
): Promise<StoredDelivery | Refusal> {
  const { stored, catalog } = await lockToJudge(tx, id)
  if (isShipped(stored.delivery)) return stored
  const early = refusalBefore(stored, choice, actor, version, tx.now)
  if (early !== undefined) return early
  const taken = shipDelivery(stored.delivery, choice, catalog)
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
  return saveOne(tx, { stored, after: delivery, notes: [{ what: 'validated', why: null }] }, [asked])
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
  return (
    versionRefusal(stored.delivery.version, version) ??
    saveOne(tx, { stored, after, notes: [{ what: 'cancelled', why: reason }] })
  )
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
  return versionRefusal(stored.delivery.version, version) ?? effectiveAtRefusal(choice.effectiveAt, actor, now)
}
