/**
 * Who gets stock. A whole delivery or nothing, unless it allows part; what arrives is offered in demand order; what is
 * gone is taken from the least urgent.
 */
import { atLeastZero, least, minus, negative, plus, type Quantity, zero } from '@stockline/amounts'
import { lotObstacle, unreservedOf } from '../availability/available.ts'
import { availableTo, lifeJudgedOn, lifeObstacle, livesAsked, mostAskingFirst } from './remaining-life.ts'
import { supplyOf, type WorkingSet } from '../ledger/working-set.ts'
import { addReserved } from '../ledger/quant.ts'
import type { Transfer } from '../transfers/transfer.ts'
import { compareDemands, type DemandOrder, leastUseful, mostPicks, awaitSupplies } from './demand.ts'
import { compareQuants } from './removal.ts'
import type { PickFault } from './picked.ts'
import type { DemandRequest } from '../ledger/request.ts'
import type { Allocation, Demand, Quant, Supply } from '../ledger/stock.ts'

/** Allocates to a demand what it lacks, unless it is held. True if it has more than before. It waits for what it is still short of. */
export function reserve(workingSet: WorkingSet, demand: Demand): boolean {
  if (demand.held !== null) return false
  return demand.allowPartial ? reserveWhatThereIs(workingSet, demand) : reserveAllOrNothing(workingSet, demand)
}

/**
 * Allocates to a demand what was picked for it, as far as no other demand has reserved it. These allocations stay even where the rest
 * of the demand cannot be reserved. Call it on a demand without allocations.
 */
export function reservePicked(workingSet: WorkingSet, demand: Demand, asked: DemandRequest['lines']): void {
  const allocations: Allocation[] = []
  const on = lifeJudgedOn(demand.scheduledDate, workingSet.today)
  for (const { line, sku, quantity, life, picked = [] } of asked) {
    const product = workingSet.products.get(sku)
    const quants = product && workingSet.quants.get(product.id)
    let left = quantity
    for (const { location, lot, quantity: taken } of picked)
      for (const quant of quants?.values() ?? []) {
        const isThere = quant.location.code === location && (quant.lot?.code ?? null) === lot
        if (!isThere || quant.supply?.warehouse !== demand.warehouse) continue
        if (lifeObstacle(quant.lot, life, on) !== undefined) continue
        const part = least(least(unreservedOf(quant), taken), left)
        if (part <= 0n) continue
        addReserved(quant, part)
        allocations.push({ line, quant, quantity: part })
        left = minus(left, part)
      }
  }
  demand.allocations = allocations
}

/**
 * Releases all that a demand has; it waits for nothing. Returns the supplies of what it had, also where deliveries can have no more of
 * it: transfers take from there, too.
 */
export function releaseAllocations(workingSet: WorkingSet, demand: Demand): Set<Supply> {
  const increased = releaseThose(workingSet, demand, demand.allocations)
  demand.allocations = []
  awaitSupplies(demand, [])
  return increased
}

function releaseThose(workingSet: WorkingSet, { warehouse }: Demand, allocations: readonly Allocation[]): Set<Supply> {
  for (const { quant, quantity } of allocations) addReserved(quant, negative(quantity))
  return new Set(allocations.map(({ quant }) => quant.supply ?? supplyOf(workingSet, quant.product, warehouse)))
}

/** What an offer came to. */
export interface OfferResult {
  /** They have more than before, in demand order. */
  readonly served: readonly Demand[]
  /** All that it was offered to: they may wait for another product now. */
  readonly asked: readonly Demand[]
}

/**
 * Offers what is available of these supplies to those that wait for it, in demand order.
 *
 * @param transfers those that wait for the same products: each has its turn among the demands
 * @param setOut tries to let a transfer set out
 */
export function offer(
  workingSet: WorkingSet,
  supplies: ReadonlySet<Supply>,
  transfers: readonly Transfer[] = [],
  setOut: (transfer: Transfer) => unknown = () => undefined,
): OfferResult {
  const open = [...supplies].filter((supply) => supply.available > 0n)
  const served: Demand[] = []
  const asked: Demand[] = []
  for (const demand of inTurn(inDemandOrder(open), transfers)) {
    if (open.some((supply) => isBeyondHorizon(supply, demand))) break
    if ('destination' in demand) {
      setOut(demand)
      continue
    }
    if (!demand.waitsFor.some((supply) => isOfUse(supply, demand))) continue
    asked.push(demand)
    if (reserve(workingSet, demand)) served.push(demand)
  }
  for (const supply of open) if (supply.horizon !== null && supply.available > 0n) workingSet.exhausted.add(supply)
  return { served, asked }
}

/** A demand that lost what it had of quants from which stock has gone. */
export interface Loss {
  readonly demand: Demand
  readonly gone: readonly Quant[]
}

