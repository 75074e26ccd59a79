/**
 * The ledger of a database that fell back takes again what it had taken, as the bus has it: the same documents at the same
 * positions, by its own decision, and the reservations that follow from them. Requests go in the order in which
 * its answers were published.
 */
import { parseQuantity } from '@stockline/amounts'
import {
  type PostedDocument,
  stockDocumentPosted,
  stockDocumentRefused,
  stockLotChanged,
  stockReservationReleased,
  stockStockReserved,
  type ToldLot,
} from '@stockline/contracts'
import { envelopeSchema, type Event, type EventActor } from '@stockline/contracts/envelope'
import { givenLotDates } from '@stockline/contracts/lot-dates'
import { publish, type IncomingEvent, type Restored, type PublishedEvent, type Tx } from '@stockline/service-kit'
import type { z } from 'zod'
import { holdAgain, restoreLot } from '../lots/lot.restore.actions.ts'
import { tellDated } from '../lots/lot.told.actions.ts'
import type { Posting, TransferRequest } from './request.ts'
import { type LedgerCommand, type LedgerCompany, decideBatch, loadAndDecide } from './ledger.actions.ts'
import { type Decision, type LedgerOutcome, reservedNow } from './ledger.ts'
import { eventsOf } from './ledger.publish.actions.ts'
import { reconsiderLots } from './ledger.offer.actions.ts'
import { findHoldersOfLots } from './ledger.offer.store.ts'
import { isLedgerRequest, requestOf } from './ledger.reactions.ts'
import { restoreNumber, storeDecision } from './ledger.store.ts'
import type { WorkingSet } from './working-set.ts'
import { loadWorkingSet, lockHead } from './working-set.store.ts'

type Posted = Event<PostedDocument>

/** What is lost, as far as it concerns the ledger. */
export interface LostLedger<P> {
  readonly missing: readonly PublishedEvent[]
  readonly superseded: readonly PublishedEvent[]
  readonly inputs: readonly IncomingEvent<P>[]
}

/** What is known while restoring. */
interface Work<P> {
  readonly tx: Tx<P>
  readonly company: LedgerCompany
  readonly lost: LostLedger<P>
  readonly taken: IncomingEvent<P>[]
  readonly done: string[]
  readonly open: string[]
  /** Deliveries whose reservations may differ from those that were published. */
  readonly deliveries: Set<string>
  /** Lots that were told of: what is theirs is offered when all is there. */
  readonly lots: Set<string>
}

/** Restores the ledger, in this transaction, and publishes what differs from what was published. */
export async function restoreLedger<P>(tx: Tx<P>, company: LedgerCompany, lost: LostLedger<P>): Promise<Restored<P>> {
  const work: Work<P> = { tx, company, lost, taken: [], done: [], open: [], deliveries: new Set(), lots: new Set() }
  await lockHead(tx, company.company)
  for (const published of lost.missing) {
    await restorePublished(work, published)
    if (published.type === stockLotChanged.type) await restoreTold(work, published)
  }
  for (const published of lost.superseded) await restorePublished(work, published)
  for (const published of lost.superseded)
    if (published.type === stockDocumentPosted.type) await postAnew(work, published)
    else if (published.type === stockReservationReleased.type) await holdAnew(work, published)
    else if (published.type === stockLotChanged.type) await holdLotAnew(work, published)
  for (const published of [...lost.missing, ...lost.superseded])
    if (published.type === stockStockReserved.type || published.type === stockReservationReleased.type)
      work.deliveries.add(published.subject)
  await tellReservations(work)
  if (work.lots.size > 0) await reconsiderLots(tx, company, [...work.lots])
  const { taken, done, open } = work
  return { taken, done, open }
}

