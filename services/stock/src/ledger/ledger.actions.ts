/** Posting: lock the head, load, decide, save, publish. */
import type { Event, EventActor } from '@stockline/contracts/envelope'
import { publish, type ServiceConfig, type Tx } from '@stockline/service-kit'
import type { LedgerRequest, Posting } from './request.ts'
import { decide, type Decision, type LedgerOutcome } from './ledger.ts'
import { tellDated } from '../lots/lot.told.actions.ts'
import { eventsOf, namedLots, newLotEvents } from './ledger.publish.actions.ts'
import { nextNumber, storeDecision } from './ledger.store.ts'
import type { LedgerLot } from './reference.ts'
import type { WorkingSet } from './working-set.ts'
import { loadWorkingSet, lockHead } from './working-set.store.ts'
import { findHoldersOfLots } from './ledger.offer.store.ts'
import { findShortages, waitingAmong, waitingTransfersAmong } from './shortage.actions.ts'
import type { ShortagesOf } from '../reservations/shortage.ts'

/** The company whose ledger this is. */
export type LedgerCompany = Pick<ServiceConfig, 'company' | 'timeZone'>

/** A request to the ledger, and who made it. */
export interface LedgerCommand<Request extends LedgerRequest = LedgerRequest> {
  readonly request: Request
  readonly actor: EventActor | null
  /** The event that makes the request; none for stock's own documents. */
  readonly event?: Event
}

/** So many waiting demands are loaded at first for each product that arrives. */
const waitingAtFirst = 200

/** Locks the head, loads what the requests touch, and decides them in order. Nothing is saved. */
export async function loadAndDecide(
  tx: Tx,
  company: LedgerCompany,
  now: Date,
  requests: readonly LedgerRequest[],
): Promise<{ readonly workingSet: WorkingSet; readonly decision: Decision }> {
  for (let limit = waitingAtFirst; ; limit *= 10) {
    const workingSet = await loadWorkingSet(tx, company, now, requests, limit)
    const decision = decide(workingSet, requests, now.getTime())
    // More demands wait than were loaded, and there is stock left for them: load more, and decide again.
    if (workingSet.exhausted.size === 0) return { workingSet, decision }
  }
}

/** Takes a batch, in order, in this transaction. What came of each is saved and published. */
export async function decideBatch(
  tx: Tx,
  company: LedgerCompany,
  commands: readonly LedgerCommand[],
): Promise<readonly LedgerOutcome[]> {
  const requests = commands.map((one) => one.request)
  const { workingSet, decision } = await loadAndDecide(tx, company, tx.now, requests)
  const { outcomes } = decision
  const saved = storeDecision(tx, company.company, workingSet, decision, (cause) => commands[cause]?.actor ?? null)
  const [waiting, transfers] = [waitingAmong(outcomes), waitingTransfersAmong(outcomes)]
  const publishWith = (short: ShortagesOf) =>
    publish(
      tx,
      ...eventsOf(company.company, outcomes, commands, short),
      ...newLotEvents(decision.lots, outcomes, commands),
    )
  const published =
    waiting.length + transfers.length === 0
      ? publishWith(new Map())
      : findShortages(tx, workingSet, waiting, transfers).then(publishWith)
  await Promise.all([saved, published])
  await afterDating(tx, company, workingSet, decision, commands)
  return outcomes
}

/**
 * A document may say of a lot that it has expired already, or give one dates that end its life sooner: whoever has reserved of it chooses
 * again, at once.
 */
async function afterDating(
  tx: Tx,
  company: LedgerCompany,
  { today }: WorkingSet,
  { lots, outcomes }: Decision,
  commands: readonly LedgerCommand[],
): Promise<void> {
  const known = lots.filter(({ storedVersion }) => storedVersion !== undefined)
  const named = namedLots(known, outcomes, commands)
  if (known.length > 0) await tellDated(tx, [...named.keys()], (id) => named.get(id)?.options ?? {})
  const hasExpired = ({ expiresOn }: LedgerLot) => expiresOn !== null && expiresOn < today
  const judged = lots.filter((lot) => known.includes(lot) || hasExpired(lot)).map(({ id }) => id)
  if (judged.length === 0) return
  const documentIds = await findHoldersOfLots(tx, judged)
  if (documentIds.length > 0)
    await decideBatch(tx, company, [{ request: { action: 'withdraw', documentIds }, actor: tx.origin.actor }])
}

/**
 * Posts a document of stock's own. Its number is taken under the head, so that numbers are gapless and in the order
 * of positions.
 */
export async function postOwn(
  tx: Tx,
  company: LedgerCompany,
  series: string,
  actor: EventActor | null,
  documentOf: (number: string) => Posting,
): Promise<LedgerOutcome> {
  await lockHead(tx, company.company)
  const last = await nextNumber(tx, series)
  const request = documentOf(`${series}/${String(last).padStart(5, '0')}`)
  const [outcome] = await decideBatch(tx, company, [{ request, actor }])
  if (outcome === undefined) throw new Error(`${request.number} came to nothing.`)
  return outcome
}