/**
 * After stock has gone from quants: releases the least urgent allocations of them until the rest is covered. Those demands wait again.
 * The least urgent of all quants together come first, so that who loses does not depend on the order of the quants.
 *
 * @returns the demands that lost, least urgent first, and all supplies that have more available
 */
export function releaseUncovered(
  workingSet: WorkingSet,
  quants: ReadonlySet<Quant>,
): { readonly losses: readonly Loss[]; readonly increased: ReadonlySet<Supply> } {
  const losses: Loss[] = []
  const increased = new Set<Supply>()
  const uncovered = new Set([...quants].filter(isUncovered))
  for (const demand of uncovered.size === 0 ? [] : holdersOf(workingSet, uncovered)) {
    const gone = [...uncovered].filter((quant) => isUncovered(quant) && holds(demand, quant))
    if (gone.length === 0) continue
    const released = demand.allowPartial
      ? releaseWhere(workingSet, demand, (one) => gone.includes(one.quant))
      : releaseAllocations(workingSet, demand)
    for (const supply of released) increased.add(supply)
    const missing = gone.map((quant) => quant.supply ?? supplyOf(workingSet, quant.product, demand.warehouse))
    awaitSupplies(demand, [...new Set([...demand.waitsFor, ...missing])])
    losses.push({ demand, gone })
  }
  return { losses, increased }
}

const isUncovered = ({ reserved, onHand }: Quant): boolean => reserved > atLeastZero(onHand)

const holds = ({ allocations }: Demand, quant: Quant): boolean => allocations.some((one) => one.quant === quant)

/** The demands that have something of any of these quants, least urgent first. */
function holdersOf({ demands }: WorkingSet, quants: ReadonlySet<Quant>): readonly Demand[] {
  return [...demands.values()]
    .filter(({ allocations }) => allocations.some(({ quant }) => quants.has(quant)))
    .sort((a, b) => compareDemands(b, a))
}

/** Why an allocation of the demand cannot stay: its lot is held, has expired, or has too little of its life left. */
function obstaclesOf({ today }: WorkingSet, demand: Demand) {
  const lives = livesAsked(demand)
  const on = lifeJudgedOn(demand.scheduledDate, today)
  return ({ line, quant }: Allocation) => lotObstacle(quant.lot, today) ?? lifeObstacle(quant.lot, lives?.get(line), on)
}

/** What a demand has of lots that it cannot have any more, with the reason. */
export function withdrawnPicks(workingSet: WorkingSet, demand: Demand): readonly PickFault[] {
  const obstacleTo = obstaclesOf(workingSet, demand)
  return demand.allocations.flatMap((allocation): readonly PickFault[] => {
    const { line, quant, quantity } = allocation
    const obstacle = obstacleTo(allocation)
    if (obstacle === undefined) return []
    const { code, message } = obstacle
    return [{ line, location: quant.location.code, lot: quant.lot?.code ?? null, quantity, code, message }]
  })
}

/**
 * Releases what a demand has of lots that it cannot have any more: of one that allows no part, all it has. Returns the supplies of
 * what it had: a transfer that names such a lot may take it.
 */
export function releaseWithdrawn(workingSet: WorkingSet, demand: Demand): Set<Supply> {
  if (!demand.allowPartial) return releaseAllocations(workingSet, demand)
  const obstacleTo = obstaclesOf(workingSet, demand)
  return releaseWhere(workingSet, demand, (allocation) => obstacleTo(allocation) !== undefined)
}

function releaseWhere(workingSet: WorkingSet, demand: Demand, goes: (one: Allocation) => boolean): Set<Supply> {
  const released = releaseThose(workingSet, demand, demand.allocations.filter(goes))
  demand.allocations = demand.allocations.filter((one) => !goes(one))
  return released
}

function isOfUse(supply: Supply, demand: Demand): boolean {
  return supply.available > 0n && supply.available >= leastUseful(demand, supply)
}

function inTurn(demands: readonly Demand[], transfers: readonly Transfer[]): readonly (Demand | Transfer)[] {
  return transfers.length === 0 ? demands : [...demands, ...transfers].sort(compareDemands)
}

function isBeyondHorizon(supply: Supply, demand: DemandOrder): boolean {
  return supply.horizon !== null && supply.available > 0n && compareDemands(demand, supply.horizon) > 0
}

function inDemandOrder(supplies: readonly Supply[]): readonly Demand[] {
  const [only, ...more] = supplies
  if (only === undefined) return []
  if (more.length === 0) return [...only.waiting]
  return [...new Set(supplies.flatMap((supply) => supply.waiting))].sort(compareDemands)
}