/** Does again what led to this event, and what came before it of the same document. */
async function restorePublished<P>(work: Work<P>, published: PublishedEvent): Promise<void> {
  const cause = work.lost.inputs.find(({ event }) => event.id === published.causationId)
  if (cause !== undefined && isLedgerRequest(cause.event)) {
    for (const input of upTo(work.lost.inputs, cause)) {
      if (work.taken.includes(input)) continue
      work.taken.push(input)
      await restoreInput(work, input)
    }
    if (published.type === stockDocumentPosted.type && work.lost.missing.includes(published))
      await restoreSettingOut(work, published, cause.event)
    return
  }
  if (published.type === stockDocumentPosted.type && work.lost.missing.includes(published)) {
    const event = postedEvent(published)
    await takeAgain(work, { request: restoredPosting(event), actor: event.actor ?? null }, event.data.recordedAt)
  }
  if (published.type === stockReservationReleased.type && work.lost.missing.includes(published)) {
    const held = heldBy(published)
    if (held !== undefined) await takeAgain(work, held, published.time)
  }
}

/** A transfer that waited set out when something else was taken: nobody asked for it then. */
async function restoreSettingOut<P>(work: Work<P>, published: PublishedEvent, cause: Event): Promise<void> {
  const event = postedEvent(published)
  if (event.data.documentId === cause.subject) return
  await takeAgain(work, { request: restoredPosting(event), actor: event.actor ?? null }, event.data.recordedAt)
}

/** A transfer that set out at once has its document again; one that waited waits, until the document by which it set out. */
async function restoreTransfer<P>(
  work: Work<P>,
  request: TransferRequest,
  event: Event,
  posted: PublishedEvent | undefined,
): Promise<void> {
  const answer = posted === undefined ? undefined : postedEvent(posted)
  const restored = { posting: answer === undefined ? null : restoredPosting(answer) }
  const command = { request: { ...request, restored }, actor: event.actor ?? null, event }
  await takeAgain(work, command, answer?.data.recordedAt ?? event.time)
}

/** The request by which a delivery was taken out of the offering: no event asked for it. Undefined where it goes on waiting. */
function heldBy(published: PublishedEvent): LedgerCommand | undefined {
  const { actor = null, data } = parsed(published, stockReservationReleased.data)
  const { documentId, detail, held } = data
  return held && { request: { action: 'hold', documentId, detail, ...held }, actor }
}

/** Its number on the bus has another event by now. The delivery is out of the offering all the same, and it is published anew. */
async function holdAnew<P>({ tx, company }: Work<P>, published: PublishedEvent): Promise<void> {
  const held = heldBy(published)
  if (held !== undefined) await decideBatch(tx, company, [held])
}

/** What was reserved of a lot was given back when it was held or had expired: so it is now, before anything else of it is promised. */
async function restoreTold<P>(work: Work<P>, published: PublishedEvent): Promise<void> {
  const event = parsed(published, stockLotChanged.data)
  const id = await restoreLot(work.tx, event)
  if (id === null) work.open.push(lostLot(event.data))
  if (typeof id !== 'string') return
  work.lots.add(id)
  const documentIds = await findHoldersOfLots(work.tx, [id])
  if (documentIds.length === 0) return
  const request = { action: 'withdraw', documentIds, restored: true } as const
  await takeAgain(work, { request, actor: event.actor ?? null }, published.time)
}

/** Its number on the bus has another event by now. It is held all the same, and that is published anew. */
async function holdLotAnew<P>({ tx, lots, done, open }: Work<P>, published: PublishedEvent): Promise<void> {
  const { data } = parsed(published, stockLotChanged.data)
  const id = await holdAgain(tx, data)
  if (id === undefined) {
    open.push(lostLot(data))
    return
  }
  lots.add(id)
  await tellDated(tx, [id], () => ({}))
  done.push(`Lot ${data.code} of ${data.sku} was held, and is held again: ${data.heldFor ?? ''}`)
}

function lostLot({ sku, code, version }: ToldLot): string {
  return `Change ${String(version)} of lot ${code} of ${sku} is lost: look at its dates and its hold, and change it again by hand.`
}

/** All of its stream that was taken before it, and it. */
function upTo<P>(inputs: readonly IncomingEvent<P>[], cause: IncomingEvent<P>): readonly IncomingEvent<P>[] {
  const last = cause.stream?.sequence ?? 0n
  return inputs.filter(
    ({ topic, event, stream }) =>
      topic === cause.topic && event.subject === cause.event.subject && (stream?.sequence ?? 0n) <= last,
  )
}

