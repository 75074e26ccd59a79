/** Rows become the working set: reference data by id, and from them demands, allocations and quants that point to each other. */
import { storedQuantity } from '@stockline/amounts'
import { awaitSupplies } from '../reservations/demand.ts'
import { storedLife } from '../reservations/remaining-life.ts'
import { type ReferenceData, type LotRow, locationFrom } from './reference.store.ts'
import type { LedgerLot, LedgerLocation, LedgerProduct } from './reference.ts'
import type { DemandRows } from './demands.store.ts'
import { none } from './quant.ts'
import { type WorkingSet, addLot, addQuant, supplyOf } from './working-set.ts'
import type { BalanceRow, QuantRow } from './quants.store.ts'
import type { Demand, Quant } from './stock.ts'

/** The working set that is being loaded, and reference data by id, as rows name them. */
export interface Index {
  readonly workingSet: WorkingSet
  readonly epoch: string
  readonly reference: ReferenceData
  readonly locations: Map<string, LedgerLocation>
  readonly lots: Map<string, LedgerLot>
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
  const lines = Map.groupBy(rows.lines, (row) => row.documentId)
  const allocations = Map.groupBy(rows.allocations, (row) => row.documentId)
  const waits = Map.groupBy(rows.waits, (row) => row.documentId)
  for (const row of rows.demands) {
    const { documentId, revision, orderSource, orderNumber, ...head } = row
    const demand: Demand = {
      ...{ documentId, revision, ...head },
      order: orderSource === null || orderNumber === null ? null : { source: orderSource, orderNumber },
      orderedAt: row.orderedAt.getTime(),
      reservedSince: row.reservedSince === null ? null : row.reservedSince.getTime(),
      lines: (lines.get(documentId) ?? []).map(({ line, productId, quantity, lot, lifeDays, lifePercent }) => ({
        line,
        product: productOf(index, productId),
        quantity: storedQuantity(quantity),
        lot,
        life: storedLife(lifeDays, lifePercent),
      })),
      allocations: (allocations.get(documentId) ?? []).map((allocation) => ({
        line: allocation.line,
        quant: quantFrom(index, allocation),
        quantity: storedQuantity(allocation.quantity),
      })),
      waitsFor: [],
      storedRevision: revision,
    }
    const waited = waits.get(documentId) ?? []
    awaitSupplies(
      demand,
      waited.map(({ productId, warehouse }) => supplyOf(workingSet, productOf(index, productId), warehouse)),
    )
    workingSet.demands.set(documentId, demand)
  }
}

/** Adds a quant with its location and lot to the working set. */
export function quantFrom(index: Index, row: QuantRow): Quant {
  const { locationId, lotId: id, productId, lot: code, expiresOn, held } = row
  const location = index.locations.get(locationId) ?? addLocation(index, locationFrom(row))
  const lot =
    code === null
      ? null
      : (index.lots.get(id) ?? addLotRow(index, { id, productId, code, expiresOn, held, onHand: '0' }))
  return enterQuant(index, row, location, lot)
}

/** Adds a balance of a product, location and lot that are in the working set. */
export function balanceFrom(index: Index, row: BalanceRow): Quant {
  return enterQuant(index, row, locationOf(index, row.locationId), lotById(index, row.lotId))
}

function enterQuant(index: Index, row: BalanceRow, location: LedgerLocation, lot: LedgerLot | null): Quant {
  const { productId, status, packageId, onHand, reserved, arrivedAt } = row
  const key = { product: productOf(index, productId), location, lot, status, packageId }
  return addQuant(index.workingSet, key, {
    onHand: storedQuantity(onHand),
    reserved: storedQuantity(reserved),
    arrivedAt: arrivedAt === null ? null : arrivedAt.getTime(),
  })
}

function addLocation(index: Index, location: LedgerLocation): LedgerLocation {
  index.locations.set(location.id, location)
  index.workingSet.locations.set(location.code, location)
  return location
}

export function addLotRow(index: Index, row: LotRow): LedgerLot {
  const lot = { ...row, onHand: storedQuantity(row.onHand) }
  index.lots.set(lot.id, lot)
  addLot(index.workingSet, lot)
  return lot
}

function lotById(index: Index, lotId: string): LedgerLot | null {
  return lotId === none ? null : known(index.lots.get(lotId), 'lot', lotId)
}

export function productOf(index: Index, id: string): LedgerProduct {
  return known(index.reference.byId.get(id), 'product', id)
}

function locationOf(index: Index, id: string): LedgerLocation {
  return known(index.locations.get(id), 'location', id)
}

function known<T>(found: T | undefined, what: string, id: string): T {
  if (found === undefined) throw new Error(`The ${what} ${id} should have been loaded.`)
  return found
}
