/** When a location or a lot changes, what may be reserved changes: the ledger decides anew, under its head. */
import { companyDate } from '@stockline/amounts'
import type { EventActor } from '@stockline/contracts/envelope'
import type { Tx } from '@stockline/service-kit'
import { type LedgerCommand, type LedgerCompany, decideBatch } from './ledger.actions.ts'
import { findHoldersOfLots, findAvailableAt, findAvailableOf, type AvailableProducts } from './ledger.offer.store.ts'
import { lockHead } from './working-set.store.ts'

/** Stops the ledger until the transaction ends. Before anything is changed that postings rely on. */
export async function holdLedger(tx: Tx, { company }: LedgerCompany): Promise<void> {
  await lockHead(tx, company)
}

/** Offers what is available at a location that has just become reservable. */
export async function offerLocation(tx: Tx, company: LedgerCompany, locationId: string): Promise<void> {
  await take(tx, company, (await findAvailableAt(tx, locationId, companyDate(company.timeZone, tx.now))).map(offerOf))
}

/** After lots have changed: what is held or has expired is given back, what can be promised is offered. */
export async function reconsiderLots(tx: Tx, company: LedgerCompany, lotIds: readonly string[]): Promise<void> {
  const documentIds = await findHoldersOfLots(tx, lotIds)
  const available = await findAvailableOf(tx, lotIds, companyDate(company.timeZone, tx.now))
  await take(tx, company, [{ action: 'withdraw', documentIds }, ...available.map(offerOf)])
}

/** Releases what these deliveries have reserved of lots that have expired. They choose again. Call it under the ledger's head. */
export async function withdrawFrom(tx: Tx, company: LedgerCompany, documentIds: readonly string[]): Promise<void> {
  await take(tx, company, [{ action: 'withdraw', documentIds }])
}

function offerOf({ warehouse, skus }: AvailableProducts) {
  return { action: 'offer', warehouse, skus } as const
}

async function take(tx: Tx, company: LedgerCompany, requests: readonly LedgerCommand['request'][]): Promise<void> {
  const actor: EventActor | null = tx.origin.actor
  if (requests.length > 0)
    await decideBatch(
      tx,
      company,
      requests.map((request) => ({ request, actor })),
    )
}
