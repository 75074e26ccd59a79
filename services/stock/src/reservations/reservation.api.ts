/** Who holds stock, over HTTP: for people within their locations, for ordering systems what is reserved for their own orders. */
import { toldOrderDetails, values } from '@stockline/contracts'
import type { LocationScope } from '@stockline/contracts/locations'
import {
  command,
  decodeCursor,
  encodeCursor,
  isRefusal,
  listQuery,
  ownSource,
  page,
  pageOf,
  query,
  type Actor,
  type FiltersOf,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, Tx } from '../database.ts'
import { none } from '../ledger/quant.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { endReservations, mayRelease, releaseReservation } from './hold.actions.ts'
import type { DemandRow } from './hold.store.ts'
import { storedLife } from './remaining-life.ts'
import { findReservations, type ReservationRow } from './reservation.store.ts'

const { asOfTime, documentNumber, locationCode, lotCode, sku, textUpTo } = values

const reservationAnswer = z
  .object({
    documentId: values.id,
    document: documentNumber.meta({ description: 'Number of the delivery: `WH/OUT/00042`.' }),
    sourceSystem: z
      .string()
      .nullable()
      .meta({ description: 'The system that the order is from; null of a delivery without an order.' }),
    orderNumber: z.string().nullable(),
    warehouse: z.string(),
    priority: z.int().meta({ description: '0 is most urgent.' }),
    scheduledDate: values.date.nullable(),
    orderedAt: z.iso.datetime(),
    since: z.iso.datetime().nullable().meta({
      description:
        'Since when something is reserved for the delivery without a break. Null where it was before the upgrade that began to keep it.',
    }),
    reserveUntil: z
      .string()
      .nullable()
      .meta({ description: 'Until when its order wants it reserved: a day, or a time by UTC.' }),
    line: values.lineNumber.meta({ description: 'Of the delivery.' }),
    minimumRemainingLife: toldOrderDetails.minimumRemainingLife.meta({
      description: 'How much of a lot’s life the customer wants left: days, percent of the whole, or both.',
    }),
    sku: z.string(),
    location: z.string(),
    lot: z.string().nullable(),
    status: z.string(),
    package: z.string().nullable(),
    quantity: z.string(),
    unit: z.string().meta({ description: 'The base unit.' }),
  })
  .meta({ id: 'Reservation' })

/** What is reserved at one place, for one line of a delivery. */
export type ReservationAnswer = z.output<typeof reservationAnswer>

const sourceSystem = textUpTo(200).meta({
  description: 'The system that the order is from, as its events name it. Service clients name one of theirs.',
})

const reservationQuery = listQuery({
  sku: sku.optional(),
  location: locationCode.optional().meta({ description: 'With all below it.' }),
  lot: lotCode.optional(),
  document: documentNumber.optional().meta({ description: 'Number of a delivery: `WH/OUT/00042`.' }),
  sourceSystem: sourceSystem.optional(),
  orderNumber: values.orderNumber.optional(),
  reservedBefore: asOfTime.optional().meta({ description: 'A time, or a date, which is taken to its end (UTC).' }),
})

/** What a list of reservations may be narrowed by. */
export type ReservationFilter = FiltersOf<typeof reservationQuery>

const cursorShape = z.tuple([
  z.string().regex(/^\d{4}-\d{2}-\d{2} [\d:.+-]{1,30}$/),
  z.uuid(),
  z.int32(),
  z.string(),
  z.string(),
  z.string(),
  z.uuid(),
])

const listReservations = query({
  path: '/v1/reservations',
  right: 'stockreservation.read',
  summary: 'Says who holds what is reserved: document, order and since when; the oldest first',
  description:
    'People see what is reserved at their locations. Service clients see what is reserved for the orders of the system that they name, which must be one of theirs where they have sources of their own; one with a single source need not name it.',
  query: reservationQuery,
  answers: pageOf(reservationAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter }, actor }) => {
    const after = decodeCursor(cursor, cursorShape)
    const seen = await seenBy(db, actor, filter)
    if (isRefusal(seen)) return seen
    const rows = await findReservations(db, seen.filter, seen.scope, after, limit)
    const { items, nextCursor } = page(rows, limit, (last) =>
      encodeCursor(
        last.sortedBy,
        last.documentId,
        last.line,
        last.lot ?? '',
        last.location,
        last.status,
        last.package ?? none,
      ),
    )
    return { items: items.map(answerOf), nextCursor }
  },
})

