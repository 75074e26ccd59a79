import { values } from '@stockline/contracts'
import { command } from '@stockline/service-kit'
import { z } from 'zod'
import type { Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { postOpening } from './opening.actions.ts'

const { instant, locationCode, lotCode, lotDates, positiveQuantity, sku, unitAmount } = values

const openingBody = z.object({
  lines: z
    .array(
      z.object({
        sku,
        location: locationCode,
        lot: lotCode.optional().meta({ description: 'Lot or serial number: required exactly for tracked products.' }),
        ...lotDates,
        quantity: positiveQuantity.meta({ description: 'In the base unit.' }),
        unitCost: unitAmount.meta({ description: "In the company's currency, per base unit." }),
      }),
    )
    .min(1, 'must have at least one line')
    .max(1000, 'must have at most 1,000 lines'),
  effectiveAt: instant.optional().meta({ description: 'When it was counted, if not now.' }),
})

const openingAnswer = z
  .object({
    documentId: z.uuid(),
    number: z.string().meta({ description: '`OPEN/00001`' }),
    position: z.string().meta({ description: 'Its place in the ledger.' }),
    recordedAt: z.iso.datetime(),
  })
  .meta({ id: 'OpeningStock' })

/** Opening stock as it is entered, in the base unit, and as the ledger took it. */
export type OpeningBody = z.output<typeof openingBody>
export type OpeningAnswer = z.output<typeof openingAnswer>

/** Opening stock. */
export function openingRoutes(company: LedgerCompany) {
  return [
    command({
      method: 'post',
      path: '/v1/opening-stock',
      right: 'opening-stock.post',
      summary: 'Posts what was there before the first document: all lines or none',
      status: 201,
      body: openingBody,
      answers: openingAnswer,
      run: (tx: Tx, { body, actor }) => postOpening(tx, company, body.lines, body.effectiveAt, actor),
    }),
  ]
}