async function restoreInput<P>(work: Work<P>, { event }: IncomingEvent<P>): Promise<void> {
  const answers = work.lost.missing.filter(({ causationId }) => causationId === event.id)
  const posted = answers.find(
    (one) => one.type === stockDocumentPosted.type && postedEvent(one).data.documentId === event.subject,
  )
  const refused = [...answers, ...work.lost.superseded.filter(({ causationId }) => causationId === event.id)].find(
    ({ type }) => type === stockDocumentRefused.type,
  )
  const command = requestOf(event)
  const actor = event.actor ?? null
  if (command.action === 'transfer') {
    if (refused === undefined) await restoreTransfer(work, command, event, posted)
    else await refuseAgain(work, command, refused, actor)
    return
  }
  if (command.action !== 'post') {
    await takeAgain(work, { request: command, actor, event }, answers[0]?.time ?? event.time)
    return
  }
  if (posted !== undefined) {
    const answer = postedEvent(posted)
    const request = restoredPosting(answer, command)
    await takeAgain(work, { request, actor, event }, answer.data.recordedAt)
  } else if (refused !== undefined) await refuseAgain(work, command, refused, actor)
  // Otherwise it was a repeat, or its answer is of a history that is no more.
}

/** The posting as it was: what it is judged by does not count any more. */
function restoredPosting({ data }: Posted, command?: Posting): Posting {
  const datesOf = new Map(command?.lines.map((line) => [line.line, givenLotDates(line)]))
  return {
    action: 'post',
    kind: data.kind,
    documentId: data.documentId,
    number: data.number,
    attempt: data.attempt,
    warehouse: data.warehouse,
    effectiveAt: Date.parse(data.effectiveAt),
    effectiveAtStated: true,
    order: data.order,
    partner: data.partner,
    restored: { position: BigInt(data.position), recordedAt: Date.parse(data.recordedAt) },
    lines: data.lines.map((line) => ({
      line: line.line,
      documentLine: line.documentLine ?? null,
      sku: line.sku,
      lot: line.lot,
      expiresOn: null,
      ...datesOf.get(line.line),
      status: line.status ?? 'available',
      toStatus: line.toStatus,
      toLot: line.toLot,
      quantity: parseQuantity(line.quantity),
      from: line.from.location,
      to: line.to.location,
      passThrough: line,
    })),
  }
}

/** Decides as the ledger did then, and saves; nothing is published. */
async function takeAgain<P>(
  work: Work<P>,
  command: LedgerCommand,
  at: string | undefined,
): Promise<readonly LedgerOutcome[]> {
  const { tx, company } = work
  const now = at === undefined ? tx.now : new Date(at)
  const { workingSet, decision } = await loadAndDecide(tx, company, now, [command.request])
  await storeDecision(tx, company.company, workingSet, decision, () => command.actor)
  for (const outcome of decision.outcomes)
    if (outcome.outcome === 'reserved' || outcome.outcome === 'released') work.deliveries.add(outcome.demand.documentId)
  return decision.outcomes
}

/** Moves series on behind numbers that were given: `LOT/00001`. */
export async function restoreSeries(tx: Pick<Tx<never>, 'query'>, numbers: readonly string[]): Promise<void> {
  for (const number of numbers) {
    const [, series, last] = /^(.+)\/(\d+)$/.exec(number) ?? []
    if (series !== undefined && last !== undefined) await restoreNumber(tx, series, BigInt(last))
  }
}

/** A try that was refused stays refused: read again, its document would be posted. */
async function refuseAgain<P>(
  work: Work<P>,
  request: Posting | TransferRequest,
  published: PublishedEvent,
  actor: EventActor | null,
): Promise<void> {
  const { tx, company } = work
  const { data } = parsed(published, stockDocumentRefused.data)
  const workingSet = await loadWorkingSet(tx, company, tx.now, [request], 1)
  if (workingSet.attempts.get(request.documentId)?.some(({ attempt }) => attempt === request.attempt) === true) return
  const { code, detail, errors } = data
  const at = Date.parse(published.time)
  const posting = { ...request, effectiveAt: Math.min(request.effectiveAt, at) }
  const outcome: LedgerOutcome = { outcome: 'refused', cause: 0, request: posting, code, detail, faults: errors }
  const decision: Decision = { outcomes: [outcome], quants: [], lots: [], demands: [], transfers: [] }
  await storeDecision(tx, company.company, laterThan(workingSet, at), decision, () => actor)
}

