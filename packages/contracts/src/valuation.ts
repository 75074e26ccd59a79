/** Events for an accounting system. Topic `valuation.entries`, keyed by company. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { currencyCode, date, documentNumber, id, moneyAmount, positiveQuantity, sku, unitAmount } from './values.ts'

export const entryLine = z.object({
  account: z.string(),
  /** One of the two is "0.00", or both where the value is zero. */
  debit: moneyAmount,
  credit: moneyAmount,
  sku: sku.nullable(),
  quantity: positiveQuantity.nullable(),
  move: id.nullable(),
})

/** What one base unit of each product costs now, for showing: all that stock reads of an entry. */
export const unitCostsTold = z.object({ unitCosts: z.array(z.object({ sku, unitCost: unitAmount })) })

export const valuationEntryPosted = contract({
  type: 'valuation.entry-posted.v1',
  topic: 'valuation.entries',
  subject: 'company',
  summary: 'A balanced journal entry.',
  data: z.object({
    number: z.string(),
    document: documentNumber.nullable(),
    documentId: id.nullable(),
    /** The document's place in the ledger, as text. */
    position: z.string().nullable(),
    date,
    currency: currencyCode,
    cause: z.string(),
    lines: z.array(entryLine),
    ...unitCostsTold.shape,
  }),
})