/** Service clients are assigned to no location: they see their own orders, wherever these are. */
async function seenBy(
  db: Database,
  actor: Actor,
  filter: ReservationFilter,
): Promise<{ readonly scope: LocationScope; readonly filter: ReservationFilter } | Refusal> {
  if (actor.kind === 'user') return { scope: await scopeOf(db, actor), filter }
  const own = ownSource(actor, { name: 'sourceSystem', given: filter.sourceSystem })
  return isRefusal(own) ? own : { scope: null, filter: { ...filter, sourceSystem: own } }
}

function answerOf({
  sortedBy: _sortedBy,
  since,
  orderedAt,
  lifeDays,
  lifePercent,
  ...rest
}: ReservationRow): ReservationAnswer {
  const life = storedLife(lifeDays, lifePercent)
  return {
    ...rest,
    ...(life === undefined ? {} : { minimumRemainingLife: life }),
    since: since?.toISOString() ?? null,
    orderedAt: orderedAt.toISOString(),
  }
}

const heldAnswer = z
  .object({
    documentId: values.id,
    document: documentNumber,
    sourceSystem: z.string().nullable(),
    orderNumber: z.string().nullable(),
    held: z
      .string()
      .nullable()
      .meta({ description: 'Why nothing is reserved for it until somebody asks again; null where that has happened.' }),
  })
  .meta({ id: 'HeldDelivery' })

const heldOf = ({ documentId, document, sourceSystem: source, orderNumber, held }: DemandRow) => {
  return { documentId, document, sourceSystem: source, orderNumber, held }
}

const release = (company: LedgerCompany) =>
  command({
    method: 'post',
    path: '/v1/reservations/:documentId/release',
    right: 'reservation.release',
    summary: 'Releases what is reserved for a delivery, and takes it out of the offering',
    description:
      'What is free is offered to others in the order of demand. The delivery waits, says who released it and why (`held`), and is given nothing until somebody asks again (`POST /v1/deliveries/{id}/reserve` at picking) or its order is amended. What is picked for it already stays reserved where it is, as far as nobody else has got it. One that is held already is answered as it is.',
    within: (db: Database, { params, actor }) => mayRelease(db, params.documentId, actor),
    alsoAnswers: [409],
    body: z.object({ reason: values.reason }),
    answers: heldAnswer,
    run: async (tx: Tx, { params, body: { reason }, actor }) => {
      const held = await releaseReservation(tx, company, params.documentId, { reason, actor })
      return isRefusal(held) ? held : heldOf(held)
    },
  })

const end = (company: LedgerCompany) =>
  command({
    method: 'delete',
    path: '/v1/reservations',
    right: 'stockreservation.unlink',
    summary: 'Ends what is reserved for an order, by the system that it is from',
    description:
      'As releasing it does, for every open delivery of the order: these are answered. The order itself stands: cancel it to end it. Nothing is reserved for it again until it is amended, or a person asks.',
    query: z.object({
      sourceSystem: sourceSystem.optional(),
      orderNumber: values.orderNumber,
      reason: values.reason.optional(),
    }),
    alsoAnswers: [403, 404],
    answers: z.object({ items: z.array(heldAnswer) }),
    run: async (tx: Tx, { query: { sourceSystem: given, orderNumber, reason }, actor }) => {
      const source = ownSource(actor, { name: 'sourceSystem', given })
      if (isRefusal(source)) return source
      const ended = await endReservations(tx, company, { source, orderNumber }, { reason, actor })
      return isRefusal(ended) ? ended : { items: ended.map(heldOf) }
    },
  })

/** Who holds what is reserved, and how it is released. */
export const reservationRoutes = (company: LedgerCompany) => [listReservations, release(company), end(company)]
