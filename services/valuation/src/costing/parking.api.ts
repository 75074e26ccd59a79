import { values } from '@stockline/contracts'
import {
  command,
  decodeCursor,
  encodeCursor,
  isRefusal,
  listQuery,
  page,
  pageOf,
  query,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { Company } from '../journal/entry.ts'
import { discardParked, releaseParked, type Released } from './parking.actions.ts'
import { parkedAfter, type ParkedSince } from './parking.store.ts'

const input = z.string().regex(/^[1-9]\d{0,17}$/, 'must be the number of an input')
const parkedAnswer = z
  .object({
    input: z.string().meta({ description: 'Its number in the input log.' }),
    document: z.string(),
    documentId: z.uuid(),
    position: z.string(),
    kind: z.string(),
    status: z.enum(['parked', 'waiting', 'valued']),
    reason: z
      .string()
      .meta({ description: 'no-cost, foreign-currency, negative-price, unsupported-move, too-large, fault, waiting' }),
    detail: z.string(),
    skus: z.array(z.string()).meta({ description: 'Later documents of these wait behind it.' }),
    parkedAt: z.iso.datetime(),
  })
  .meta({ id: 'ParkedDocument' })

const listRoute = query({
  path: '/v1/parked-documents',
  right: 'costlayer.read',
  summary: 'Lists documents that cannot be valued yet, and those that wait behind them',
  query: listQuery({}),
  answers: pageOf(parkedAnswer),
  run: async (db: Database, { query: { limit, cursor } }) => {
    const after = BigInt(decodeCursor(cursor, z.tuple([input]))?.[0] ?? '0')
    const { items, nextCursor } = page(await parkedAfter(db, after, limit + 1), limit, (last) =>
      encodeCursor(last.input),
    )
    return { items: items.map((parked) => answer(parked, statusOf(parked))), nextCursor }
  },
})

const releaseRoute = (company: Company) =>
  command({
    method: 'post',
    path: '/v1/parked-documents/:input/release',
    right: 'cost.enter',
    summary: 'Tries to value a parked document again, with the unit costs given',
    description: "The costs are in the company's currency per base unit; they count before prices that cannot be used.",
    params: z.object({ input }),
    body: z.object({
      unitCosts: z
        .array(z.object({ sku: values.sku, unitCost: values.unitAmount }))
        .max(1000)
        .default([]),
    }),
    answers: parkedAnswer,
    run: async (tx: Tx, { params, body }) =>
      released(await releaseParked(tx, company, BigInt(params.input), body.unitCosts)),
  })

const discardRoute = (company: Company) =>
  command({
    method: 'post',
    path: '/v1/parked-documents/:input/discard',
    right: 'cost.enter',
    summary: 'Values a parked document at what is known, and at nothing where nothing is',
    params: z.object({ input }),
    body: z.object({ reason: values.reason }),
    answers: parkedAnswer,
    run: async (tx: Tx, { params, body }) =>
      released(await discardParked(tx, company, BigInt(params.input), body.reason)),
  })

function released(result: Released | Refusal) {
  if (isRefusal(result)) return result
  const { before, after } = result
  return after === undefined ? answer(before, 'valued') : answer(after, statusOf(after))
}

const statusOf = (parked: ParkedSince) => (parked.reason === 'waiting' ? 'waiting' : 'parked')

function answer(parked: ParkedSince, status: 'parked' | 'waiting' | 'valued') {
  const { document, reason, detail, products } = parked
  const held = new Set(products)
  return {
    input: parked.input.toString(),
    document: document.number,
    documentId: document.id,
    position: document.position.toString(),
    kind: document.kind,
    ...{ status, reason, detail },
    skus: [...new Set(document.lines.filter((line) => held.has(line.productId)).map((line) => line.sku))],
    parkedAt: parked.parkedAt.toISOString(),
  }
}

/** Routes of parked documents. */
export const parkingRoutes = (company: Company) => [listRoute, releaseRoute(company), discardRoute(company)]
