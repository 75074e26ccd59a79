/** Local copies of warehouses, locations and assignments: rows in and out. */
import { sql } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import type { Location, ReceivingWarehouse, Warehouse } from './location.ts'

const locationColumns = `location_id AS "locationId", code, warehouse, type, reservable,
  allow_negative AS "allowNegative", pick_sequence AS "pickSequence", barcode, active`

const warehousesStatement = sql(`
  SELECT code, name, default_receipt_location AS "defaultReceiptLocation", active
  FROM warehouses WHERE code = ANY ($1::text[])`)
const receivingStatement = sql(`
  SELECT w.code, w.name, w.default_receipt_location AS "defaultReceiptLocation", w.active,
    CASE WHEN l.location_id IS NOT NULL
      THEN json_build_object('warehouse', l.warehouse, 'type', l.type, 'active', l.active) END AS "receiptPlace"
  FROM warehouses w LEFT JOIN locations l ON l.code = w.default_receipt_location WHERE w.code = ANY ($1::text[])`)
const locationsStatement = sql(`SELECT ${locationColumns} FROM locations WHERE code = ANY ($1::text[])`)
const scannedStatement = sql(`SELECT ${locationColumns} FROM locations WHERE (code = $1 OR barcode = $1) AND active`)
/** SQL for the locations of the user in a parameter, for statements that ask for more. None yet is none at all. */
export function assignedSql(parameter: string): string {
  return `coalesce((SELECT a.locations FROM assignments a WHERE a.user_id = ${parameter}), '{}')`
}

const assignmentStatement = sql(`SELECT ${assignedSql('$1')} AS locations`)

const assignmentsStatement = sql(
  `SELECT user_id AS "userId", locations FROM assignments WHERE user_id = ANY ($1::text[])`,
)

/** Warehouses by code. */
export async function loadWarehouses(db: Reader, codes: readonly string[]): Promise<ReadonlyMap<string, Warehouse>> {
  const rows = await db.query<Warehouse>(warehousesStatement, [codes])
  return new Map(rows.map((row) => [row.code, row]))
}

/** Warehouses by code, with their default receipt locations. */
export async function loadReceivingWarehouses(
  db: Reader,
  codes: readonly string[],
): Promise<ReadonlyMap<string, ReceivingWarehouse>> {
  const rows = await db.query<ReceivingWarehouse>(receivingStatement, [codes])
  return new Map(rows.map((row) => [row.code, row]))
}

/** Locations by code. */
export async function loadLocations(db: Reader, codes: readonly string[]): Promise<ReadonlyMap<string, Location>> {
  const rows = await db.query<Location>(locationsStatement, [codes])
  return new Map(rows.map((row) => [row.code, row]))
}

/** Active locations that a scanned code names, by path or by barcode. */
export async function loadScannedLocations(db: Reader, code: string): Promise<readonly Location[]> {
  return db.query<Location>(scannedStatement, [code])
}

/** The user's assignment; none yet is none at all. */
export async function loadAssignment(db: Reader, userId: string): Promise<readonly string[]> {
  const [row] = await db.query<{ locations: string[] }>(assignmentStatement, [userId])
  return row?.locations ?? []
}

/** The assignments of users; who has none yet is left out. */
export async function loadAssignments(
  db: Reader,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db.query<{ userId: string; locations: readonly string[] }>(assignmentsStatement, [userIds])
  return new Map(rows.map((row) => [row.userId, row.locations]))
}

/** Takes a warehouse over. */
export async function saveWarehouse(tx: Tx, copy: Warehouse): Promise<void> {
  const { code, ...data } = copy
  await tx.prisma.warehouse.upsert({ where: { code }, create: { code, ...data }, update: data })
}

/** Takes a location over. */
export async function saveLocation(tx: Tx, copy: Location): Promise<void> {
  const { locationId, ...data } = copy
  await tx.prisma.location.upsert({ where: { locationId }, create: { locationId, ...data }, update: data })
}

/** Takes an assignment over: the whole list. */
export async function saveAssignment(tx: Tx, userId: string, locations: readonly string[]): Promise<void> {
  const data = { locations: [...locations] }
  await tx.prisma.assignment.upsert({ where: { userId }, create: { userId, ...data }, update: data })
}
