/** Deliveries over HTTP. */
import { values } from '@stockline/contracts'
import {
  alone,
  command,
  decodeCursor,
  encodeCursor,
  groupedCommand,
  isRefusal,
  page,
  pageOf,
  query,
  type Alone,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route, Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import { scopeOf } from '../locations/location.actions.ts'
import { unknownDelivery } from './delivery.actions.ts'
import { listDeliveries } from './delivery.list.store.ts'
import { createByHand } from './delivery.hand.actions.ts'
import { pickDeliveries, scanDelivery } from './delivery.pick.actions.ts'
import { putBackPicks } from './delivery.put-back.actions.ts'
import {
  deliveryAnswer,
  filters,
  handBody,
  pickListAnswer,
  picksBody,
  putBackBody,
  scanBody,
  shipBody,
  summary,
  type DeliveryAnswer,
} from './delivery.shapes.api.ts'
import { storedDeliveries } from './delivery.store.ts'
import { isStillAsked, isUnconfirmed, pickRefusal } from './delivery.confirm.ts'
import { isSamePick, type Delivery } from './delivery.ts'
import { cancel, shipDeliveries } from './delivery.validate.actions.ts'
import { pickListView, summaryOf, viewOf } from './delivery.view.ts'

type ShownPick = DeliveryAnswer['lines'][number]['picks'][number]

const location = (answer: DeliveryAnswer) => `/v1/deliveries/${answer.id}`
/** Picks of what nobody suggested wait a moment for stock to say whether they can be taken there. */
const asksStock = { settled: picksConfirmed, location }
/** Seconds. */
const stockAnswersWithin = 2
/** A change to one delivery. */
const change = { answers: deliveryAnswer, version: 'required', within: storedDeliveries.actable } as const

export const deliveryRoutes: readonly Route[] = [
  query({
    path: '/v1/deliveries',
    right: 'stockpicking.read',
    summary: 'Lists deliveries that touch your locations',
    query: filters,
    answers: pageOf(summary),
    run: async (db: Database, { query: given, actor }) => {
      const after = decodeCursor(given.cursor, z.tuple([z.string(), z.uuid()]))
      const rows = await listDeliveries(db, given, { ...given, scope: await scopeOf(db, actor), after })
      const { items, nextCursor } = page(rows, given.limit, (last) => encodeCursor(last.sortedBy, last.id))
      return { items: items.map(summaryOf), nextCursor }
    },
  }),
  query({
    path: '/v1/deliveries/:id',
    right: 'stockpicking.read',
    summary: 'Shows a delivery',
    answers: deliveryAnswer,
    within: storedDeliveries.visible,
    run: async (db: Database, { params }) => {
      const [stored] = await storedDeliveries.read(db, [params.id])
      return stored === undefined ? unknownDelivery() : shown(stored)
    },
  }),
  query({
    path: '/v1/deliveries/:id/pick-list',
    right: 'stockpicking.read',
    summary: 'Shows what to pick, in the order of the way through the warehouse',
    answers: pickListAnswer,
    within: storedDeliveries.visible,
    run: async (db: Database, { params }) => {
      const [stored] = await storedDeliveries.read(db, [params.id])
      return stored === undefined ? unknownDelivery() : pickListView(stored.document)
    },
  }),
  command({
    method: 'post',
    path: '/v1/deliveries',
    right: 'stockpicking.create',
    summary: 'Makes a delivery by hand',
    alsoAnswers: [404],
    body: handBody,
    answers: deliveryAnswer,
    status: 201,
    location,
    again: async (db, first, actor) =>
      (await storedDeliveries.visible(db, { params: { id: first.id }, actor })) ? first : unknownDelivery(),
    run: async (tx: Tx, { body, actor }) => answer(await createByHand(tx, body, actor)),
  }),
  groupedCommand({
    method: 'patch',
    path: '/v1/deliveries/:id/picks',
    right: 'stockpicking.write',
    summary: 'Enters what was picked, in place of what was said before of a place and lot',
    description:
      'In the base unit. Another place, lot or amount than was suggested is taken if the ledger would ship it: stock is asked, which takes a moment. What it refuses is answered as a refusal; where it has not said yet, the pick has `confirmed: false`.',
    ...asksStock,
    waits: (answer, { picks }) =>
      waitingFor(answer, (line, pick) =>
        picks.some((one) => one.line === line && isSamePick(pick, { ...one, lot: one.lot ?? null })),
      ),
    body: picksBody,
    ...change,
    run: async (tx: Tx, asked) =>
      answers(
        await pickDeliveries(
          tx,
          asked.map(({ params, body, ...one }) => ({ ...one, ...params, ...body })),
        ),
      ),
  }),
  command({
    method: 'post',
    path: '/v1/deliveries/:id/scans',
    right: 'stockpicking.write',
    summary: 'Takes one scan: a location, or one pack of a product, lot or GS1 code',
    ...asksStock,
    // A scan is taken at the place that was scanned last, else from where it was suggested. One of a place picks nothing.
    waits: (answer, { code }) =>
      waitingFor(answer, (_line, { location: at, quantity }) =>
        answer.scanLocation === null ? quantity !== '0' : at === answer.scanLocation && at !== code,
      ),
    body: scanBody,
    ...change,
    run: async (tx: Tx, { params, body, actor, version }) =>
      answer(await scanDelivery(tx, params.id, body, actor, version)),
  }),
  command({
    method: 'post',
    path: '/v1/deliveries/:id/put-back',
    right: 'stockpicking.write',
    summary: 'Confirms that what was picked and is not wanted any more is back in its place',
    description:
      'Of a delivery that was amended or cancelled after it was picked. What is back is free for others. Where nothing is to be put back, the delivery is answered as it is.',
    body: putBackBody,
    ...change,
    run: async (tx: Tx, { params, body, actor, version }) =>
      answer(await putBackPicks(tx, params.id, body.picks, actor, version)),
  }),
  groupedCommand({
    method: 'post',
    path: '/v1/deliveries/:id/validate',
    right: 'delivery.ship',
    summary: 'Ships what was picked',
    body: shipBody,
    ...change,
    settled: deliveriesSettled,
    location,
    run: async (tx: Tx, asked) =>
      answers(
        await shipDeliveries(
          tx,
          asked.map(({ params, body, ...one }) => ({ ...one, ...params, choice: body })),
        ),
      ),
  }),
  command({
    method: 'post',
    path: '/v1/deliveries/:id/cancel',
    right: 'delivery.cancel',
    summary: 'Cancels a delivery; once somebody has begun to pick it, that takes a supervisor',
    body: z.object({ reason: values.reason }),
    ...change,
    run: async (tx: Tx, { params, body, actor, version }) =>
      answer(await cancel(tx, params.id, body.reason, actor, version)),
  }),
]

/** Deliveries that the ledger has answered, as they are now. All waiting requests are asked for at once. */
async function deliveriesSettled(
  db: Database,
  answers: readonly DeliveryAnswer[],
): Promise<readonly (DeliveryAnswer | null)[]> {
  const waiting = answers.filter((each) => each.status === 'posting').map((each) => each.id)
  const now = await storedDeliveries.answered(db, waiting)
  return answers.map((each) => {
    if (each.status !== 'posting') return each
    const stored = now.get(each.id)
    return stored === undefined ? null : shown(stored)
  })
}

/**
 * A request waits for what it picked itself. What others picked before is answered to them: it neither delays this request nor
 * refuses it.
 */
function waitingFor(
  answer: DeliveryAnswer,
  isOwn: (line: number, pick: ShownPick) => boolean,
): { readonly seconds: number; readonly answer: DeliveryAnswer } {
  if (!isUnconfirmed(answer)) return { seconds: 0, answer }
  const lines = answer.lines.map((line) => ({
    ...line,
    picks: line.picks.map((pick) => (isOwn(line.line, pick) ? pick : { ...pick, confirmed: undefined })),
  }))
  const own = { ...answer, lines }
  return { seconds: isUnconfirmed(own) ? stockAnswersWithin : 0, answer: own }
}

/** Deliveries on which stock has answered what the answers ask; a refusal where it took off what an answer still has. */
async function picksConfirmed(
  db: Database,
  answers: readonly DeliveryAnswer[],
): Promise<readonly (DeliveryAnswer | Refusal | null)[]> {
  const found = await storedDeliveries.read(db, [...new Set(answers.map(({ id }) => id))])
  const now = new Map(found.map((stored) => [stored.document.id, shown(stored)]))
  return answers.map((each) => {
    const current = now.get(each.id)
    if (current === undefined || isStillAsked(each, current)) return null
    return pickRefusal(each, current) ?? current
  })
}

function shown(stored: Stored<Delivery>): DeliveryAnswer {
  return viewOf(stored.document, stored.history)
}

function answer(result: Stored<Delivery> | Refusal): DeliveryAnswer | Refusal {
  return isRefusal(result) ? result : shown(result)
}

function answers(
  results: readonly (Stored<Delivery> | Refusal | Alone)[],
): readonly (DeliveryAnswer | Refusal | Alone)[] {
  return results.map((result) => (result === alone ? alone : answer(result)))
}
