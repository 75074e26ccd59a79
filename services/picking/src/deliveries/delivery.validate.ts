/** Shipping: posting, what is left open, and cancelling. A step that was taken already is no error. Pure. */
import type { DeliveryValidated } from '@stockline/contracts'
import { formatQuantity, quantity } from '@stockline/amounts'
import { isRefusal, refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import {
  effectiveAtRefusal,
  inAnyVersion,
  nothingLeft,
  type Decided,
  type Facts,
} from '../documents/document.decide.ts'
import { mostLines } from '../documents/document.fields.ts'
import type { reasonBody } from '../documents/document.shapes.actions.ts'
import { listed } from '../documents/document.text.ts'
import { isInUse, packingFaults, type Package } from '../packages/package.ts'
import type { ReferenceData } from '../products/product.ts'
import { cancelledDelivery } from './delivery.order.ts'
import type { shipBody } from './delivery.shapes.api.ts'
import { deliveryValidated, type DeliveryEvent } from './delivery.events.ts'
import { isBegun, isPicked, leftOf, pickedOf, whyItWaits, type Delivery, type DeliveryLine } from './delivery.ts'

/** The body of a request to validate. */
type Choice = z.output<typeof shipBody>
type Reason = z.output<typeof reasonBody>

/** Operator's step: what was picked goes to the ledger. */
export function shipDelivery(
  delivery: Delivery,
  choice: Choice,
  known: Facts & { readonly packages?: readonly Package[] },
): Decided<Delivery, DeliveryEvent> {
  const { remainder, effectiveAt, ...rest } = choice
  nothingLeft(rest)
  if (delivery.status === 'posting' || delivery.status === 'done') return 'already'
  if (delivery.status === 'cancelled')
    return inAnyVersion(refuse('delivery-cancelled', 'state', `${delivery.number} is cancelled.`))
  const lines = effectiveAtRefusal(effectiveAt, known) ?? shippable(delivery, remainder, known.referenceData)
  if (isRefusal(lines)) return lines
  const unpacked = packingRefusal(delivery, known.packages ?? [])
  if (unpacked !== undefined) return unpacked
  const document: Delivery = {
    ...delivery,
    status: 'posting',
    returnsTo: delivery.status === 'ready' ? 'ready' : 'in_progress',
    attempt: delivery.attempt + 1,
    remainder: remainder ?? 'backorder',
    effectiveAt: effectiveAt ?? delivery.effectiveAt,
    scanLocation: null,
    problem: null,
  }
  return {
    document,
    notes: [{ what: 'validated', why: null }],
    events: [deliveryValidated(document, lines, known.packages)],
  }
}

/** Packages go whole, and all that goes is in them: otherwise nobody could tell what is where. */
function packingRefusal(delivery: Delivery, packages: readonly Package[]): Refusal | undefined {
  if (!packages.some(isInUse)) return undefined
  const faults = packingFaults(delivery, packages)
  if (faults.length === 0) return undefined
  return refuse('packages-differ', 'state', `${delivery.number} is not packed as it is picked.`, faults)
}

/** What the ledger is to ship, or the first refusal in order of precedence. */
function shippable(
  delivery: Delivery,
  remainder: Choice['remainder'],
  referenceData: ReferenceData,
): DeliveryValidated['lines'] | Refusal {
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
  return wholeRefusal(delivery, remainder, referenceData) ?? shippedLines(picked, referenceData)
}

/** The unit that a product is kept in; undefined where the product is not known. */
export type BaseUnitOf = (sku: string) => string | undefined

/** Lines for a backorder: what was not shipped, in the base unit; none when it was closed. */
export function deliveryRemainder(delivery: Delivery, baseUnitOf: BaseUnitOf): readonly DeliveryLine[] {
  if (delivery.remainder === 'close') return []
  return delivery.lines.flatMap((line) => {
    const needed = leftOf(line)
    if (needed <= 0n) return []
    return [{ ...line, quantity: needed, needed, unit: baseUnitOf(line.sku) ?? line.unit, picks: [] }]
  })
}

/** Cancels before posting. Once it is begun, only a supervisor may. Its reservations are free. */
export function cancelDelivery(delivery: Delivery, { reason, ...rest }: Reason, { may }: Facts): Decided<Delivery> {
  nothingLeft(rest)
  switch (delivery.status) {
    case 'cancelled':
      return 'already'
    case 'posting':
    case 'done':
      return inAnyVersion(
        refuse(
          'delivery-posted',
          'state',
          `${delivery.number} is ${delivery.status} and cannot be cancelled any more.`,
        ),
      )
    case 'draft':
    case 'waiting':
    case 'ready':
    case 'in_progress':
      // One that lost its reservation waits again, with what was picked.
      if (isBegun(delivery) && !may('delivery.cancel-in-progress'))
        return inAnyVersion(
          refuse(
            'cancel-forbidden',
            'forbidden',
            `Somebody has begun to pick ${delivery.number}: only a supervisor or a manager may cancel it.`,
          ),
        )
      return { document: cancelledDelivery(delivery), notes: [{ what: 'cancelled', why: reason }] }
  }
}

/** An order that goes whole or not at all goes in part only where the request names what becomes of the remainder. */
function wholeRefusal(
  delivery: Delivery,
  remainder: Choice['remainder'],
  referenceData: ReferenceData,
): Refusal | undefined {
  if (delivery.allowPartial || remainder !== undefined) return undefined
  const open = delivery.lines.filter((line) => leftOf(line) > 0n)
  if (open.length === 0) return undefined
  const left = new Map<string, bigint>()
  for (const line of open) left.set(line.sku, (left.get(line.sku) ?? 0n) + leftOf(line))
  const amountText = (sku: string, amount: bigint) =>
    [formatQuantity(quantity(amount)), referenceData.products.get(sku)?.unit, 'of', sku].filter(Boolean).join(' ')
  const shown = [...left].map(([sku, amount]) => amountText(sku, amount))
  const are = left.size > 1 ? 'are not picked. Pick them' : 'is not picked. Pick it'
  return refuse(
    'delivery-goes-whole',
    'state',
    `${delivery.number} goes whole or not at all: ${listed(shown, 5)} ${are}, or say what becomes of the remainder.`,
    open.map((line) => ({
      pointer: `/lines/${line.line}`,
      message: `${amountText(line.sku, leftOf(line))} is not picked`,
    })),
  )
}

function overFault(line: DeliveryLine): readonly FieldError[] {
  const over = 0n - leftOf(line)
  if (over <= 0n) return []
  return [{ pointer: `/lines/${line.line}`, message: `put back ${formatQuantity(quantity(over))} of ${line.sku}` }]
}

function shippedLines(
  picked: readonly DeliveryLine[],
  referenceData: ReferenceData,
): DeliveryValidated['lines'] | Refusal {
  const unknown: string[] = []
  const all = picked.flatMap((line) => {
    const product = referenceData.products.get(line.sku)
    if (product === undefined) unknown.push(line.sku)
    return product === undefined ? [] : line.picks.filter(isPicked).map((pick) => ({ line, pick, product }))
  })
  if (unknown.length > 0) return refuse('product-unknown', 'state', `Not known: ${unknown.join(', ')}.`)
  if (all.length > mostLines)
    return refuse(
      'delivery-too-long',
      'state',
      `A document has at most 1,000 picks; this one has ${all.length}. Ship it in parts.`,
    )
  return all.map(({ line, pick, product }, index) => ({
    line: index + 1,
    documentLine: line.line,
    sku: line.sku,
    quantity: formatQuantity(pick.picked),
    ...(pick.lot === null ? {} : { lot: pick.lot }),
    location: pick.location,
    category: product.category,
    ...(line.orderLine === null ? {} : { orderLine: line.orderLine }),
  }))
}
