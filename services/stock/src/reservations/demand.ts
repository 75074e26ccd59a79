/** Demands: their order, and what they wait for. */
import { companyDate, minus, plus, type Quantity, zero } from '@stockline/amounts'
import type { LineFault, DemandRequest } from '../ledger/request.ts'
import { otherUnitFault, tooPreciseFault } from '../ledger/posting.ts'
import type { WorkingSet } from '../ledger/working-set.ts'
import type { Demand, Supply } from '../ledger/stock.ts'
import { compareText, noDate } from './removal.ts'

/** What is reserved travels as one event, which holds no more picks than this. */
export const mostPicks = 2000
/** In millionths. */
const mostPieces = BigInt(mostPicks) * 1_000_000n

/** What the order of demands, and of transfers among them, depends on. */
export type DemandOrder = Pick<Demand, 'priority' | 'scheduledDate' | 'orderedAt' | 'documentId'>

/** Demand order: priority, scheduled date (none is last), order time, id. */
export function compareDemands(a: DemandOrder, b: DemandOrder): number {
  return (
    a.priority - b.priority ||
    compareText(a.scheduledDate ?? noDate, b.scheduledDate ?? noDate) ||
    a.orderedAt - b.orderedAt ||
    compareText(a.documentId, b.documentId)
  )
}

/** Has that time passed, or that day where the company is? */
export function hasPassed(until: string, at: number, timeZone: string): boolean {
  return until.includes('T') ? Date.parse(until) <= at : companyDate(timeZone, new Date(at)) > until
}

/** Until when an amended demand is reserved. Who asks again once that has passed is bound by it no more. */
export function reserveUntilOf(
  { reserveUntil, askedAt }: Pick<DemandRequest, 'reserveUntil' | 'askedAt'>,
  timeZone: string,
): string | null {
  if (reserveUntil === undefined) return null
  return askedAt !== undefined && hasPassed(reserveUntil, askedAt, timeZone) ? null : reserveUntil
}

/** A demand that has nothing yet. */
export function newDemand(request: DemandRequest, lines: Demand['lines']): Demand {
  const { documentId, number, warehouse, revision, priority, scheduledDate, orderedAt, allowPartial } = request
  const { order = null, held = null, reserveUntil = null } = request
  return {
    ...{ documentId, number, warehouse, revision, priority, scheduledDate, orderedAt, allowPartial },
    ...{ order, held, reserveUntil },
    status: 'open',
    lines,
    allocations: [],
    reservedSince: null,
    waitsFor: [],
    storedRevision: 0,
  }
}

/** Puts what is asked now in place of what was asked before. What asks for nothing new ends no hold. */
export function amendDemand(demand: Demand, request: DemandRequest, lines: Demand['lines'], timeZone: string): Demand {
  const { revision, priority, scheduledDate, orderedAt, allowPartial, order = demand.order } = request
  const held = request.held ?? (request.asks === false ? demand.held : null)
  const reserveUntil = reserveUntilOf(request, timeZone)
  const head = { revision, priority, scheduledDate, orderedAt, allowPartial, order, held, reserveUntil }
  return Object.assign(demand, { ...head, lines })
}

/** Are all its lines reserved in full? One that is held lacks something. */
export function isComplete(demand: Demand): boolean {
  return demand.held === null && demand.waitsFor.length === 0 && demand.allocations.length > 0
}

/** Makes the demand wait for these supplies only. One that is held waits for nothing. */
export function awaitSupplies(demand: Demand, asked: readonly Supply[]): void {
  const supplies = demand.held === null ? asked : []
  for (const supply of demand.waitsFor) {
    const at = supply.waiting.indexOf(demand)
    if (at >= 0) supply.waiting.splice(at, 1)
  }
  for (const supply of supplies) supply.waiting.splice(indexInOrder(supply.waiting, demand), 0, demand)
  demand.waitsFor = supplies
}

/** Less of the supply's product than this is of no use to a demand that takes all or nothing; zero where it allows part. */
export function leastUseful(demand: Demand, supply: Supply): Quantity {
  if (demand.allowPartial) return zero.quantity
  let asked = zero.quantity
  for (const { product, quantity } of demand.lines) if (product === supply.product) asked = plus(asked, quantity)
  // What is picked for it, it has.
  for (const { quant, quantity } of demand.allocations)
    if (quant.product === supply.product) asked = minus(asked, quantity)
  return asked
}

function indexInOrder(waiting: readonly Demand[], demand: Demand): number {
  let low = 0
  let high = waiting.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = waiting[middle]
    if (other !== undefined && compareDemands(other, demand) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The lines of a demand, or all faults of the request. */
export function demandLines(
  workingSet: WorkingSet,
  request: DemandRequest,
): Pick<Demand, 'lines'> | { faults: LineFault[] } {
  const lines: Demand['lines'][number][] = []
  const faults: LineFault[] = []
  let pieces = 0n
  for (const { line, sku, quantity, unit, lot = null, life } of request.lines) {
    const product = workingSet.products.get(sku)
    const otherUnit = product && otherUnitFault({ unit }, product)
    const tooPrecise = product && tooPreciseFault(quantity, product)
    const fault = (code: string, message: string) => faults.push({ line, code, message })
    if (product === undefined) fault('unknown-product', `No product has the sku ${sku}.`)
    else if (product.type === 'service') fault('product-is-service', `${sku} is a service: it has no stock.`)
    else if (otherUnit !== undefined) fault('unit-changed', otherUnit)
    else if (lot !== null && product.tracking === 'none')
      fault('lot-not-tracked', `${sku} is not tracked by lot: no lot of it can be reserved.`)
    else if (tooPrecise !== undefined) fault('quantity-too-precise', tooPrecise)
    else lines.push(life === undefined ? { line, product, quantity, lot } : { line, product, quantity, lot, life })
    if (product?.tracking === 'serial') pieces += quantity
    if (!request.allowPartial && pieces > mostPieces)
      fault('too-many-serial-numbers', `A delivery holds at most ${String(mostPicks)} serial numbers: split it.`)
  }
  return faults.length > 0 ? { faults } : { lines }
}
