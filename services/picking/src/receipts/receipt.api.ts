/** Receipts over HTTP. */
import type { Route } from '../database.ts'
import { documentEndpoints } from '../documents/document.endpoints.actions.ts'
import { reasonBody } from '../documents/document.shapes.actions.ts'
import { receipts } from './receipt.actions.ts'
import { countReceipt, placesCounted } from './receipt.count.ts'
import { destinationByHand } from './receipt.hand.actions.ts'
import { receiptByHand } from './receipt.hand.ts'
import { choiceBody, entriesBody, newReceiptBody, receiptShapes, type ReceiptAnswer } from './receipt.shapes.api.ts'
import { approveReceipt, cancelReceipt, returnToOperator, validateReceipt } from './receipt.validate.ts'
import { receiptView } from './receipt.view.ts'

const { list, show, make, enter, step, posting, cancel } = documentEndpoints(receipts, {
  shapes: receiptShapes,
  view: receiptView,
  costs: { standIn: ({ currency }) => currency !== undefined, without: withoutCosts },
})

/** @param companyCurrency of prices where a body names none */
export function receiptRoutes(companyCurrency: string): readonly Route[] {
  return [
    list,
    show,
    make({
      summary: 'Makes a receipt by hand, with lines that are expected or with none',
      body: newReceiptBody,
      placeFor: destinationByHand,
      draft: (body, known) => receiptByHand(body, { ...known, companyCurrency }),
    }),
    ...steps,
  ]
}

const steps: readonly Route[] = [
  enter({
    path: '/v1/receipts/:id/lines',
    summary: 'Enters what came, in place of what the named lines held',
    description:
      'Several entries may name one line (two lots, two places, serial numbers). An entry with a `sku` and no `line` ' +
      'counts for the one line of that product, or else for an unexpected one.',
    body: entriesBody,
    names: ({ entries }) => entries,
    places: placesCounted,
    decide: countReceipt,
  }),
  step({
    path: '/v1/receipts/:id/validate',
    right: 'receipt.validate',
    summary: 'Posts the receipt, or sends it to review when something differs from the order',
    body: choiceBody,
    ...posting,
    decide: validateReceipt,
  }),
  step({
    path: '/v1/receipts/:id/approve',
    right: 'receipt.review',
    summary: 'Posts a receipt in review. Nobody approves what they counted',
    body: choiceBody,
    ...posting,
    decide: approveReceipt,
  }),
  step({
    path: '/v1/receipts/:id/return-to-operator',
    right: 'receipt.review',
    summary: 'Sends a receipt in review back to be counted again',
    body: reasonBody,
    decide: returnToOperator,
  }),
  cancel('count it', cancelReceipt),
]

/** What is left of an answer for those who may not see prices and costs. */
function withoutCosts({ currency: _currency, ...receipt }: ReceiptAnswer): ReceiptAnswer {
  const lines = receipt.lines.map(({ unitPrice: _price, unitCost: _cost, ...line }) => ({
    ...line,
    entries: line.entries.map(({ unitCost: _entryCost, ...entry }) => entry),
  }))
  return { ...receipt, lines }
}
