/** Posting: lock the head, load, decide, save, publish. */
import type { Event, EventActor } from '@stockline/contracts/envelope'
import { publish, type Tx } from '@stockline/service-kit'
import type { LedgerRequest, Posting } from './request.ts'
import { type Outcome, decide } from './ledger.ts'
import { eventsOf } from './ledger.publish.actions.ts'
import { nextNumber, storeDecision } from './ledger.store.ts'
import { loadWorkingSet, lockHead } from './working-set.store.ts'
import { findShortages, waitingAmong } from './shortage.actions.ts'
import type { ShortagesOf } from '../reservations/shortage.ts'

/** The company whose ledger this is. */
export interface Company {
  readonly company: string
  readonly timeZone: string
}

/** A request to the ledger, and who made it. */
export interface LedgerCommand<Request extends LedgerRequest = LedgerRequest> {
  readonly request: Request
  readonly actor: EventActor | null
  /** The event that makes the request; none for stock's own documents. */
  readonly event?: Event
}

/** So many waiting demands are loaded at first for each product that arrives. */
export const waitingAtFirst = 200

/** Takes a batch, in order, in this transaction. What came of each is saved and published. */
export async function takeBatch(
  tx: Tx,
  company: Company,
  asked: readonly LedgerCommand[],
): Promise<readonly Outcome[]> {
  const requests = asked.map((one) => one.request)
  for (let limit = waitingAtFirst; ; limit *= 10) {
    const workingSet = await loadWorkingSet(tx, company, tx.now, requests, limit)
    const decision = decide(workingSet, requests, tx.now.getTime())
    // More wait than were loaded, and there is stock left for them: look further, and decide again.
    if (workingSet.exhausted.size > 0) continue
    const saved = storeDecision(tx, company.company, workingSet, decision, (cause) => asked[cause]?.actor ?? null)
    const waiting = waitingAmong(decision.outcomes)
    const tell = (short: ShortagesOf) => publish(tx, ...eventsOf(company.company, decision.outcomes, asked, short))
    const published = waiting.length === 0 ? tell(new Map()) : findShortages(tx, workingSet, waiting).then(tell)
    await Promise.all([saved, published])
    return decision.outcomes
  }
}

/**
 * Posts a document of stock's own. Its number is taken under the head, so that numbers are gapless and in the order
 * of positions.
 */
export async function postOwn(
  tx: Tx,
  company: Company,
  series: string,
  actor: EventActor | null,
  documentOf: (number: string) => Posting,
): Promise<Outcome> {
  await lockHead(tx, company.company)
  const last = await nextNumber(tx, series)
  const request = documentOf(`${series}/${String(last).padStart(5, '0')}`)
  const [outcome] = await takeBatch(tx, company, [{ request, actor }])
  if (outcome === undefined) throw new Error(`${request.number} came to nothing.`)
  return outcome
}
