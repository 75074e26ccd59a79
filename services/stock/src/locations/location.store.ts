import { locationType } from '@stockline/contracts'
import { isAtOrBelow } from '@stockline/contracts/locations'
import { serviceLocks, sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import type { Location as LocationRow, Warehouse as WarehouseRow } from '../generated/client.ts'
import type { LocationFilter } from './location.api.ts'
import type { InUse, Location, Warehouse } from './location.ts'

const lockOne = sql('select code from warehouses where code = $1 for update')
const lockBarcodes = sql(`select pg_advisory_xact_lock(${serviceLocks.stock.barcodes})`)
const lockVirtual = sql(`select pg_advisory_xact_lock(${serviceLocks.stock.virtualLocations})`)
const lockLedger = sql('select company from ledger_head for update')
const selectUse = sql(`
  select
    exists (select from quants where location_id = $1 and (quantity_on_hand <> 0 or quantity_reserved <> 0)) as "hasStock",
    exists (select from quants where location_id = $1 and quantity_on_hand < 0) as "hasNegativeStock",
    exists (select from locations where active and starts_with(code, $2 || '/')) as "hasOpenBelow",
    exists (select from warehouses where default_receipt_location = $2) as "isDefaultReceipt"`)

/** The warehouse, its row locked: what is published of it and of its locations goes out in one order. */
export async function lockWarehouse(tx: Tx, code: string): Promise<Warehouse | null> {
  await tx.query(lockOne, [code])
  return findWarehouse(tx, code)
}

/** Virtual locations have no warehouse to lock. */
export async function lockVirtualLocations(tx: Tx): Promise<void> {
  await tx.query(lockVirtual)
}

export async function findWarehouse(db: Database | Tx, code: string): Promise<Warehouse | null> {
  const row = await db.prisma.warehouse.findUnique({ where: { code } })
  return row === null ? null : warehouseOf(row)
}

/** By code; one more than the limit. */
export async function findWarehouses(db: Database, after: string | undefined, limit: number): Promise<Warehouse[]> {
  const rows = await db.prisma.warehouse.findMany({
    ...(after === undefined ? {} : { where: { code: { gt: after } } }),
    orderBy: { code: 'asc' },
    take: limit + 1,
  })
  return rows.map(warehouseOf)
}

/** False when the code is taken. */
export async function insertWarehouse(tx: Tx, warehouse: Warehouse): Promise<boolean> {
  const { count } = await tx.prisma.warehouse.createMany({
    data: { ...warehouse, changedAt: tx.now },
    skipDuplicates: true,
  })
  return count === 1
}

export async function updateWarehouse(tx: Tx, { code, ...warehouse }: Warehouse): Promise<void> {
  await tx.prisma.warehouse.updateMany({ where: { code }, data: { ...warehouse, changedAt: tx.now } })
}

export async function findLocation(
  db: Database | Tx,
  where: { readonly id: string } | { readonly code: string },
): Promise<Location | null> {
  const row = await db.prisma.location.findUnique({ where })
  return row === null ? null : locationOf(row)
}

/** Which of these codes are locations. */
export async function findKnownCodes(db: Database | Tx, codes: readonly string[]): Promise<ReadonlySet<string>> {
  const where = { code: { in: [...codes] } }
  const [locations, warehouses] = [
    await db.prisma.location.findMany({ where, select: { code: true } }),
    await db.prisma.warehouse.findMany({ where, select: { code: true } }),
  ]
  return new Set([...locations, ...warehouses].map((row) => row.code))
}

/** By code; one more than the limit. */
export async function findLocations(
  db: Database,
  filter: LocationFilter,
  after: string | undefined,
  limit: number,
): Promise<Location[]> {
  const { under, ...equal } = filter
  const rows = await db.prisma.location.findMany({
    where: {
      AND: [
        Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined)),
        // "0" is the character after "/": the subtree is a range of the index.
        under === undefined ? {} : { OR: [{ code: under }, { code: { gt: `${under}/`, lt: `${under}0` } }] },
        after === undefined ? {} : { code: { gt: after } },
      ],
    },
    orderBy: { code: 'asc' },
    take: limit + 1,
  })
  return rows.map(locationOf).filter((location) => under === undefined || isAtOrBelow(location.code, under))
}

/** False when the code is taken. */
export async function insertLocation(tx: Tx, location: Location): Promise<boolean> {
  const { count } = await tx.prisma.location.createMany({
    data: { ...location, changedAt: tx.now },
    skipDuplicates: true,
  })
  return count === 1
}

export async function updateLocation(tx: Tx, { id, ...location }: Location): Promise<void> {
  await tx.prisma.location.updateMany({ where: { id }, data: { ...location, changedAt: tx.now } })
}

/** Who has this barcode already: another location or a product. Nobody takes it until the transaction ends. */
export async function findBarcodeOwner(tx: Tx, barcode: string, id: string): Promise<string | null> {
  await tx.query(lockBarcodes)
  const location = await tx.prisma.location.findFirst({ where: { barcode, id: { not: id } } })
  if (location !== null) return location.code
  const product = await tx.prisma.productBarcode.findUnique({
    where: { code: barcode },
    select: { product: { select: { sku: true } } },
  })
  return product?.product.sku ?? null
}

/** What is at a location. The ledger stands still until the transaction ends, so that the answer stays true. */
export async function findUseForSure(tx: Tx, { id, code }: Location): Promise<InUse> {
  await tx.query(lockLedger)
  const [use] = await tx.query<InUse>(selectUse, [id, code])
  if (use === undefined) throw new Error('A select without a table gave no row.')
  return use
}

function warehouseOf({ code, name, defaultReceiptLocation, active, version }: WarehouseRow): Warehouse {
  return { code, name, defaultReceiptLocation, active, version }
}

function locationOf(row: LocationRow): Location {
  const { id, code, warehouse, reservable, allowNegative, pickSequence, barcode, active, version } = row
  const type = locationType.parse(row.type)
  return { id, code, type, warehouse, reservable, allowNegative, pickSequence, barcode, active, version }
}