function laterThan(workingSet: WorkingSet, at: number): WorkingSet {
  return { ...workingSet, recordedAt: Math.max(workingSet.recordedAt, at) }
}

/** Its position has another document by now. The goods moved all the same: it is posted anew, and readers follow. */
async function postAnew<P>({ tx, company, lost, done, open }: Work<P>, published: PublishedEvent): Promise<void> {
  const answer = postedEvent(published)
  const cause = lost.inputs.find(({ event }) => event.id === published.causationId)?.event
  const { restored: _restored, ...request } = restoredPosting(answer, askedBy(cause))
  const actor = answer.actor ?? null
  const [outcome] = await decideBatch(tx, company, [
    { request, actor, ...(cause === undefined ? {} : { event: cause }) },
  ])
  const { number, position } = answer.data
  if (outcome?.outcome === 'posted')
    done.push(
      `${number} had position ${position}, which another document has by now; it is posted anew at ${String(outcome.position)}.`,
    )
  else if (outcome?.outcome === 'repeated') done.push(`${number} had position ${position}, and is posted already.`)
  else
    open.push(
      `${number} had position ${position}, which another document has by now, and cannot be posted anew: ` +
        `${outcome?.outcome === 'refused' ? outcome.detail : 'nothing came of it'} Count what is there, and adjust.`,
    )
}

function askedBy(cause: Event | undefined): Posting | undefined {
  const request = cause !== undefined && isLedgerRequest(cause) ? requestOf(cause) : undefined
  return request?.action === 'post' ? request : undefined
}

/** Publishes what is reserved now and was published otherwise, or not at all. */
async function tellReservations<P>({ tx, company, lost, deliveries, open }: Work<P>): Promise<void> {
  if (deliveries.size === 0) return
  const releases = [...deliveries].flatMap((documentId) => [
    { action: 'release', documentId } as const,
    { action: 'end-transfer', documentId } as const,
  ])
  const workingSet = await loadWorkingSet(tx, company, tx.now, releases, 1)
  for (const documentId of deliveries) {
    // A transfer that waits holds nothing, and says so once.
    if (workingSet.transfers.has(documentId)) continue
    const demand = workingSet.demands.get(documentId)
    const last = lost.missing.findLast(
      ({ subject, type }) =>
        subject === documentId && (type === stockStockReserved.type || type === stockReservationReleased.type),
    )
    if (demand === undefined) {
      open.push(`What delivery ${documentId} needs is not known here: cancel it, or amend its order.`)
      continue
    }
    if (demand.status !== 'open') continue
    const [now] = eventsOf(company.company, [reservedNow(demand, 0)], [{ actor: null }])
    const same =
      last?.type === stockReservationReleased.type
        ? demand.allocations.length === 0
        : last !== undefined && JSON.stringify(withoutShortages(dataOf(last))) === JSON.stringify(now?.data)
    if (now !== undefined && !same) await publish(tx, now)
  }
}

/** What it is short of is published with the next change: it is as of its time. */
function withoutShortages(data: unknown): unknown {
  return { ...(data as object), shortages: undefined }
}

function postedEvent(published: PublishedEvent): Posted {
  return parsed(published, stockDocumentPosted.data)
}

function parsed<Data>(published: PublishedEvent, data: z.ZodType<Data>): Event<Data> {
  const whole: unknown = JSON.parse(published.text)
  return { ...envelopeSchema.parse(whole), data: data.parse(dataOf(published)) }
}

function dataOf(published: PublishedEvent): unknown {
  return Reflect.get(JSON.parse(published.text) as object, 'data')
}