function reserveAllOrNothing(workingSet: WorkingSet, demand: Demand): boolean {
  const held = demand.allocations
  const asked = new Map<Supply, Quantity>()
  const ofLots = new Map<string, Quantity>()
  const on = lifeJudgedOn(demand.scheduledDate, workingSet.today)
  for (const line of demand.lines) {
    const missing = minus(line.quantity, allocatedFor(held, line.line))
    if (missing <= 0n) continue
    const supply = supplyOf(workingSet, line.product, demand.warehouse)
    const total = plus(asked.get(supply) ?? zero.quantity, missing)
    if (total > supply.available || isBeyondItsLots(supply, line, missing, { on, ofLots })) {
      awaitSupplies(demand, [supply])
      return false
    }
    asked.set(supply, total)
  }
  const allocations: Allocation[] = []
  let isWhole = true
  for (const line of mostAskingFirst(demand.lines)) {
    const missing = minus(line.quantity, allocatedFor(held, line.line))
    if (missing <= 0n) continue
    const taken = take(supplyOf(workingSet, line.product, demand.warehouse), line, on, missing, allocations)
    isWhole &&= taken === missing
  }
  if (!isWhole || held.length + allocations.length > mostPicks) {
    // Its lines want the same lots, or it is in more parts than one event can hold: then it waits for stock that lies together.
    for (const { quant, quantity } of allocations) addReserved(quant, negative(quantity))
    awaitSupplies(demand, [...asked.keys()])
    return false
  }
  if (allocations.length > 0) demand.allocations = held.length === 0 ? allocations : merged([...held, ...allocations])
  awaitSupplies(demand, [])
  return allocations.length > 0
}

function reserveWhatThereIs(workingSet: WorkingSet, demand: Demand): boolean {
  const allocations = [...demand.allocations]
  const short = new Set<Supply>()
  const on = lifeJudgedOn(demand.scheduledDate, workingSet.today)
  for (const line of mostAskingFirst(demand.lines)) {
    const missing = minus(line.quantity, allocatedFor(demand.allocations, line.line))
    if (missing <= 0n) continue
    const supply = supplyOf(workingSet, line.product, demand.warehouse)
    const part = least(missing, supply.available)
    const taken = part > 0n ? take(supply, line, on, part, allocations, mostPicks) : zero.quantity
    if (taken < missing) short.add(supply)
  }
  const gained = allocations.length > demand.allocations.length
  if (gained) demand.allocations = demand.allocations.length === 0 ? allocations : merged(allocations)
  awaitSupplies(demand, [...short])
  return gained
}

/** Does a line need more of lots that will do than is available of these? `ofLots` counts what lines before needed of a lot alone. */
function isBeyondItsLots(
  supply: Supply,
  line: Demand['lines'][number],
  quantity: Quantity,
  { on, ofLots }: { readonly on: string; readonly ofLots: Map<string, Quantity> },
): boolean {
  if (line.lot === null) return line.life !== undefined && quantity > availableTo(supply, line, on)
  const key = `${supply.product.id}/${line.lot}`
  const total = plus(ofLots.get(key) ?? zero.quantity, quantity)
  ofLots.set(key, total)
  return total > availableTo(supply, line, on)
}

function allocatedFor(allocations: readonly Allocation[], line: number): Quantity {
  let sum = zero.quantity
  for (const allocation of allocations) if (allocation.line === line) sum = plus(sum, allocation.quantity)
  return sum
}

/** One allocation for each line and quant. */
function merged(allocations: readonly Allocation[]): Allocation[] {
  const byLine = new Map<number, Map<Quant, Allocation>>()
  for (const allocation of allocations) {
    const ofLine = byLine.get(allocation.line) ?? new Map<Quant, Allocation>()
    byLine.set(allocation.line, ofLine)
    ofLine.set(allocation.quant, {
      ...allocation,
      quantity: plus(allocation.quantity, ofLine.get(allocation.quant)?.quantity ?? zero.quantity),
    })
  }
  return [...byLine.values()].flatMap((ofLine) => [...ofLine.values()])
}

/**
 * Allocates from the supply to a line, in the strategy's order, as long as there are not too many allocations.
 *
 * @param on the day on which lives of lots are judged
 * @returns how much was allocated: less than wanted where the lots that will do, or the number of allocations, allow no more
 */
function take(
  supply: Supply,
  { line, lot, life }: Pick<Demand['lines'][number], 'line' | 'lot' | 'life'>,
  on: string,
  quantity: Quantity,
  allocations: Allocation[],
  most = Infinity,
): Quantity {
  if (!supply.sorted) {
    supply.quants.sort(compareQuants[supply.strategy])
    supply.sorted = true
  }
  let missing = quantity
  for (const quant of supply.quants) {
    if (allocations.length >= most) break
    if (lot !== null && quant.lot?.code !== lot) continue
    if (life !== undefined && lifeObstacle(quant.lot, life, on) !== undefined) continue
    const available = unreservedOf(quant)
    if (available <= 0n) continue
    const part = least(available, missing)
    addReserved(quant, part)
    allocations.push({ line, quant, quantity: part })
    missing = minus(missing, part)
    if (missing === 0n) break
  }
  return minus(quantity, missing)
}
