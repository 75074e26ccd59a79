/** Deliveries over HTTP. */
import { priority, values } from '@stockline/contracts'
import {
  alone,
  command,
  decodeCursor,
  encodeCursor,
  groupedCommand,
  isRefusal,
  listQuery,
  page,
  pageOf,
  query,
  type Alone,
  type Given,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route, Tx } from '../database.ts'
import { deliverySorts } from '../lists/list.actions.ts'
import { scopeOf } from '../locations/location.actions.ts'
import { unknownDelivery } from './delivery.actions.ts'
import { listDeliveries } from './delivery.list.store.ts'
import { createByHand } from './delivery.order.actions.ts'
import { pickDeliveries, scanDelivery } from './delivery.pick.actions.ts'
import { putBackPicks } from './delivery.put-back.actions.ts'
import { storedDeliveries, type StoredDelivery } from './delivery.store.ts'
import { mostLines } from './delivery.ts'
import { cancel, shipDeliveries } from './delivery.validate.actions.ts'
import { pickListView, summaryOf, viewOf } from './delivery.view.ts'

const status = z.enum(['draft', 'waiting', 'ready', 'in_progress', 'posting', 'done', 'cancelled'])
const remainder = z.enum(['backorder', 'close'])

/** Orders say it; so does who makes a delivery by hand. */
const allowPartial = z.boolean().meta({
  description:
    'May be reserved and shipped in part. Otherwise it waits until all of it is reserved, and is shipped whole unless `remainder` is given on validating.',
})

const summary = z.object({
  id: values.id,
  number: values.documentNumber.meta({ description: 'Gapless per warehouse: `WH/OUT/00042`.' }),
  status,
  source: z.string().nullable().meta({ description: "The order's number, or what a person wrote." }),
  customer: values.partner.nullable(),
  scheduledDate: values.date.nullable(),
  priority: z.int().meta({ description: '0 is most urgent.' }),
  warehouse: values.warehouseCode,
  problem: z.string().nullable().meta({ description: 'What stands in the way.' }),
  version: z.int(),
  createdAt: z.iso.datetime(),
})

const pick = z.object({
  location: values.locationCode,
  lot: z.string().nullable(),
  expiresOn: z.iso.date().nullable(),
  quantity: z.string().meta({ description: 'Reserved there, in the base unit; "0" where another place was chosen.' }),
  picked: z.string(),
  putBack: z
    .string()
    .meta({ description: 'How much of what is picked is not wanted any more, and is to be put back there.' }),
})

const deliveryAnswer = summary
  .extend({
    allowPartial,
    backorderOf: values.id.nullable(),
    remainder: remainder.nullable(),
    effectiveAt: z.iso.datetime().nullable(),
    position: z.string().nullable().meta({ description: 'Place in the ledger, once done.' }),
    scanLocation: z.string().nullable().meta({ description: 'The place scanned last: goods are taken from it.' }),
    lines: z.array(
      z.object({
        line: values.lineNumber,
        sku: values.sku,
        quantity: z.string(),
        unit: z.string(),
        picks: z.array(pick),
      }),
    ),
    history: z.array(
      z.object({
        at: z.iso.datetime(),
        who: z.object({ id: z.string(), name: z.string() }).nullable(),
        what: z.string(),
        why: z.string().nullable(),
        mark: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Delivery' })
type DeliveryAnswer = Given<z.output<typeof deliveryAnswer>>

const pickListAnswer = z.object({
  number: values.documentNumber,
  status,
  version: z.int(),
  items: z.array(pick.extend({ line: values.lineNumber, sku: values.sku })),
})

const handBody = z.object({
  customer: values.partner.optional(),
  warehouse: values.warehouseCode,
  source: values.orderNumber.optional(),
  scheduledDate: values.date.optional(),
  priority: priority.default(5),
  allowPartial: allowPartial.default(false),
  lines: z
    .array(z.object({ sku: values.sku, quantity: values.positiveQuantity, unit: values.unitCode.optional() }))
    .min(1, 'must have at least one line')
    .max(mostLines, 'must have at most 1,000 lines'),
})

const picksBody = z.object({
  picks: z
    .array(
      z.object({
        line: values.lineNumber,
        location: values.locationCode,
        lot: values.lotCode.optional(),
        picked: values.quantityOrZero,
      }),
    )
    .min(1, 'must have at least one pick')
    .max(mostLines, 'must have at most 1,000 picks'),
})

const putBackBody = z
  .object({
    picks: z
      .array(
        z.object({
          line: values.lineNumber,
          location: values.locationCode,
          lot: values.lotCode.optional(),
          quantity: values.positiveQuantity,
        }),
      )
      .min(1, 'must have at least one pick')
      .max(mostLines, 'must have at most 1,000 picks')
      .optional()
      .meta({ description: 'In the base unit. Without it, all that is to be put back.' }),
  })
  .default({})

const scanBody = z.object({
  code: z
    .string()
    .trim()
    .min(1)
    .max(200)
    // Of control characters only ASCII 29 may pass.
    .regex(/^[^\u0000-\u001c\u001e\u001f\u007f]*$/, 'must not hold control characters but ASCII 29')
    .meta({ description: 'As the scanner sends it; GS1 with ASCII 29 between elements.' }),
  quantity: values.positiveQuantity.optional().meta({ description: 'In the base unit; one pack where it is missing.' }),
})

const shipBody = z
  .object({
    remainder: remainder.optional().meta({
      description:
        'What becomes of what is not picked. Where all may not go in part, it must be said; else `backorder`.',
    }),
    effectiveAt: values.instant.transform((text) => new Date(text)).optional(),
  })
  .default({})

const filters = listQuery({
  number: z.string().optional(),
  source: z.string().optional(),
  status: status.optional(),
  warehouse: z.string().optional(),
  customer: z.string().optional().meta({ description: "The customer's code." }),
  backorderOf: values.id.optional(),
  sort: z.enum(deliverySorts).default('-createdAt'),
})

const location = (answer: DeliveryAnswer) => `/v1/deliveries/${answer.id}`
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
      return stored === undefined ? unknownDelivery() : pickListView(stored.delivery)
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
    description: 'In the base unit. Another place than was suggested is taken if enough is free there.',
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

function shown(stored: StoredDelivery): DeliveryAnswer {
  return viewOf(stored.delivery, stored.history)
}

function answer(result: StoredDelivery | Refusal): DeliveryAnswer | Refusal {
  return isRefusal(result) ? result : shown(result)
}

function answers(
  results: readonly (StoredDelivery | Refusal | Alone)[],
): readonly (DeliveryAnswer | Refusal | Alone)[] {
  return results.map((result) => (result === alone ? alone : answer(result)))
}
