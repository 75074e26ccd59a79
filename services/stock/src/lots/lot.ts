/** Lots: whether their dates fit each other. Pure. */
import { lateLotDates, type LotDates } from '@stockline/contracts/lot-dates'
import { refuse, type Refusal } from '@stockline/service-kit/refusal'

/** Why dates do not fit each other; undefined where they do. */
export function datesRefusal(dates: LotDates): Refusal | undefined {
  const errors = lateLotDates(dates).map(({ date, message }) => ({ pointer: `/${date}`, message }))
  if (errors.length === 0) return undefined
  return refuse('lot-dates-out-of-order', 'content', 'The dates of the lot are out of order.', errors)
}
