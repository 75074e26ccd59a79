/** Receipts over HTTP. */
import { mayDo } from '@stockline/contracts'
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
  type Actor,
  type Alone,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route, Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import { scopeOf } from '../locations/location.actions.ts'
import { unknownReceipt } from './receipt.actions.ts'
import { countReceipts, createByHand } from './receipt.count.actions.ts'
import { listReceipts } from './receipt.list.store.ts'
import {
  choiceBody,
  entriesBody,
  filters,
  handBody,
  reasonBody,
  receiptAnswer,
  summary,
  type ReceiptAnswer,
} from './receipt.shapes.api.ts'
import { storedReceipts } from './receipt.store.ts'
import type { Receipt } from './receipt.ts'
import { approveReceipts, cancel, sendBack, validateReceipts } from './receipt.validate.actions.ts'
import { summaryOf, viewOf } from './receipt.view.ts'

const location = (answer: ReceiptAnswer) => `/v1/receipts/${answer.id}`

/** A first answer may show costs that whoever repeats the request may not see any more. */
const again = (_db: Database, first: ReceiptAnswer, actor: Actor): Promise<ReceiptAnswer> =>
  Promise.resolve(mayDo(actor, 'cost.read') ? first : withoutCosts(first))
/** A step on a receipt that is there. */
const change = { answers: receiptAnswer, version: 'required', within: storedReceipts.actable, again } as const
/** A step that the ledger must answer before it is final. */
const posting = { ...change, settled: receiptsSettled, location } as const

/** @param companyCurrency of prices where nobody says otherwise */
export function receiptRoutes(companyCurrency: string): readonly Route[] {
  return [
    query({
      path: '/v1/receipts',
      right: 'stockpicking.read',
      summary: 'Lists receipts that touch your locations',
      query: filters,
      answers: pageOf(summary),
      run: async (db: Database, { query: given, actor }) => {
        const after = decodeCursor(given.cursor, z.tuple([z.string(), z.uuid()]))
        const rows = await listReceipts(db, given, { ...given, scope: await scopeOf(db, actor), after })
        const { items, nextCursor } = page(rows, given.limit, (last) => encodeCursor(last.sortedBy, last.id))
        return { items: items.map(summaryOf), nextCursor }
      },
    }),
    query({
      path: '/v1/receipts/:id',
      right: 'stockpicking.read',
      summary: 'Shows a receipt',
      answers: receiptAnswer,
      within: storedReceipts.visible,
      run: async (db: Database, { params, actor }) => {
        const [stored] = await storedReceipts.read(db, [params.id])
        return stored === undefined ? unknownReceipt() : shown(stored, actor)
      },
    }),
    command({
      method: 'post',
      path: '/v1/receipts',
      right: 'stockpicking.create',
      summary: 'Makes a receipt by hand, with lines that are expected or with none',
      alsoAnswers: [404],
      body: handBody,
      answers: receiptAnswer,
      status: 201,
      location,
      again: async (db, first, actor) =>
        (await storedReceipts.visible(db, { params: { id: first.id }, actor }))
          ? again(db, first, actor)
          : unknownReceipt(),
      run: async (tx: Tx, { body, actor }) => answer(await createByHand(tx, body, actor, companyCurrency), actor),
    }),
    groupedCommand({
      method: 'patch',
      path: '/v1/receipts/:id/lines',
      right: 'stockpicking.write',
      summary: 'Enters what came, in place of what the named lines held',
      description:
        'Several entries may name one line (two lots, two places, serial numbers). An entry with a `sku` and no `line` ' +
        'counts for the one line of that product, or else for an unexpected one.',
      body: entriesBody,
      ...change,
      run: async (tx: Tx, asked) =>
        answers(
          asked,
          await countReceipts(
            tx,
            asked.map(({ params, body, ...one }) => ({ ...one, ...body, ...params, effectiveAt: body.effectiveAt })),
          ),
        ),
    }),
    groupedCommand({
      method: 'post',
      path: '/v1/receipts/:id/validate',
      right: 'receipt.validate',
      summary: 'Posts the receipt, or sends it to review when something differs from the order',
      body: choiceBody,
      ...posting,
      run: async (tx: Tx, asked) =>
        answers(
          asked,
          await validateReceipts(
            tx,
            asked.map(({ params, body, ...one }) => ({ ...one, ...params, choice: body })),
          ),
        ),
    }),
    groupedCommand({
      method: 'post',
      path: '/v1/receipts/:id/approve',
      right: 'receipt.review',
      summary: 'Posts a receipt in review. Nobody approves what they counted',
      body: choiceBody,
      ...posting,
      run: async (tx: Tx, asked) =>
        answers(
          asked,
          await approveReceipts(
            tx,
            asked.map(({ params, body, ...one }) => ({ ...one, ...params, choice: body })),
          ),
        ),
    }),
    command({
      method: 'post',
      path: '/v1/receipts/:id/return-to-operator',
      right: 'receipt.review',
      summary: 'Sends a receipt in review back to be counted again',
      body: reasonBody,
      ...change,
      run: async (tx: Tx, { params, body, actor, version }) =>
        answer(await sendBack(tx, params.id, body.reason, version), actor),
    }),
    command({
      method: 'post',
      path: '/v1/receipts/:id/cancel',
      right: 'receipt.cancel',
      summary: 'Cancels a receipt; once somebody has begun to count it, that takes a supervisor',
      body: reasonBody,
      ...change,
      run: async (tx: Tx, { params, body, actor, version }) =>
        answer(await cancel(tx, params.id, body.reason, actor, version), actor),
    }),
  ]
}

/** Receipts that the ledger has answered, as they are now. All waiting requests are asked for at once. */
async function receiptsSettled(
  db: Database,
  answers: readonly ReceiptAnswer[],
): Promise<readonly (ReceiptAnswer | null)[]> {
  const waiting = answers.filter((each) => each.status === 'posting').map((each) => each.id)
  const now = await storedReceipts.answered(db, waiting)
  return answers.map((each) => {
    if (each.status !== 'posting') return each
    const stored = now.get(each.id)
    if (stored === undefined) return null
    return viewOf(stored.document, stored.history, each.currency !== undefined)
  })
}

function shown(stored: Stored<Receipt>, actor: Actor): ReceiptAnswer {
  return viewOf(stored.document, stored.history, mayDo(actor, 'cost.read'))
}

function answers(
  asked: readonly { readonly actor: Actor }[],
  results: readonly (Stored<Receipt> | Refusal | Alone)[],
): readonly (ReceiptAnswer | Refusal | Alone)[] {
  return results.map((result, index) => {
    const actor = asked[index]?.actor
    return result === alone || actor === undefined ? alone : answer(result, actor)
  })
}

function answer(result: Stored<Receipt> | Refusal, actor: Actor): ReceiptAnswer | Refusal {
  return isRefusal(result) ? result : shown(result, actor)
}

/** What is left of an answer for those who may not see prices and costs. */
function withoutCosts({ currency: _currency, ...receipt }: ReceiptAnswer): ReceiptAnswer {
  const lines = receipt.lines.map(({ unitPrice: _price, unitCost: _cost, ...line }) => ({
    ...line,
    entries: line.entries.map(({ unitCost: _entryCost, ...entry }) => entry),
  }))
  return { ...receipt, lines }
}
