/** The shapes of changes of status and scraps over HTTP. */
import { stockStatus, values } from '@stockline/contracts'
import { manyOf, shapesOfKind } from '@stockline/documents'
import { z } from 'zod'
import { scrapKind, statusChangeKind } from './disposition.fields.ts'

const goods = {
  sku: values.sku,
  location: values.locationCode,
  lot: values.lotCode.optional().meta({ description: 'Lot or serial number: required exactly for tracked products.' }),
  quantity: values.positiveQuantity.meta({ description: 'In the base unit.' }),
}
const head = {
  reason: values.textUpTo(40).meta({ description: "Code of one of the manager's reasons." }),
  note: values.textUpTo(500).optional(),
}
const atLeastOne = 'must have at least one line'

/** Goods that get another status where they are. */
export const statusChangeBody = z.object({
  ...head,
  lines: manyOf(z.object({ ...goods, from: stockStatus, to: stockStatus }), 'lines').min(1, atLeastOne),
})
/** Goods that are scrapped. */
export const scrapBody = z.object({
  ...head,
  lines: manyOf(
    z.object({ ...goods, status: stockStatus.optional().meta({ description: 'Of the goods: available if missing.' }) }),
    'lines',
  ).min(1, atLeastOne),
})

/** How changes of status are listed and answered, and what a list can be asked for. */
export const statusChangeShapes = shapesOfKind('StatusChange', statusChangeKind, {
  line: { from: stockStatus, to: stockStatus },
})
/** The same of scraps. */
export const scrapShapes = shapesOfKind('Scrap', scrapKind, { line: { status: stockStatus } })
