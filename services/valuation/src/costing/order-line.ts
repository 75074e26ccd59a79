/**
 * The parts of an order's line are rounded together: each is worth the rounded value of all that has come, less what was booked
 * before. So they sum to the line, however many there are. Each part has the price that it came with. Pure.
 */
import {
  addExact,
  atLeastZero,
  evenValueOf,
  exactOf,
  exactValueOf,
  minus,
  nothingExact,
  plus,
  ratio,
  roundExact,
  sameExact,
  zero,
  type ExactValue,
  type Money,
} from '@stockline/amounts'
import type { Line, OrderData } from '../inputs/input.ts'

/** Which line of which order, and of which product: an order's line may change it. */
export interface OrderLineName extends OrderData {
  readonly orderLine: number
  readonly productId: string
}

/**
 * What has come of an order's line and what of that is booked. Counted from the first part on that did not come out even: before it
 * there was nothing to carry over, and most lines never have one.
 */
export interface OrderLineValue extends OrderLineName {
  /** The move of that first part. It names the order's line on the lines of entries. */
  readonly openedBy: string
  /** Worth of what was entered. A third of a box is a third. */
  readonly exact: ExactValue
  /** Worth of what it counted as on the order's line, where the parts of a box sum to a box. */
  readonly counted: ExactValue
  /** What is booked. */
  readonly value: Money
}

/** The same text for the same line. A number has no control characters; a source may have any. */
export function orderLineKey({ source, orderNumber, orderLine, productId }: OrderLineName): string {
  return `${productId} ${String(orderLine)} ${orderNumber}\n${source}`
}

/** A line that is a part of its order's line, at the order's price. */
type Priced = Line & { readonly part: NonNullable<Line['part']>; readonly price: NonNullable<Line['price']> }

/** Is it a part of an order's line, with the order's price? */
export function isPricedPart(line: Line): line is Priced {
  return line.part !== null && line.price !== null
}

/**
 * What a part is worth by itself, where it comes out even, in the unit of the order: the others carry nothing over to it, nor it to
 * them, so that the order's line need not be known. Null for any other part.
 */
export function evenPart({ part, price }: Priced, minorDigits: number): Money | null {
  return part.quantity === null ? evenValueOf(price.entered, price.ratio, price.unitPrice, minorDigits) : null
}

/** What a part that is not even is worth, and the order's line after it; undefined while all has come out even. */
export function bookPart(
  before: OrderLineValue | undefined,
  of: OrderLineName,
  { move, part: { quantity, completes }, price }: Priced,
  minorDigits: number,
): { readonly value: Money; readonly after: OrderLineValue | undefined } {
  const entered = exactValueOf(price.entered, price.ratio, price.unitPrice)
  const share = quantity === null ? entered : exactValueOf(quantity, one, price.unitPrice)
  const exact = addExact(before?.exact ?? nothingExact, entered)
  const counted = addExact(before?.counted ?? nothingExact, share)
  const booked = before?.value ?? zero.money
  // Once all has come, what it counted as is the truth, and what comes after that adds to it.
  const due = roundExact(completes ? counted : exact, minorDigits)
  const value = atLeastZero(minus(due, booked))
  const total = plus(booked, value)
  const even = exactOf(total, minorDigits)
  if (before === undefined && sameExact(exact, even) && sameExact(counted, even)) return { value, after: undefined }
  const head = { ...of, openedBy: before?.openedBy ?? move }
  // No part is worth less than nothing: what was booked too much is the line's worth then.
  if (due < booked) return { value, after: { ...head, exact: even, counted: even, value: total } }
  return { value, after: { ...head, exact: completes ? counted : exact, counted, value: total } }
}

const one = ratio(1n, 1n)
