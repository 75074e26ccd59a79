/** Taking deliveries out of the offering: by a person, by their ordering system, and since their orders want them reserved no longer. */
import { companyDate } from '@stockline/amounts'
import { isWithin } from '@stockline/contracts/locations'
import { refuse, systemOrigin, timeOfDay, type Actor, type Refusal } from '@stockline/service-kit'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, Tx } from '../database.ts'
import { decideBatch, type LedgerCompany } from '../ledger/ledger.actions.ts'
import type { Hold, OrderName } from '../ledger/request.ts'
import { findDemands, findOverdue, findReservedPlaces, type DemandRow } from './hold.store.ts'

/** May the actor act on the delivery? On all places where something is reserved for it; without any, on its warehouse. */
export async function mayRelease(db: Database, documentId: string, actor: Actor): Promise<boolean> {
  const [places, scope] = await Promise.all([findReservedPlaces(db, documentId), scopeOf(db, actor)])
  return places.length > 0 && places.every((place) => isWithin(scope, place))
}

/** A person releases what is reserved for a delivery, which waits from then on until somebody asks again. */
export async function releaseReservation(
  tx: Tx,
  company: LedgerCompany,
  documentId: string,
  { reason, actor }: { readonly reason: string; readonly actor: Actor },
): Promise<DemandRow | Refusal> {
  const detail = `${actor.name} released what was reserved: ${reason}`
  await hold(tx, company, [{ action: 'hold', documentId, code: 'released', reason, detail }])
  const [now] = await findDemands(tx, { documentId })
  if (now === undefined) return refuse('reservation-unknown', 'unknown', 'There is no such delivery.')
  if (now.status === 'open') return now
  return refuse('delivery-closed', 'state', `${now.document} is ${now.status}: nothing is reserved for it any more.`)
}

/** An ordering system ends what is reserved for its order. @returns the open deliveries of it, as they are then */
export async function endReservations(
  tx: Tx,
  company: LedgerCompany,
  order: OrderName,
  { reason, actor }: { readonly reason: string | undefined; readonly actor: Actor },
): Promise<readonly DemandRow[] | Refusal> {
  const known = await findDemands(tx, order)
  if (known.length === 0)
    return refuse('order-unknown', 'unknown', `No delivery of order ${order.orderNumber} of ${order.source} is known.`)
  const detail = `${actor.name} ended what was reserved${reason === undefined ? '.' : `: ${reason}`}`
  const why = reason ?? `Ended by ${order.source}.`
  const open = known.filter(({ status }) => status === 'open')
  await hold(
    tx,
    company,
    open.map(({ documentId }) => ({ action: 'hold', documentId, code: 'ended', reason: why, detail })),
  )
  return (await findDemands(tx, order)).filter(({ status }) => status === 'open')
}

/** So many are taken at once, under one lock of the ledger. */
const mostAtOnce = 100

/**
 * Releases what orders want reserved no longer. Each once: under the ledger's head the delivery is looked at again, whoever else has
 * found it.
 *
 * @returns whether there may be more
 */
export async function releaseOverdue(db: Database, company: LedgerCompany): Promise<boolean> {
  const now = new Date(timeOfDay())
  const overdue = await findOverdue(db, now, companyDate(company.timeZone, now), mostAtOnce)
  const holds = overdue.map(({ documentId, reserveUntil }): Hold => {
    const reason = `Its order wanted it reserved until ${reserveUntil}.`
    return { action: 'hold', documentId, code: 'reserve-until', reason, detail: reason, until: reserveUntil }
  })
  if (holds.length > 0) await db.transaction(systemOrigin(), (tx) => hold(tx, company, holds))
  return holds.length === mostAtOnce
}

async function hold(tx: Tx, company: LedgerCompany, holds: readonly Hold[]): Promise<void> {
  const { actor } = tx.origin
  if (holds.length > 0)
    await decideBatch(
      tx,
      company,
      holds.map((request) => ({ request, actor })),
    )
}
