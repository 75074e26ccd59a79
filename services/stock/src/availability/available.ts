/**
 * Available to promise: what of a quant a delivery can have. This is the one definition. Each condition stands here once, as the rule
 * decides it and as statements select it; a test compares both on a real database.
 */
import { atLeastZero, minus, type Quantity } from '@stockline/amounts'
import type { LedgerLocation, LedgerLot } from '../ledger/reference.ts'
import type { Quant } from '../ledger/stock.ts'

/** Why nothing of a quant can be promised. */
export type Unavailability = 'not-stock' | 'location-inactive' | 'not-reservable' | 'status' | 'held' | 'expired'

type Stock = Pick<Quant, 'location' | 'lot' | 'status'>
type Place = Pick<LedgerLocation, 'type' | 'warehouse' | 'active' | 'reservable'>

interface Condition<Subject> {
  readonly otherwise: Unavailability
  readonly holds: (of: Subject, today: string) => boolean
  /** The same of a balance `q` with its location `l` and its lot `t`, if any. `today` is the parameter that is the company's date. */
  readonly sql: (today: string) => string
}

const ofLocation: readonly Condition<Place>[] = [
  {
    otherwise: 'not-stock',
    holds: ({ type, warehouse }) => type === 'internal' && warehouse !== null,
    sql: () => `l.type = 'internal' and l.warehouse is not null`,
  },
  { otherwise: 'location-inactive', holds: ({ active }) => active, sql: () => 'l.active' },
  { otherwise: 'not-reservable', holds: ({ reservable }) => reservable, sql: () => 'l.reservable' },
]

const ofStock: readonly Condition<Stock>[] = [
  ...ofLocation.map(({ otherwise, holds, sql }) => ({
    otherwise,
    holds: ({ location }: Stock, today: string) => holds(location, today),
    sql,
  })),
  { otherwise: 'status', holds: ({ status }) => status === 'available', sql: () => `q.status = 'available'` },
  { otherwise: 'held', holds: ({ lot }) => lot === null || lot.held === null, sql: () => 't.hold_reason is null' },
  {
    otherwise: 'expired',
    holds: ({ lot }, today) => !hasExpired(lot, today),
    sql: (today) => `(t.expires_on is null or t.expires_on >= ${today}::date)`,
  },
]

/**
 * Why nothing of a quant can be promised, by the first condition that fails; undefined where what is not reserved of it is available.
 *
 * @param today the company's date
 */
export function whyNotAvailable(stock: Stock, today: string): Unavailability | undefined {
  for (const { otherwise, holds } of ofStock) if (!holds(stock, today)) return otherwise
  return undefined
}

/** May deliveries reserve what is at the location? */
export function isReservable(location: Place): boolean {
  return ofLocation.every(({ holds }) => holds(location, ''))
}

/** Has the lot expired before that date? */
function hasExpired(lot: Pick<LedgerLot, 'expiresOn'> | null, today: string): boolean {
  return lot !== null && lot.expiresOn !== null && lot.expiresOn < today
}

/** Why a lot is not shipped, by a code that stays the same. */
export interface LotObstacle {
  readonly code: 'lot-held' | 'lot-expired'
  readonly message: string
}

/**
 * Why nothing of a lot is shipped, wherever it is: it is held, or has expired before that date; undefined where it may be.
 *
 * @param shippedOn a date in the company's time zone
 */
export function lotObstacle(
  lot: Pick<LedgerLot, 'code' | 'expiresOn' | 'held'> | null,
  shippedOn: string,
): LotObstacle | undefined {
  if (lot === null) return undefined
  if (lot.held !== null)
    return { code: 'lot-held', message: `Lot ${lot.code} is held (${lot.held}): it cannot be shipped.` }
  if (!hasExpired(lot, shippedOn)) return undefined
  return { code: 'lot-expired', message: `Lot ${lot.code} expired on ${lot.expiresOn ?? ''}: it cannot be shipped.` }
}

/** What no demand has reserved of a quant: on hand less reserved, never below zero. It is available where the conditions hold. */
export function unreservedOf({ onHand, reserved }: Pick<Quant, 'onHand' | 'reserved'>): Quantity {
  return atLeastZero(minus(onHand, reserved))
}

/** What no demand has reserved of a balance `q`, in a statement. */
export const unreserved = 'greatest(q.quantity_on_hand - q.quantity_reserved, 0)'

/**
 * Can what is not reserved of a balance be promised? In a statement, of a balance `q` with its location `l` and its lot `t`, if any.
 *
 * @param today the parameter that is the company's date
 */
export function isAvailable(today: string): string {
  return `(${ofStock.map(({ sql }) => sql(today)).join(' and ')})`
}

/**
 * Can a transfer that names no lot take what is not reserved of a balance, if it takes from its place? As {@link isAvailable}, but also
 * where deliveries may not reserve.
 */
export function mayBeTransferred(today: string): string {
  const conditions = ofStock.filter(({ otherwise }) => otherwise !== 'not-reservable')
  return `(${conditions.map(({ sql }) => sql(today)).join(' and ')})`
}

/** How much of a balance is available, in a statement. */
export function availableOf(today: string): string {
  return `case when ${isAvailable(today)} then ${unreserved} else 0 end`
}
