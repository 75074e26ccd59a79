/** Rows become the working set: reference data by id, and from them demands, allocations and quants that point to each other. */
import { storedQuantity } from '@stockline/amounts'
import { awaitSupplies } from '../reservations/demand.ts'
import { type ReferenceData, type LotRow, isLot, locationFrom } from './reference.store.ts'
import type { Lot, Location, Product } from './reference.ts'
import type { DemandRow, DemandRows } from './demands.store.ts'
import { type WorkingSet, addLot, addQuant, supplyOf } from './working-set.ts'
import type { BalanceRow, QuantRow } from './quants.store.ts'
import type { Demand, Quant } from './stock.ts'

/** The working set that is being loaded, and reference data by id, as rows name them. */
export interface Index {
  readonly workingSet: WorkingSet
  readonly epoch: string
  readonly reference: ReferenceData
  readonly locations: Map<string, Location>
  readonly lots: Map<string, Lot>
}

export function newIndex(workingSet: WorkingSet, epoch: string, reference: ReferenceData): Index {
  return { workingSet, epoch, reference, locations: new Map(), lots: new Map() }
}

/** Adds the products and locations that the documents name to the working set. */
export function addNamed(
  index: Index,
  named: { readonly skus: readonly string[]; readonly locations: readonly string[] },
): void {
  for (const sku of named.skus) {
    const product = index.reference.bySku.get(sku)
    if (product !== undefined) index.workingSet.products.set(sku, product)
  }
  for (const code of named.locations) {
    const location = index.reference.locations.get(code)
    if (location !== undefined) addLocation(index, location)
  }
}

/** Adds demands with their lines, allocations and waits to the working set. */
export function addDemands(index: Index, rows: DemandRows): void {
  const { workingSet } = index
  const lines = Map.groupBy(rows.lines, (row) => row.document_id)
  const allocations = Map.groupBy(rows.allocations, (row) => row.document_id)
  const waits = Map.groupBy(rows.waits, (row) => row.document_id)
  for (const row of rows.demands) {
    const demand = demandFrom(row)
    demand.lines = (lines.get(row.document_id) ?? []).map(({ line, product_id, quantity, lot }) => ({
      line,
      product: productOf(index, product_id),
      quantity: storedQuantity(quantity),
      lot,
    }))
    demand.allocations = (allocations.get(row.document_id) ?? []).map((allocation) => ({
      line: allocation.line,
      quant: quantFrom(index, allocation),
      quantity: storedQuantity(allocation.quantity),
    }))
    const waited = waits.get(row.document_id) ?? []
    awaitSupplies(
      demand,
      waited.map((waitsFor) => supplyOf(workingSet, productOf(index, waitsFor.product_id), waitsFor.warehouse)),
    )
    workingSet.demands.set(demand.documentId, demand)
  }
}

function demandFrom(row: DemandRow): Demand {
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
    allocations: [],
    waitsFor: [],
    storedRevision: row.revision,
  }
}

export function quantFrom(index: Index, row: QuantRow): Quant {
  const location = index.locations.get(row.location_id) ?? addLocation(index, locationFrom(row))
  const lot =
    row.lot === null
      ? null
      : (index.lots.get(row.lot_id) ??
        addLotRow(index, {
          id: row.lot_id,
          product_id: row.product_id,
          code: row.lot,
          expires_on: row.expires_on,
          on_hand: '0.000000',
        }))
  const key = {
    product: productOf(index, row.product_id),
    location,
    lot,
    status: row.status,
    packageId: row.package_id,
  }
  return addQuant(index.workingSet, key, stored(row))
}

/** A balance of a product, location and lot that are in the working set. */
export function balanceFrom(index: Index, row: BalanceRow): Quant {
  const key = {
    product: productOf(index, row.product_id),
    location: locationOf(index, row.location_id),
    lot: lotById(index, row.lot_id),
    status: row.status,
    packageId: row.package_id,
  }
  return addQuant(index.workingSet, key, stored(row))
}

function stored(row: { quantity_on_hand: string; quantity_reserved: string; arrived_at: Date | null }) {
  return {
    onHand: storedQuantity(row.quantity_on_hand),
    reserved: storedQuantity(row.quantity_reserved),
    arrivedAt: row.arrived_at === null ? null : row.arrived_at.getTime(),
  }
}

function addLocation(index: Index, location: Location): Location {
  index.locations.set(location.id, location)
  index.workingSet.locations.set(location.code, location)
  return location
}

export function addLotRow(index: Index, row: LotRow): Lot {
  const lot = {
    id: row.id,
    productId: row.product_id,
    code: row.code,
    expiresOn: row.expires_on,
    onHand: storedQuantity(row.on_hand),
  }
  index.lots.set(lot.id, lot)
  addLot(index.workingSet, lot)
  return lot
}

function lotById(index: Index, lotId: string): Lot | null {
  return isLot(lotId) ? known(index.lots.get(lotId), 'lot', lotId) : null
}

export function productOf(index: Index, id: string): Product {
  return known(index.reference.byId.get(id), 'product', id)
}

function locationOf(index: Index, id: string): Location {
  return known(index.locations.get(id), 'location', id)
}

function known<T>(found: T | undefined, what: string, id: string): T {
  if (found === undefined) throw new Error(`The ${what} ${id} should have been loaded.`)
  return found
}
