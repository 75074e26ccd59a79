/** When a place or a lot changes, what may be reserved changes: the ledger decides anew, under its head. */
import type { EventActor } from '@stockline/contracts/envelope'
import type { Tx } from '@stockline/service-kit'
import { type Asked, type Company, companyDate, takeBatch } from './ledger.actions.ts'
import { findClaimantsOfLot, findFreeAt, findFreeOf, type Free } from './ledger.offer.store.ts'
import { lockHead } from './picture.store.ts'

/** Stops the ledger until the transaction ends. Before anything is changed that postings rely on. */
export async function holdLedger(tx: Tx, { company }: Company): Promise<void> {
  await lockHead(tx, company)
}

/** Offers what is free at a location that may be reserved from since now. */
export async function offerLocation(tx: Tx, company: Company, locationId: string): Promise<void> {
  await take(tx, company, (await findFreeAt(tx, locationId, companyDate(tx.now, company.timeZone))).map(offering))
}

/** After a lot's expiry was corrected: what has expired is given back, what has not is offered. */
export async function reconsiderLot(tx: Tx, company: Company, lotId: string, code: string): Promise<void> {
  const documentIds = await findClaimantsOfLot(tx, lotId)
  const detail = `Lot ${code} has expired.`
  const free = await findFreeOf(tx, lotId, companyDate(tx.now, company.timeZone))
  await take(tx, company, [{ asks: 'withdraw', documentIds, detail }, ...free.map(offering)])
}

function offering({ warehouse, skus }: Free) {
  return { asks: 'offer', warehouse, skus } as const
}

async function take(tx: Tx, company: Company, requests: readonly Asked['request'][]): Promise<void> {
  const actor: EventActor | null = tx.origin.actor
  if (requests.length > 0)
    await takeBatch(
      tx,
      company,
      requests.map((request) => ({ request, actor })),
    )
}
