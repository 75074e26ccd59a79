/** Shipping: what the ledger is asked, its answer, what is left open, and cancelling. A step already taken is no error. Pure. */
import { formatQuantity, quantity } from '@stockline/amounts'
import { refuse, type FieldFault, type Refusal } from '@stockline/service-kit/refusal'
import type { Catalog } from '../products/product.ts'
import { cancelledDelivery } from './delivery.order.ts'
import {
  isBegun,
  mostLines,
  pickedOf,
  whyItWaits,
  type Delivery,
  type DeliveryLine,
  type Remainder,
} from './delivery.ts'

/** A line of what the ledger is asked to take: one per pick. */
export interface PostingLine {
  readonly line: number
  readonly documentLine: number
  readonly sku: string
  readonly quantity: string
  readonly lot?: string
  readonly location: string
  readonly category: string
}

/** What the person said on validating. */
export interface ShippingChoice {
  readonly remainder?: Remainder | undefined
  readonly effectiveAt?: Date | undefined
}

/** Is it already through validation, so that a second tap is no error? */
export function isShipped(delivery: Delivery): boolean {
  return delivery.status === 'posting' || delivery.status === 'done'
}

/** Asks the ledger to take what was picked. */
export function shipDelivery(
  delivery: Delivery,
  choice: ShippingChoice,
  catalog: Catalog,
): { readonly delivery: Delivery; readonly posting: readonly PostingLine[] } | Refusal {
  if (delivery.status === 'cancelled') return refuse('delivery-cancelled', 'state', `${delivery.number} is cancelled.`)
  if (delivery.status !== 'ready' && delivery.status !== 'in_progress')
    return refuse('delivery-not-ready', 'state', `${delivery.number} cannot be shipped yet: ${whyItWaits(delivery)}.`)
  const picked = delivery.lines.filter((line) => pickedOf(line) > 0n)
  if (picked.length === 0)
    return refuse('delivery-is-empty', 'state', `Nothing is picked for ${delivery.number}: pick first, or cancel it.`)
  const over = picked.flatMap((line) => overFault(line))
  if (over.length > 0)
    return refuse(
      'delivery-overpicked',
      'state',
      `More is picked for ${delivery.number} than is wanted: put it back.`,
      over,
    )
  const whole = wholeRefusal(delivery, choice, catalog)
  if (whole !== undefined) return whole
  const posting = postingLines(picked, catalog)
  if ('refused' in posting) return posting
  return {
    posting: posting.lines,
    delivery: {
      ...delivery,
      status: 'posting',
      returnsTo: delivery.status,
      attempt: delivery.attempt + 1,
      remainder: choice.remainder ?? 'backorder',
      effectiveAt: choice.effectiveAt ?? delivery.effectiveAt,
      scanLocation: null,
      problem: null,
    },
  }
}

/** The unit that a product is kept in; undefined where nobody told. */
export type BaseUnitOf = (sku: string) => string | undefined

/** Lines for a backorder: what was not shipped, in the base unit; none when it was closed. */
export function remainderOf(delivery: Delivery, baseUnitOf: BaseUnitOf): readonly DeliveryLine[] {
  if (delivery.remainder === 'close') return []
  return delivery.lines.flatMap((line) => {
    const left = leftOf(line)
    if (left <= 0n) return []
    const needed = quantity(left)
    return [{ ...line, quantity: needed, needed, unit: baseUnitOf(line.sku) ?? line.unit, picks: [] }]
  })
}

/** Cancels before posting. What somebody has begun takes a supervisor. Undefined when it is cancelled already. */
export function cancelDelivery(delivery: Delivery, mayCancelInProgress: boolean): Delivery | Refusal | undefined {
  switch (delivery.status) {
    case 'cancelled':
      return undefined
    case 'posting':
    case 'done':
      return refuse(
        'delivery-posted',
        'state',
        `${delivery.number} is ${delivery.status} and cannot be cancelled any more.`,
      )
    case 'draft':
    case 'waiting':
    case 'ready':
    case 'in_progress':
      // One that lost its reservation waits again, with what was picked still off the shelf.
      if (isBegun(delivery) && !mayCancelInProgress)
        return refuse(
          'cancel-forbidden',
          'forbidden',
          `Somebody has begun to pick ${delivery.number}: only a supervisor or a manager may cancel it.`,
        )
      return cancelledDelivery(delivery)
  }
}

/** An order that goes whole or not at all goes in part only when somebody says what becomes of the rest. */
function wholeRefusal(delivery: Delivery, choice: ShippingChoice, catalog: Catalog): Refusal | undefined {
  if (delivery.allowPartial || choice.remainder !== undefined) return undefined
  const open = delivery.lines.filter((line) => pickedOf(line) < (line.needed ?? 0n))
  if (open.length === 0) return undefined
  const left = new Map<string, bigint>()
  for (const line of open) left.set(line.sku, (left.get(line.sku) ?? 0n) + leftOf(line))
  const told = (sku: string, amount: bigint) =>
    [formatQuantity(quantity(amount)), catalog.products.get(sku)?.unit ?? '', 'of', sku].filter(Boolean).join(' ')
  const shown = [...left].slice(0, 5).map(([sku, amount]) => told(sku, amount))
  const rest = left.size > 5 ? ` and ${left.size - 5} more` : ''
  const are = left.size > 1 ? 'are not picked. Pick them' : 'is not picked. Pick it'
  return refuse(
    'delivery-goes-whole',
    'state',
    `${delivery.number} goes whole or not at all: ${shown.join(', ')}${rest} ${are}, or say what becomes of the remainder.`,
    open.map((line) => ({
      pointer: `/lines/${line.line}`,
      message: `${told(line.sku, leftOf(line))} is not picked`,
    })),
  )
}

/** What is still to be picked of a line, in the base unit. */
function leftOf(line: DeliveryLine): bigint {
  return (line.needed ?? 0n) - pickedOf(line)
}

function overFault(line: DeliveryLine): readonly FieldFault[] {
  const over = pickedOf(line) - (line.needed ?? 0n)
  if (over <= 0n) return []
  return [{ pointer: `/lines/${line.line}`, message: `put back ${formatQuantity(quantity(over))} of ${line.sku}` }]
}

function postingLines(
  picked: readonly DeliveryLine[],
  catalog: Catalog,
): { readonly lines: readonly PostingLine[] } | Refusal {
  const unknown = picked.filter((line) => !catalog.products.has(line.sku))
  if (unknown.length > 0)
    return refuse('product-unknown', 'state', `Not known: ${unknown.map((line) => line.sku).join(', ')}.`)
  const all = picked.flatMap((line) =>
    line.picks.flatMap((pick) =>
      pick.picked === null || pick.picked === 0n ? [] : [{ line, pick, picked: pick.picked }],
    ),
  )
  if (all.length > mostLines)
    return refuse(
      'delivery-too-long',
      'state',
      `A document has at most 1,000 picks; this one has ${all.length}. Ship it in parts.`,
    )
  return {
    lines: all.map(({ line, pick, picked: amount }, index) => ({
      line: index + 1,
      documentLine: line.line,
      sku: line.sku,
      quantity: formatQuantity(amount),
      ...(pick.lot === null ? {} : { lot: pick.lot }),
      location: pick.location,
      category: catalog.products.get(line.sku)?.category ?? '',
    })),
  }
}
