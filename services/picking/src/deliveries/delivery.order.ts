/** Deliveries of orders and by hand: the first draft, what it needs of stock, and what a changed order changes. Pure. */
import { least, type Quantity } from '@stockline/amounts'
import { demandFieldsOf, type DemandFields } from '../orders/order.fields.ts'
import { lotOf, remainingLifeOf } from '../orders/order.details.ts'
import { headAfter, headOfBackorder, headOfOrder, newHead, ofNoOrder } from '../orders/order.head.ts'
import type { OrderPart, Wanted } from '../orders/order.quantities.ts'
import { amendmentProblem, type Order, type OrderContent } from '../orders/order.ts'
import { isFault, toBaseQuantity, waitOf, type ReferenceData } from '../products/product.ts'
import { putsBack } from './delivery.put-back.ts'
import { isBegun, isOpenDelivery, isPicked, nothing, pickedOf, type Delivery, type DeliveryLine } from './delivery.ts'

/** A delivery before it has a number. */
export type DeliveryDraft = Omit<Delivery, 'number'>

/** What is the same for every new one. */
const unpicked = { held: null, pickedBy: [], packed: false, scanLocation: null, needRevision: 0 } as const

/** What a delivery took out, or is to take, for its order. */
export function deliveryParts(
  { status, lines }: Pick<Delivery, 'status' | 'lines'>,
  referenceData: ReferenceData,
): readonly OrderPart[] {
  if (status === 'cancelled') return []
  return lines.flatMap((line): readonly OrderPart[] => {
    const { orderLine, sku, needed } = line
    if (orderLine === null) return []
    const base = referenceData.products.get(sku)?.unit ?? line.unit
    if (status === 'done') return [{ orderLine, sku, unit: base, quantity: pickedOf(line), state: 'done' }]
    const open = needed === null ? { unit: line.unit, quantity: line.quantity } : { unit: base, quantity: needed }
    return [{ orderLine, sku, ...open, state: 'open' }]
  })
}

/** A draft for what an order wants; undefined when it wants nothing. */
export function deliveryForOrder(
  order: Order,
  wanted: readonly Wanted[],
  given: { readonly id: string; readonly at: Date; readonly backorderOf: string | null },
  referenceData: ReferenceData,
): DeliveryDraft | undefined {
  if (wanted.length === 0) return undefined
  const head = { ...headOfOrder(order, given), ...ofContent(order.content), ...unpicked, orderedAt: order.confirmedAt }
  return withDemand({ ...head, lines: wanted.map((each) => lineOf(each, each.orderLine)) }, referenceData)
}

/** A draft made by hand. */
export function newDelivery(
  given: Pick<
    Delivery,
    'id' | 'warehouse' | 'source' | 'customer' | 'scheduledDate' | 'details' | 'createdAt' | keyof DemandFields
  >,
  wanted: readonly Omit<Wanted, 'orderLine' | 'unitPrice'>[],
  referenceData: ReferenceData,
): DeliveryDraft {
  const lines = wanted.map((each, index) => lineOf({ ...each, orderLine: null }, index + 1))
  const head = { ...newHead, ...ofNoOrder, ...unpicked, ...given, orderedAt: given.createdAt }
  return withDemand({ ...head, lines }, referenceData)
}

/** A draft for what a delivery left open, in the base unit. */
export function deliveryBackorder(
  delivery: Delivery,
  lines: readonly DeliveryLine[],
  id: string,
  at: Date,
): DeliveryDraft {
  const { held } = delivery
  return { ...headOfBackorder(delivery, id, at), ...unpicked, held, lines, status: 'waiting', needRevision: 1 }
}

/**
 * An open delivery after its order changed: what it needs is reserved anew, where it is reserved and another need. What was picked
 * stays; a line that is not wanted any more and was picked stays with nothing wanted, to be put back. With nothing left it is cancelled.
 */
export function amendDelivery(
  delivery: Delivery,
  order: Order,
  wanted: readonly Wanted[],
  referenceData: ReferenceData,
): Delivery {
  if (!isOpenDelivery(delivery))
    throw new Error(`${delivery.number} is ${delivery.status} and cannot follow its order.`)
  const head = {
    ...delivery,
    ...headAfter(order, delivery.details),
    ...ofContent(order.content),
    problem: null,
    held: null,
  }
  if (wanted.length === 0) return cancelledDelivery(head)
  const lines = mergeLines(delivery.lines, wanted, (orderLine) => lotOf(head.details, orderLine))
  const after = withDemand({ ...head, lines }, referenceData)
  if (isReserved(delivery) && isSameDemand(delivery, after))
    return { ...head, status: delivery.status, problem: delivery.problem, lines: delivery.lines }
  // A draft tells stock what it still wants of what it had: the rest is free at once.
  const frees = after.status === 'draft' && delivery.needRevision > 0
  return frees ? { ...after, needRevision: delivery.needRevision + 1 } : after
}

/** What a line of a draft still wants of what the delivery had before. */
export function stillWanted(before: Delivery, line: DeliveryLine): Quantity {
  const had = before.lines.find((one) => one.line === line.line && one.sku === line.sku)?.needed ?? nothing
  return least(line.needed ?? nothing, had)
}

/** Is it a draft that wants nothing of what it had? Then all of that is free, and its order begins anew. */
export function wantsNothingItHad(before: Delivery, after: Delivery): boolean {
  if (after.status !== 'draft' || before.needRevision === 0) return false
  return after.lines.every((line) => stillWanted(before, line) === 0n && pickedOf(line) === 0n)
}

