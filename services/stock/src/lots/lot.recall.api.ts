/** Recalls of lots over HTTP: as JSON, or as one table. */
import { values } from '@stockline/contracts'
import { command, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { recallLot, recallOf } from './lot.recall.actions.ts'
import { recallCsv } from './lot.recall.ts'

const partner = z.object({ code: z.string(), name: z.string() })

const recalledGoods = z.object({
  document: z.string(),
  documentId: z.uuid(),
  sku: z.string(),
  lot: z.string(),
  quantity: z.string(),
  unit: z.string(),
  location: z.string(),
  at: z.iso.datetime(),
  sourceSystem: z.string().nullable().meta({ description: 'The system that the order comes from.' }),
  order: z.string().nullable().meta({ description: 'Its number; null where there is none, or it is not known.' }),
  orderLine: z.int().nullable(),
  partner: partner.nullable().meta({ description: 'The vendor or the customer; null where it is not known.' }),
})
/** What came or went of a lot by one line of a document. */
export type RecalledGoods = z.output<typeof recalledGoods>

const recall = z
  .object({
    id: z.uuid(),
    sku: z.string(),
    code: z.string(),
    unit: z.string(),
    lots: z
      .array(z.object({ id: z.uuid(), sku: z.string(), code: z.string(), held: z.boolean(), onHand: z.string() }))
      .meta({ description: 'The lot, and those that were made of it.' }),
    receipts: z.array(recalledGoods).meta({ description: 'By which they came, and the lots that they were made of.' }),
    places: z.array(
      z.object({
        sku: z.string(),
        lot: z.string(),
        location: z.string(),
        status: z.string(),
        onHand: z.string(),
        reserved: z.string(),
      }),
    ),
    openDocuments: z
      .array(
        z.object({
          kind: z.enum(['delivery', 'transfer']),
          documentId: z.uuid(),
          number: z.string(),
          lot: z.string(),
          location: z.string().nullable(),
          quantity: z.string(),
          why: z.enum(['reserved', 'in-transit', 'asked-for']).meta({
            description:
              '`reserved`: it had so much of it there when the lot was recalled; `in-transit`: it has so much of it on its way; `asked-for`: it waits, and asks for this lot by name.',
          }),
        }),
      )
      .meta({ description: 'Deliveries that are not shipped, and transfers in transit or waiting.' }),
    shipments: z.array(recalledGoods),
    customers: z.array(partner.extend({ lot: z.string(), quantity: z.string() })),
    more: z.boolean().meta({ description: 'There are more lots or moves than are shown: 20,000 moves at most.' }),
    elsewhere: z.boolean().meta({ description: 'There is more at locations that are not yours.' }),
  })
  .meta({ id: 'Recall' })
/** A lot with all that came, lies, is wanted and went of it. */
export type Recall = z.output<typeof recall>

const formats = { 'text/csv': recallCsv }

/** Recalls a lot in one command. */
export const recallOfLot = (company: LedgerCompany) =>
  command({
    method: 'post',
    path: '/v1/lots/:id/recall',
    right: 'lot.hold',
    summary: 'Recalls a lot: holds it and all that was made of it, and lists where it came from, is, and went',
    description:
      'The hold counts everywhere; what is listed is at your locations, and `elsewhere` says that there is more. `Accept: text/csv` gives one table, with a row for each lot, receipt, place, open document, shipment and customer.',
    version: 'optional',
    body: z.object({ reason: values.reason }),
    answers: recall,
    formats,
    again: (db: Database, { id }, actor) => recallOf(db, id, actor),
    run: (tx: Tx, { params, body, version, actor }) =>
      recallLot(tx, company, { id: params.id, version, actor }, body.reason),
  })

/** Lists what a recall would. */
export const readRecall = query({
  path: '/v1/lots/:id/recall',
  right: 'lot.hold',
  summary: 'Lists what a recall of a lot concerns, and holds nothing',
  answers: recall,
  formats,
  run: (db: Database, { params, actor }) => recallOf(db, params.id, actor),
})
