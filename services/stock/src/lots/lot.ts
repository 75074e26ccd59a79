/** Lots: their dates, which have an order. Pure. */
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'

/** The dates of a lot: from `expiresOn` on nothing of it is promised or shipped; the others are for people. */
export interface LotDates {
  /** When it was made: its whole life begins then. */
  readonly producedOn: string | null
  readonly expiresOn: string | null
  readonly bestBefore: string | null
  /** From then on it should be taken out of stock. */
  readonly removeOn: string | null
  /** From then on somebody should look at it. */
  readonly alertOn: string | null
}

/** The first of two is not later than the second, where both are known. */
const order: readonly (readonly [keyof LotDates, keyof LotDates])[] = [
  ['producedOn', 'expiresOn'],
  ['producedOn', 'bestBefore'],
  ['bestBefore', 'expiresOn'],
  ['removeOn', 'expiresOn'],
  ['alertOn', 'expiresOn'],
  ['alertOn', 'bestBefore'],
  ['alertOn', 'removeOn'],
]

/** Why dates do not fit each other; undefined where they do. */
export function datesRefusal(dates: LotDates): Refusal | undefined {
  const errors = order.flatMap(([earlier, later]): readonly FieldError[] => {
    const [first, last] = [dates[earlier], dates[later]]
    if (first === null || last === null || first <= last) return []
    return [{ pointer: `/${earlier}`, message: `must not be after ${later}, which is ${last}` }]
  })
  if (errors.length === 0) return undefined
  return refuse('lot-dates-out-of-order', 'content', 'The dates of the lot are out of order.', errors)
}