/** A draft once more of its products or units are known: services go, and what it needs is told to stock. */
export function reconsiderDelivery(delivery: Delivery, referenceData: ReferenceData): Delivery {
  const lines = delivery.lines.filter((line) => referenceData.products.get(line.sku)?.type !== 'service')
  return lines.every((line) => line.quantity === 0n)
    ? cancelledDelivery(delivery)
    : withDemand({ ...delivery, lines }, referenceData)
}

/** The delivery without a future, whatever it was before. What is picked is to be put back, and stays reserved until it is. */
export function cancelledDelivery(delivery: Delivery): Delivery {
  const { needRevision } = delivery
  const ended = { problem: null, held: null, waitsFor: [], scanLocation: null }
  const cancelled: Delivery = { ...delivery, ...ended, status: 'cancelled' }
  if (!putsBack(cancelled)) return cancelled
  const lines = delivery.lines.map((line) => ({
    ...line,
    picks: line.picks.filter(isPicked),
  }))
  return { ...cancelled, needRevision: needRevision + 1, lines }
}

/** A cancelled delivery of which all is put back. */
export function endedDelivery(delivery: Delivery): Delivery {
  const lines = delivery.lines.map((line) => (line.picks.length === 0 ? line : { ...line, picks: [] }))
  return { ...cancelledDelivery({ ...delivery, lines }), lines }
}

/**
 * Puts the demand of every line into the base unit. Where all are known, its revision rises, and stock hears of it; else it is a draft
 * that says what it waits for.
 */
function withDemand<D extends DeliveryDraft>(delivery: D, referenceData: ReferenceData): D {
  const faults: string[] = []
  const lines = delivery.lines.map((line): DeliveryLine => {
    const product = referenceData.products.get(line.sku)
    if (product === undefined) return { ...line, needed: null }
    const base = toBaseQuantity(product, line.quantity, line.unit, referenceData.units)
    const lot = product.tracking === 'none' ? lotOf(delivery.details, line.orderLine) : null
    if (!isFault(base) && lot === null) return { ...line, needed: base }
    if (isFault(base)) faults.push(`line ${line.line}: the quantity ${base.fault}`)
    else faults.push(`line ${line.line}: lot ${String(lot)} is asked for, and ${line.sku} is not kept in lots`)
    return { ...line, needed: null }
  })
  const wait = waitOf(lines, referenceData)
  const problem = wait.problem ?? amendmentProblem(faults)
  if (problem !== null) return { ...delivery, status: 'draft', problem, waitsFor: wait.waitsFor, lines }
  const status = isBegun({ lines }) ? 'in_progress' : 'waiting'
  return { ...delivery, status, problem: null, waitsFor: [], needRevision: delivery.needRevision + 1, lines }
}

/** Has stock reserved what it demands? One that waits or is held is demanded anew, which takes nothing from it. */
function isReserved({ status, held }: Delivery): boolean {
  if (held !== null) return false
  return status === 'ready' || status === 'in_progress'
}

/** Is the demand the same? Nothing is reserved anew for a delivery of which only the note is another. */
function isSameDemand(before: Delivery, after: Delivery): boolean {
  const demandOf = ({ scheduledDate, details, lines, ...head }: Delivery) =>
    JSON.stringify([
      demandFieldsOf(head),
      scheduledDate,
      lines.map(({ line, sku, orderLine, quantity: wanted, unit, needed }) => {
        const { days, percent } = remainingLifeOf(details, orderLine) ?? {}
        return [line, sku, orderLine, String(wanted), unit, String(needed), lotOf(details, orderLine), days, percent]
      }),
    ])
  return demandOf(before) === demandOf(after)
}

function ofContent(content: OrderContent): Pick<Delivery, 'customer' | keyof DemandFields> {
  return { customer: content.partner, ...demandFieldsOf(content) }
}

/** A delivery has no prices. */
function lineOf(
  { sku, quantity: wanted, unit, orderLine }: Pick<DeliveryLine, 'orderLine' | 'sku' | 'quantity' | 'unit'>,
  line: number,
  picks: DeliveryLine['picks'] = [],
): DeliveryLine {
  return { line, orderLine, sku, quantity: wanted, unit, needed: null, picks }
}

/** What was picked of another lot than a line asks for by now is not of that line any more. */
function mergeLines(
  lines: readonly DeliveryLine[],
  wanted: readonly Wanted[],
  lotFor: (orderLine: number | null) => string | null,
): readonly DeliveryLine[] {
  const open = new Map<number | null, Wanted>(wanted.map((each) => [each.orderLine, each]))
  const kept = lines.flatMap((line): readonly DeliveryLine[] => {
    const picks = line.picks.filter((pick) => pick.picked !== null).map((pick) => ({ ...pick, quantity: nothing }))
    const same = open.get(line.orderLine)
    const lot = lotFor(line.orderLine)
    const fits = lot === null || picks.every((pick) => pick.lot === lot || pick.picked === 0n)
    if (same?.sku === line.sku && fits && open.delete(line.orderLine)) return [lineOf(same, line.line, picks)]
    return pickedOf(line) === 0n ? [] : [{ ...line, orderLine: null, quantity: nothing, picks }]
  })
  const taken = new Set(kept.map((line) => line.line))
  const reserved = new Set(wanted.map((each) => each.orderLine))
  const added = [...open.values()].map((each) => {
    let line = each.orderLine
    if (taken.has(line)) for (line = 1; taken.has(line) || reserved.has(line); line += 1);
    taken.add(line)
    return lineOf(each, line)
  })
  return [...kept, ...added].sort((a, b) => a.line - b.line)
}
