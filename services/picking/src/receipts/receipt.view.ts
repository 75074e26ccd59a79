/** How a receipt is shown. Prices and costs are left out for those who may not see them. Pure. */
import { shownBy } from '@stockline/documents/declaration'
import { documentView } from '../documents/document.view.ts'
import { entryFields, receiptKind } from './receipt.fields.ts'
import { flagOf } from './receipt.ts'

const entry = shownBy(entryFields)

/** A receipt in answers and in lists. */
export const receiptView = documentView(
  receiptKind.fields,
  (line, { status, destination }, { details, showCosts }) => ({
    flag: flagOf(line, status, details?.lot ?? null),
    entries: (line.entries ?? []).map((one) => ({
      ...entry.show(one, showCosts),
      destination: one.destination ?? destination,
    })),
  }),
)
