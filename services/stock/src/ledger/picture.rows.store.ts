/** Rows become the picture: facts by id, and from them needs, claims and quants that point to each other. */
import { watchAt } from '../reservations/need.ts'
import { type Facts, type LotRow, isLot, placeFrom } from './facts.store.ts'
import type { Lot, Place, Product } from './facts.ts'
import type { NeedRow, NeedRows } from './needs.store.ts'
import { type Picture, addLot, enterQuant, shelfOf } from './picture.ts'
import type { BalanceRow, QuantRow } from './quants.store.ts'
import { millionths } from './rows.store.ts'
import type { Need, Quant } from './stock.ts'

/** The picture being drawn, and facts by id, as rows name them. */
export interface Index {
  readonly picture: Picture
  readonly stamp: string
  readonly facts: Facts
  readonly places: Map<string, Place>
  readonly lots: Map<string, Lot>
}

export function newIndex(picture: Picture, stamp: string, facts: Facts): Index {
  return { picture, stamp, facts, places: new Map(), lots: new Map() }
}

/** Puts the products and places that the documents name into the picture. */
export function enterNamed(
  index: Index,
  named: { readonly skus: readonly string[]; readonly places: readonly string[] },
): void {
  for (const sku of named.skus) {
    const product = index.facts.bySku.get(sku)
    if (product !== undefined) index.picture.products.set(sku, product)
  }
  for (const code of named.places) {
    const place = index.facts.places.get(code)
    if (place !== undefined) enterPlace(index, place)
  }
}

/** Puts needs with their lines, claims and watches into the picture. */
export function enterNeeds(index: Index, rows: NeedRows): void {
  const { picture } = index
  const lines = Map.groupBy(rows.lines, (row) => row.document_id)
  const claims = Map.groupBy(rows.claims, (row) => row.document_id)
  const watches = Map.groupBy(rows.watches, (row) => row.document_id)
  for (const row of rows.needs) {
    const need = needFrom(row)
    need.lines = (lines.get(row.document_id) ?? []).map(({ line, product_id, quantity, lot }) => ({
      line,
      product: productOf(index, product_id),
      quantity: millionths(quantity),
      lot,
    }))
    need.claims = (claims.get(row.document_id) ?? []).map((claim) => ({
      line: claim.line,
      quant: quantFrom(index, claim),
      quantity: millionths(claim.quantity),
    }))
    const watched = watches.get(row.document_id) ?? []
    watchAt(
      need,
      watched.map((watch) => shelfOf(picture, productOf(index, watch.product_id), watch.warehouse)),
    )
    picture.needs.set(need.documentId, need)
  }
}

function needFrom(row: NeedRow): Need {
  return {
    documentId: row.document_id,
    number: row.number,
    warehouse: row.warehouse,
    revision: row.revision,
    priority: row.priority,
    scheduledDate: row.scheduled_date,
    orderedAt: row.ordered_at.getTime(),
    allowPartial: row.allow_partial,
    status: row.status,
    lines: [],
    claims: [],
    watch: [],
    storedRevision: row.revision,
  }
}

export function quantFrom(index: Index, row: QuantRow): Quant {
  const place = index.places.get(row.location_id) ?? enterPlace(index, placeFrom(row))
  const lot =
    row.lot === null
      ? null
      : (index.lots.get(row.lot_id) ??
        enterLot(index, {
          id: row.lot_id,
          product_id: row.product_id,
          code: row.lot,
          expires_on: row.expires_on,
          on_hand: '0.000000',
        }))
  const key = { product: productOf(index, row.product_id), place, lot, status: row.status, packageId: row.package_id }
  return enterQuant(index.picture, key, stored(row))
}

/** A balance of a product, place and lot that are in the picture. */
export function balanceFrom(index: Index, row: BalanceRow): Quant {
  const key = {
    product: productOf(index, row.product_id),
    place: placeOf(index, row.location_id),
    lot: lotById(index, row.lot_id),
    status: row.status,
    packageId: row.package_id,
  }
  return enterQuant(index.picture, key, stored(row))
}

function stored(row: { quantity_on_hand: string; quantity_reserved: string; arrived_at: Date | null }) {
  return {
    onHand: millionths(row.quantity_on_hand),
    reserved: millionths(row.quantity_reserved),
    arrivedAt: row.arrived_at === null ? null : row.arrived_at.getTime(),
  }
}

function enterPlace(index: Index, place: Place): Place {
  index.places.set(place.id, place)
  index.picture.places.set(place.code, place)
  return place
}

export function enterLot(index: Index, row: LotRow): Lot {
  const lot = {
    id: row.id,
    productId: row.product_id,
    code: row.code,
    expiresOn: row.expires_on,
    onHand: millionths(row.on_hand),
  }
  index.lots.set(lot.id, lot)
  addLot(index.picture, lot)
  return lot
}

function lotById(index: Index, lotId: string): Lot | null {
  return isLot(lotId) ? known(index.lots.get(lotId), 'lot', lotId) : null
}

export function productOf(index: Index, id: string): Product {
  return known(index.facts.byId.get(id), 'product', id)
}

function placeOf(index: Index, id: string): Place {
  return known(index.places.get(id), 'location', id)
}

function known<T>(found: T | undefined, what: string, id: string): T {
  if (found === undefined) throw new Error(`The ${what} ${id} should have been loaded.`)
  return found
}
