/**
 * A delivery: what a customer is to get, from which places, what was picked, and what each status means. Decisions are
 * in the files beside this one, by action: `delivery.order.ts`, `delivery.reserve.ts`, `delivery.pick.ts`,
 * `delivery.validate.ts`. Pure.
 */
import { quantity, type Quantity } from '@stockline/amounts'
import type { DocumentDetails } from '../orders/order.details.ts'

/**
 * `draft → waiting → ready → in_progress → posting → done`; `cancelled` before posting. A draft waits for a product or
 * unit to become known; `waiting` for stock.
 */
export type DeliveryStatus = 'draft' | 'waiting' | 'ready' | 'in_progress' | 'posting' | 'done' | 'cancelled'

/** What becomes of what was not shipped. */
export type Remainder = 'backorder' | 'close'

/** What a line takes from one place and lot, in the base unit. */
export interface Pick {
  readonly location: string
  readonly lot: string | null
  readonly expiresOn: string | null
  readonly pickSequence: number
  /** Reserved there; zero where somebody chose another place than was suggested. */
  readonly quantity: Quantity
  /** Null until somebody has been there. */
  readonly picked: Quantity | null
  /**
   * While stock has not said whether it can be taken there: what was picked there before, which is what stays if it cannot.
   * Otherwise left out.
   */
  readonly before?: Quantity | null
}

export interface DeliveryLine {
  readonly line: number
  readonly sku: string
  /** The line of the order that asks for it; null on deliveries made by hand. */
  readonly orderLine: number | null
  /** In `unit`; zero where the order does not ask for it any more and something is picked. */
  readonly quantity: Quantity
  readonly unit: string
  /** In the base unit; null until product and unit are known. */
  readonly needed: Quantity | null
  readonly picks: readonly Pick[]
}

export interface Delivery {
  readonly id: string
  readonly number: string
  readonly warehouse: string
  readonly status: DeliveryStatus
  readonly orderId: string | null
  /** The system that the order is from; null where the document was made before 0.2.0. */
  readonly orderSource: string | null
  /** Revision of the order that the lines show; a higher one at the order is a change that waits. */
  readonly orderRevision: number | null
  readonly source: string | null
  readonly customer: { readonly code: string; readonly name: string } | null
  readonly scheduledDate: string | null
  /** 0 is most urgent. */
  readonly priority: number
  readonly allowPartial: boolean
  readonly orderedAt: Date
  /** What its order says besides; null where that says nothing. */
  readonly details: DocumentDetails | null
  /** What stands in the way, for people. */
  readonly problem: string | null
  readonly waitsFor: readonly string[]
  readonly pickedBy: readonly string[]
  /** The place that was scanned last: scans of goods are taken from it. */
  readonly scanLocation: string | null
  /** What stock was told last; its answers name it. 0: nothing yet. */
  readonly needRevision: number
  readonly remainder: Remainder | null
  readonly effectiveAt: Date | null
  /** Times the ledger was asked. */
  readonly attempt: number
  /** Where a refusal puts it back; set while posting. */
  readonly returnsTo: 'waiting' | 'ready' | 'in_progress' | null
  readonly backorderOf: string | null
  /** Place in the ledger; set once done. */
  readonly position: bigint | null
  readonly version: number
  readonly createdAt: Date
  readonly lines: readonly DeliveryLine[]
}

/** No document has more. */
export const mostLines = 1000

export const nothing: Quantity = quantity(0n)

/** May it still be changed: picked, amended, cancelled? */
export function isOpen(status: DeliveryStatus): boolean {
  return status === 'draft' || status === 'waiting' || status === 'ready' || status === 'in_progress'
}

/** Why nothing can be picked or shipped yet, as a part of a sentence. */
export function whyItWaits(delivery: { readonly problem: string | null }): string {
  return delivery.problem?.replace(/\.$/, '') ?? 'it waits for stock'
}

/** Has anybody picked anything? */
export function isBegun(delivery: { readonly lines: readonly DeliveryLine[] }): boolean {
  return delivery.lines.some((line) => line.picks.some((pick) => pick.picked !== null))
}

/** What was picked of a line, in the base unit. */
export function pickedOf(line: DeliveryLine): Quantity {
  return sum(line.picks.map((pick) => pick.picked ?? nothing))
}

/** Where the delivery takes place: its warehouse until something is reserved, then the places of its picks. */
export function locationsOf(delivery: {
  readonly lines: readonly DeliveryLine[]
  readonly warehouse: string
}): readonly string[] {
  const places = delivery.lines.flatMap((line) => line.picks.map((pick) => pick.location))
  return places.length === 0 ? [delivery.warehouse] : [...new Set(places)]
}

/** Two picks are the same when they take from the same place and lot. */
export function isSamePick(
  one: { readonly location: string; readonly lot: string | null },
  other: { readonly location: string; readonly lot: string | null },
): boolean {
  return one.location === other.location && one.lot === other.lot
}

function sum(quantities: readonly Quantity[]): Quantity {
  return quantity(quantities.reduce<bigint>((total, each) => total + each, 0n))
}
