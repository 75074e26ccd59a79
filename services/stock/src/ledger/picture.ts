/**
 * The picture: all that a batch of documents touches, in memory. The decision works on it in place, so that the next
 * document of the batch sees what the one before has done.
 */
import { strategyFor } from '../reservations/removal.ts'
import { whyNotAvailable } from './available.ts'
import type { Lot, Place, Product, RemovalRule } from './facts.ts'
import { freeOf, markStored, none, quantKey } from './quant.ts'
import type { Need, Quant, QuantStatus, Shelf } from './stock.ts'

/** What the ledger answered to an earlier try of a document. */
export interface Settled {
  readonly attempt: number
  /** Null: it was refused. */
  readonly position: bigint | null
}

export interface Picture {
  /** The company's date: what expired before it is not reserved. */
  readonly today: string
  /** The last position given, and when: neither ever goes back. */
  position: bigint
  recordedAt: number
  /** By sku. */
  readonly products: Map<string, Product>
  /** By code, virtual ones included. */
  readonly places: Map<string, Place>
  readonly rules: readonly RemovalRule[]
  /** By product id, then by the lot's code. */
  readonly lots: Map<string, Map<string, Lot>>
  /** By product id, then by quant key. */
  readonly quants: Map<string, Map<string, Quant>>
  /** By product id and warehouse. */
  readonly shelves: Map<string, Shelf>
  /** By document id. */
  readonly needs: Map<string, Need>
  readonly settled: Map<string, Settled[]>
  /** Shelves where more deliveries wait than were loaded, and that ran through them: load more, decide again. */
  readonly starved: Set<Shelf>
}

/** A picture of nothing, to be filled. */
export function blankPicture(
  today: string,
  position: bigint,
  recordedAt: number,
  rules: readonly RemovalRule[],
): Picture {
  return {
    today,
    position,
    recordedAt,
    rules,
    products: new Map(),
    places: new Map(),
    lots: new Map(),
    quants: new Map(),
    shelves: new Map(),
    needs: new Map(),
    settled: new Map(),
    starved: new Set(),
  }
}

/** The shelf of a product in a warehouse, made when it is first asked for. */
export function shelfOf(picture: Picture, product: Product, warehouse: string): Shelf {
  const key = product.id + warehouse
  let shelf = picture.shelves.get(key)
  if (shelf === undefined) {
    const strategy = strategyFor(picture.rules, warehouse, product)
    shelf = { product, warehouse, strategy, quants: [], sorted: true, free: 0n, waiting: [], horizon: null }
    picture.shelves.set(key, shelf)
  }
  return shelf
}

/** How much of one lot on a shelf nobody has reserved. */
export function freeOfLot({ quants }: Shelf, lot: string): bigint {
  let free = 0n
  for (const quant of quants) if (quant.lot?.code === lot) free += freeOf(quant)
  return free
}

/** The quant of that key; an empty one where there was none. */
export function quantOf(
  picture: Picture,
  product: Product,
  place: Place,
  lot: Lot | null,
  status: QuantStatus,
  packageId = none,
): Quant {
  let ofProduct = picture.quants.get(product.id)
  if (ofProduct === undefined) picture.quants.set(product.id, (ofProduct = new Map<string, Quant>()))
  const key = quantKey(place, lot, status, packageId)
  let quant = ofProduct.get(key)
  if (quant === undefined) {
    quant = {
      product,
      place,
      lot,
      status,
      packageId,
      shelf: null,
      onHand: 0n,
      reserved: 0n,
      arrivedAt: null,
      storedOnHand: 0n,
      storedReserved: 0n,
      storedArrivedAt: null,
    }
    ofProduct.set(key, quant)
    shelve(picture, quant)
  }
  return quant
}

/** Enters a quant as it is stored. One that is there already stays: it may have been changed since. */
export function enterQuant(
  picture: Picture,
  key: Pick<Quant, 'product' | 'place' | 'lot' | 'status' | 'packageId'>,
  stored: Pick<Quant, 'onHand' | 'reserved' | 'arrivedAt'>,
): Quant {
  const { product, place, lot, status, packageId } = key
  const known = picture.quants.get(product.id)?.get(quantKey(place, lot, status, packageId))
  if (known !== undefined) return known
  const quant = quantOf(picture, product, place, lot, status, packageId)
  Object.assign(quant, stored)
  markStored(quant)
  if (quant.shelf !== null) quant.shelf.free += freeOf(quant)
  return quant
}

/** Takes back a quant that nothing came of. */
export function forgetQuant(picture: Picture, quant: Quant): void {
  unshelve(quant)
  picture.quants.get(quant.product.id)?.delete(quantKey(quant.place, quant.lot, quant.status, quant.packageId))
}

/** Puts a quant on its shelf if it may be reserved from: again after its lot's expiry became known. */
export function shelve(picture: Picture, quant: Quant): void {
  unshelve(quant)
  const { warehouse } = quant.place
  if (warehouse === null || whyNotAvailable(quant, picture.today) !== undefined) return
  const shelf = shelfOf(picture, quant.product, warehouse)
  shelf.quants.push(quant)
  shelf.sorted = false
  shelf.free += freeOf(quant)
  quant.shelf = shelf
}

function unshelve(quant: Quant): void {
  const { shelf } = quant
  if (shelf === null) return
  shelf.quants.splice(shelf.quants.indexOf(quant), 1)
  shelf.free -= freeOf(quant)
  quant.shelf = null
}

/** A lot by its code, if the product has it. */
export function lotOf(picture: Picture, product: Product, code: string): Lot | undefined {
  return picture.lots.get(product.id)?.get(code)
}

/** Makes a lot known. */
export function addLot(picture: Picture, lot: Lot): void {
  const ofProduct = picture.lots.get(lot.productId)
  if (ofProduct === undefined) picture.lots.set(lot.productId, new Map([[lot.code, lot]]))
  else ofProduct.set(lot.code, lot)
}
