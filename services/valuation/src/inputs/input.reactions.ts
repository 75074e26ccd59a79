/** Events that change values: documents of the ledger, and standard costs and categories of products. */
import { type PostedDocument, stockDocumentPosted, stockProductChanged } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { batchReaction, type Reaction } from '@stockline/service-kit'
import type { z } from 'zod'
import type { PrismaClient, Tx } from '../database.ts'
import type { Company } from '../journal/entry.ts'
import { takeInputs } from './input.actions.ts'
import { newInput, type DocumentData, type NewInput } from './input.ts'

type ProductChanged = z.output<typeof stockProductChanged.data>

/** Reactions of the log, each batch of events in one transaction. */
export function inputReactions(company: Company): Reaction<PrismaClient>[] {
  return [
    batchReaction({
      contracts: [stockDocumentPosted],
      react: async (tx: Tx, events: readonly Event<PostedDocument>[]) => {
        const inputs = events.map((event) => documentInput(event.data, tx.now))
        await takeInputs(tx, company, inputs, events)
      },
    }),
    batchReaction({
      contracts: [stockProductChanged],
      react: async (tx: Tx, events: readonly Event<ProductChanged>[]) => {
        const inputs = events.map((event) => productInput(event.data, tx.now))
        await takeInputs(tx, company, inputs, events)
      },
    }),
  ]
}

/** What the log keeps of a posted document. */
function documentInput(posted: PostedDocument, now: Date): NewInput {
  const { position, documentId, number, kind, effectiveAt } = posted
  // What is shipped costs what its layers say, whoever ordered it.
  const order = kind === 'receipt' ? posted.order : undefined
  const ofTransfer = kind === 'transfer' ? { attempt: posted.attempt } : {}
  const head = { position, documentId, number, kind, effectiveAt, order, ...ofTransfer }
  const document: DocumentData = { ...head, lines: posted.lines.map(lineData) }
  return newInput({ kind: 'document', document }, now)
}

function lineData(line: PostedDocument['lines'][number]): DocumentData['lines'][number] {
  return {
    move: line.move,
    productId: line.productId,
    sku: line.sku,
    productType: line.productType,
    category: line.category,
    quantity: line.quantity,
    from: line.from.location,
    fromType: line.from.type,
    to: line.to.location,
    toType: line.to.type,
    entered: line.entered,
    price: line.price,
    unitCost: line.unitCost,
    orderLine: line.orderLine,
    orderQuantity: line.orderQuantity,
    completesOrderLine: line.completesOrderLine,
  }
}

function productInput(product: ProductChanged, now: Date): NewInput {
  const { productId, sku, category, standardCost = null } = product
  return newInput({ kind: 'product-changed', productId, sku, category, standardCost }, now)
}
