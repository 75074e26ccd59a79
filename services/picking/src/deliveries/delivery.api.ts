/** Deliveries over HTTP. */
import { command, query, type Refusal } from '@stockline/service-kit'
import type { Database, Route, Tx } from '../database.ts'
import { documentEndpoints } from '../documents/document.endpoints.actions.ts'
import { scanBody } from '../documents/document.shapes.actions.ts'
import { warehouseFor } from '../locations/location.actions.ts'
import { packagesOf } from '../packages/package.actions.ts'
import { deliveries } from './delivery.actions.ts'
import { isStillUnconfirmed, isUnconfirmed, pickRefusal } from './delivery.confirm.ts'
import { deliveryByHand } from './delivery.hand.ts'
import { pickDelivery, placesPicked } from './delivery.pick.ts'
import { putBack } from './delivery.put-back.ts'
import { scanDelivery } from './delivery.scan.actions.ts'
import { askAgain } from './delivery.reserve.ts'
import {
  askBody,
  deliveryShapes,
  newDeliveryBody,
  pickListAnswer,
  picksBody,
  putBackBody,
  shipBody,
  type DeliveryAnswer,
} from './delivery.shapes.api.ts'
import { isSamePick } from './delivery.ts'
import { cancelDelivery, shipDelivery } from './delivery.validate.ts'
import { deliveryView, pickListView } from './delivery.view.ts'

const { list, show, make, enter, step, posting, cancel, change, answer } = documentEndpoints(deliveries, {
  shapes: deliveryShapes,
  view: deliveryView,
})

/** Picks of what nobody suggested wait a moment for stock to say whether they can be taken there. */
const asksStock = { ...posting, settled: picksConfirmed }
/** Seconds. */
const stockAnswersWithin = 2

export const deliveryRoutes: readonly Route[] = [
  list,
  show,
  query({
    path: '/v1/deliveries/:id/pick-list',
    right: 'stockpicking.read',
    summary: 'Shows what to pick, in the order of the way through the warehouse',
    answers: pickListAnswer,
    within: deliveries.store.visible,
    run: async (db: Database, { params }) => {
      const [stored] = await deliveries.store.read(db, [params.id])
      return stored === undefined ? deliveries.unknown() : pickListView(stored.document)
    },
  }),
  make({
    summary: 'Makes a delivery by hand',
    body: newDeliveryBody,
    placeFor: (tx, { warehouse }, actor) => warehouseFor(tx, warehouse, actor),
    draft: deliveryByHand,
  }),
  enter({
    path: '/v1/deliveries/:id/picks',
    summary: 'Enters what was picked, in place of what was said before of a place and lot',
    description:
      'In the base unit. Another place, lot or amount than was suggested is taken if the ledger would ship it: stock is asked, which takes a moment. What it refuses is answered as a refusal; where it has not said yet, the pick has `confirmed: false`.',
    ...asksStock,
    waits: (given, { picks }) =>
      waitingFor(given, (line, pick) =>
        picks.some((one) => one.line === line && isSamePick(pick, { ...one, lot: one.lot ?? null })),
      ),
    body: picksBody,
    places: placesPicked,
    decide: pickDelivery,
  }),
  command({
    method: 'post',
    path: '/v1/deliveries/:id/scans',
    right: 'stockpicking.write',
    summary: 'Takes one scan: a location, or one pack of a product, lot or GS1 code',
    ...asksStock,
    // A scan is taken at the place that was scanned last, else from where it was suggested. One of a place picks nothing.
    waits: (given, { code }) =>
      waitingFor(given, (_line, { location: at, quantity }) =>
        given.scanLocation === null ? quantity !== '0' : at === given.scanLocation && at !== code,
      ),
    body: scanBody,
    ...change,
    run: async (tx: Tx, asked) => answer(await scanDelivery(tx, asked), asked.actor),
  }),
  step({
    path: '/v1/deliveries/:id/put-back',
    right: 'stockpicking.write',
    summary: 'Confirms that what was picked and is not wanted any more is back in its place',
    description:
      'Of a delivery that was amended or cancelled after it was picked. What is back is free for others. Where nothing is to be put back, the delivery is answered as it is.',
    body: putBackBody,
    decide: putBack,
  }),
  step({
    path: '/v1/deliveries/:id/reserve',
    right: 'stockpicking.write',
    summary: 'Asks again for what was released and is held',
    description:
      'Of a delivery that a person or its ordering system took out of the offering, or that its order wanted reserved no longer. It is offered stock from then on, in the order of demand; until when its order wants it reserved counts no more. One that is not held is answered as it is.',
    body: askBody,
    decide: askAgain,
  }),
  step({
    path: '/v1/deliveries/:id/validate',
    right: 'delivery.ship',
    summary: 'Ships what was picked',
    description: 'Where packages are made for it, all that is picked must be in closed ones.',
    body: shipBody,
    ...posting,
    also: packagesOf,
    decide: shipDelivery,
  }),
  cancel('pick it', cancelDelivery),
]

/**
 * A request waits for what it picked itself. What others picked before is answered to them: it neither delays this request nor
 * refuses it.
 */
function waitingFor(
  answer: DeliveryAnswer,
  isOwn: (line: number, pick: DeliveryAnswer['lines'][number]['picks'][number]) => boolean,
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
  const found = await deliveries.store.read(db, [...new Set(answers.map(({ id }) => id))])
  const now = new Map(
    found.map(({ document, history }) => [document.id, deliveryView.answer(document, history, false)]),
  )
  return answers.map((each) => {
    const current = now.get(each.id)
    if (current === undefined || isStillUnconfirmed(each, current)) return null
    return pickRefusal(each, current) ?? current
  })
}
