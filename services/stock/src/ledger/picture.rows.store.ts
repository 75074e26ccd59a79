/** Rows become the picture: facts by id, and from them needs, claims and quants that point to each other. */
import { type Need, watchAt } from '../reservations/need.ts'
import { type LotRow, isLot, placeFrom } from './facts.store.ts'
import type { Lot, Place, Product } from './facts.ts'
import type { NeedRow, NeedRows } from './needs.store.ts'
import { type Picture, addLot, enterQuant, shelfOf } from './picture.ts'
import type { Quant } from './quant.ts'
import type { QuantRow } from './quants.store.ts'
import { millionths } from './rows.store.ts'

/** Facts by id, as rows name them. */
export interface Index {
  readonly picture: Picture
  readonly products: Map<string, Product>
  readonly places: Map<string, Place>
  readonly lots: Map<string, Lot>
}

export function enterNeeds(index: Index, rows: NeedRows & { products: readonly Product[] }): void {
  const { picture } = index
  rows.products.forEach((product) => enterProduct(index, product))
  const lines = Map.groupBy(rows.lines, (row) => row.document_id)
  const claims = Map.groupBy(rows.claims, (row) => row.document_id)
  const watches = Map.groupBy(rows.watches, (row) => row.document_id)
  for (const row of rows.needs) {
    const need = needFrom(row)
    need.lines = (lines.get(row.document_id) ?? []).map(({ line, product_id, quantity }) => ({
      line,
      product: productOf(index, product_id),
      quantity: millionths(quantity),
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

export function stored(row: { quantity_on_hand: string; quantity_reserved: string; arrived_at: Date | null }) {
  return {
    onHand: millionths(row.quantity_on_hand),
    reserved: millionths(row.quantity_reserved),
    arrivedAt: row.arrived_at === null ? null : row.arrived_at.getTime(),
  }
}

export function enterProduct(index: Index, product: Product): void {
  if (index.products.has(product.id)) return
  index.products.set(product.id, product)
  index.picture.products.set(product.sku, product)
}

export function enterPlace(index: Index, place: Place): Place {
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

export function lotById(index: Index, lotId: string): Lot | null {
  return isLot(lotId) ? known(index.lots.get(lotId), 'lot', lotId) : null
}

export function productOf(index: Index, id: string): Product {
  return known(index.products.get(id), 'product', id)
}

export function placeOf(index: Index, id: string): Place {
  return known(index.places.get(id), 'location', id)
}

function known<T>(found: T | undefined, what: string, id: string): T {
  if (found === undefined) throw new Error(`The ${what} ${id} should have been loaded.`)
  return found
}
