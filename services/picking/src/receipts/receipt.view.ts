/** How a receipt is shown. Prices and costs are left out for those who may not see them. Pure. */
import { shownBy, type AnswerOf } from '@stockline/documents/declaration'
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
      ...withPlace(entry.show(one, showCosts), one.destination ?? destination),
    })),
  }),
)

/** The entry with the places that it and what it holds go to, where it names none. */
function withPlace<Shown extends Pick<AnswerOf<typeof entryFields>, 'rejected'>>(shown: Shown, destination: string) {
  const { rejected } = shown
  if (rejected?.to !== 'hold' || rejected.location !== null) return { ...shown, destination }
  return { ...shown, destination, rejected: { ...rejected, location: destination } }
}
