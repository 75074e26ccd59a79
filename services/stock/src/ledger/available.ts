/** What can be promised: one rule, for what is reserved and for what is shown as available. */
import type { Lot } from './reference.ts'
import type { Quant } from './stock.ts'

/** Why nothing of a quant can be promised. */
export type Unavailability = 'not-stock' | 'location-inactive' | 'not-reservable' | 'status' | 'expired'

/**
 * Why nothing of a quant can be promised, by the first reason that holds; undefined where what nobody has reserved of it can. The same
 * as a statement is in `available.store.ts`.
 *
 * @param today the company's date
 */
export function whyNotAvailable(
  { location, lot, status }: Pick<Quant, 'location' | 'lot' | 'status'>,
  today: string,
): Unavailability | undefined {
  if (location.type !== 'internal' || location.warehouse === null) return 'not-stock'
  if (!location.active) return 'location-inactive'
  if (!location.reservable) return 'not-reservable'
  if (status !== 'available') return 'status'
  return hasExpired(lot, today) ? 'expired' : undefined
}

/** Has the lot expired before that date? */
export function hasExpired(lot: Pick<Lot, 'expiresOn'> | null, today: string): boolean {
  return lot !== null && lot.expiresOn !== null && lot.expiresOn < today
}
