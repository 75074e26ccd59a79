/**
 * The working set: all that a batch of documents touches, in memory. The decision works on it in place, so that the next
 * document of the batch sees what the one before has done.
 */
import { strategyFor } from '../reservations/removal.ts'
import { minus, plus, zero } from '@stockline/amounts'
import { unreservedOf, whyNotAvailable } from '../availability/available.ts'
import type { LedgerLot, LedgerLocation, LedgerProduct, RemovalRule } from './reference.ts'
import { markStored, none, quantKey } from './quant.ts'
import type { Demand, Quant, QuantStatus, Supply } from './stock.ts'
import type { Transfer } from '../transfers/transfer.ts'

/** What the ledger answered to an earlier try of a document. */
export interface Attempt {
  readonly attempt: number
  /** Null: it was refused. */
  readonly position: bigint | null
}

export interface WorkingSet {
  /** The company's date: what expired before it is not reserved. */
  readonly today: string
  readonly timeZone: string
  /** The last position given, and when: neither ever goes back. */
  position: bigint
  recordedAt: number
  /** By sku. */
  readonly products: Map<string, LedgerProduct>
  /** By code, virtual ones included. */
  readonly locations: Map<string, LedgerLocation>
  readonly rules: readonly RemovalRule[]
  /** By product id, then by the lot's code. */
  readonly lots: Map<string, Map<string, LedgerLot>>
  /** By product id, then by quant key. */
  readonly quants: Map<string, Map<string, Quant>>
  /** By product id and warehouse. */
  readonly supplies: Map<string, Supply>
  /** By document id. */
  readonly demands: Map<string, Demand>
  readonly attempts: Map<string, Attempt[]>
  /** By document id: those that the batch names, and those that wait for what it brings. */
  readonly transfers: Map<string, Transfer>
  /** Supplies for which more deliveries wait than were loaded, and that ran through them: load more, decide again. */
  readonly exhausted: Set<Supply>
}

/** An empty working set, to be filled. */
export function emptyWorkingSet(
  { today, timeZone }: Pick<WorkingSet, 'today' | 'timeZone'>,
  position: bigint,
  recordedAt: number,
  rules: readonly RemovalRule[],
): WorkingSet {
  return {
    today,
    timeZone,
    position,
    recordedAt,
    rules,
    products: new Map(),
    locations: new Map(),
    lots: new Map(),
    quants: new Map(),
    supplies: new Map(),
    demands: new Map(),
    attempts: new Map(),
    transfers: new Map(),
    exhausted: new Set(),
  }
}

/** The supply of a product in a warehouse, made at its first use. */
export function supplyOf(workingSet: WorkingSet, product: LedgerProduct, warehouse: string): Supply {
  const key = product.id + warehouse
  let supply = workingSet.supplies.get(key)
  if (supply === undefined) {
    const strategy = strategyFor(workingSet.rules, warehouse, product)
    supply = {
      product,
      warehouse,
      strategy,
      quants: [],
      sorted: true,
      available: zero.quantity,
      waiting: [],
      horizon: null,
    }
    workingSet.supplies.set(key, supply)
  }
  return supply
}

/** The quant of that key; an empty one where there was none. */
export function quantOf(
  workingSet: WorkingSet,
  product: LedgerProduct,
  location: LedgerLocation,
  lot: LedgerLot | null,
  status: QuantStatus,
  packageId = none,
): Quant {
  let ofProduct = workingSet.quants.get(product.id)
  if (ofProduct === undefined) workingSet.quants.set(product.id, (ofProduct = new Map<string, Quant>()))
  const key = quantKey(location, lot, status, packageId)
  let quant = ofProduct.get(key)
  if (quant === undefined) {
    quant = {
      product,
      location,
      lot,
      status,
      packageId,
      supply: null,
      onHand: zero.quantity,
      reserved: zero.quantity,
      arrivedAt: null,
      storedOnHand: zero.quantity,
      storedReserved: zero.quantity,
      storedArrivedAt: null,
    }
    ofProduct.set(key, quant)
    addToSupply(workingSet, quant)
  }
  return quant
}

/** Enters a quant as it is stored. One that is there already stays: it may have been changed since. */
export function addQuant(
  workingSet: WorkingSet,
  key: Pick<Quant, 'product' | 'location' | 'lot' | 'status' | 'packageId'>,
  stored: Pick<Quant, 'onHand' | 'reserved' | 'arrivedAt'>,
): Quant {
  const { product, location, lot, status, packageId } = key
  const known = workingSet.quants.get(product.id)?.get(quantKey(location, lot, status, packageId))
  if (known !== undefined) return known
  const quant = quantOf(workingSet, product, location, lot, status, packageId)
  Object.assign(quant, stored)
  markStored(quant)
  if (quant.supply !== null) quant.supply.available = plus(quant.supply.available, unreservedOf(quant))
  return quant
}

/** Takes back a quant that nothing came of. */
export function forgetQuant(workingSet: WorkingSet, quant: Quant): void {
  removeFromSupply(quant)
  workingSet.quants.get(quant.product.id)?.delete(quantKey(quant.location, quant.lot, quant.status, quant.packageId))
}

/** Adds a quant to its supply if it can be promised. Call it again when its lot's expiry becomes known. */
export function addToSupply(workingSet: WorkingSet, quant: Quant): void {
  removeFromSupply(quant)
  const { warehouse } = quant.location
  if (warehouse === null || whyNotAvailable(quant, workingSet.today) !== undefined) return
  const supply = supplyOf(workingSet, quant.product, warehouse)
  supply.quants.push(quant)
  supply.sorted = false
  supply.available = plus(supply.available, unreservedOf(quant))
  quant.supply = supply
}

function removeFromSupply(quant: Quant): void {
  const { supply } = quant
  if (supply === null) return
  supply.quants.splice(supply.quants.indexOf(quant), 1)
  supply.available = minus(supply.available, unreservedOf(quant))
  quant.supply = null
}

/** A lot by its code, if the product has it. */
export function knownLot(workingSet: WorkingSet, product: LedgerProduct, code: string): LedgerLot | undefined {
  return workingSet.lots.get(product.id)?.get(code)
}

/** Makes a lot known. */
export function addLot(workingSet: WorkingSet, lot: LedgerLot): void {
  const ofProduct = workingSet.lots.get(lot.productId)
  if (ofProduct === undefined) workingSet.lots.set(lot.productId, new Map([[lot.code, lot]]))
  else ofProduct.set(lot.code, lot)
}
