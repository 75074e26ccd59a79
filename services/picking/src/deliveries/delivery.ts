/**
 * A delivery: what a customer is to get, from which places, what was picked, and what each status means. Decisions are
 * in the files beside this one, by action: `delivery.order.ts`, `delivery.reserve.ts`, `delivery.pick.ts`,
 * `delivery.validate.ts`. Pure.
 */
import { atLeastZero, minus, quantity, type Quantity } from '@stockline/amounts'
import type { DocumentOf, ValueOf } from '@stockline/documents'
import { openWhile } from '../documents/document.fields.ts'
import { deliveryKind, type pickFields } from './delivery.fields.ts'

/**
 * See `delivery.fields.ts`. `draft → waiting → ready → in_progress → posting → done`; `cancelled` before posting. A draft waits for a
 * product or unit to become known; `waiting` for stock.
 */
export type Delivery = DocumentOf<typeof deliveryKind.fields>
/** See {@link Delivery}. */
export type DeliveryLine = Delivery['lines'][number]
/** See {@link DeliveryLine}. */
export type Pick = ValueOf<typeof pickFields>

export const nothing: Quantity = quantity(0n)

/** May it still be changed: picked, amended, cancelled? */
export const isOpenDelivery = openWhile(deliveryKind)

/** Why nothing can be picked or shipped yet, as a part of a sentence. */
export function whyItWaits(delivery: { readonly problem: string | null }): string {
  return delivery.problem?.replace(/\.$/, '') ?? 'it waits for stock'
}

/** Has anybody picked anything? */
export function isBegun(delivery: { readonly lines: readonly DeliveryLine[] }): boolean {
  return delivery.lines.some((line) => line.picks.some((pick) => pick.picked !== null))
}

/** Was anything taken there? */
export function isPicked<One extends { readonly picked: Quantity | null }>(
  pick: One,
): pick is One & { readonly picked: Quantity } {
  return pick.picked !== null && pick.picked > 0n
}

/** How much more is picked there than is reserved. */
export function beyondOf({ quantity: reserved, picked }: Pick): Quantity {
  return atLeastZero(minus(picked ?? nothing, reserved))
}

/** What was picked of a line, in the base unit. */
export function pickedOf(line: DeliveryLine): Quantity {
  return quantity(line.picks.reduce((sum, { picked }) => sum + (picked ?? 0n), 0n))
}

/** What is still to be picked of a line, in the base unit; below zero where more is picked than is demanded. */
export function leftOf(line: DeliveryLine): Quantity {
  return minus(line.needed ?? nothing, pickedOf(line))
}

/** Where the delivery takes place: its warehouse until something is reserved, then the places of its picks. */
export function locationsOfDelivery(delivery: {
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
