import { stockLocationChanged } from '@stockline/contracts'
import { event, publish, refuse, versionRefusal, wake, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger, offerLocation } from '../ledger/ledger.offer.actions.ts'
import {
  findBarcodeOwner,
  findKnownCodes,
  findLocation,
  findUseForSure,
  insertLocation,
  insertWarehouse,
  lockVirtualLocations,
  lockWarehouse,
  updateLocation,
  updateWarehouse,
} from './location.store.ts'
import { isReservable } from '../availability/available.ts'
import {
  changedLocationRefusal,
  defaultReceiptRefusal,
  inUseRefusal,
  needsEmptiness,
  newLocationRefusal,
  newWarehouseRefusal,
  parentOf,
  rootOf,
  virtualRoot,
  type Location,
  type Warehouse,
} from './location.ts'

export { findLocations } from './location.store.ts'

/** Nobody knows a warehouse of that code. */
export const unknownWarehouse = refuse('warehouse-unknown', 'unknown', 'There is no such warehouse.')
/** Nobody knows a location of that id. */
export const unknownLocation = refuse('location-unknown', 'unknown', 'There is no such location.')

/** Makes a warehouse. Its default receipt location is made after it, since what is above a location must exist. */
export async function createWarehouse(
  tx: Tx,
  given: Pick<Warehouse, 'code' | 'name' | 'defaultReceiptLocation'>,
): Promise<Warehouse | Refusal> {
  const warehouse: Warehouse = { ...given, active: true, version: 1 }
  const unfit = newWarehouseRefusal(warehouse)
  if (unfit !== undefined) return unfit
  if (!(await insertWarehouse(tx, warehouse)))
    return refuse('warehouse-exists', 'state', `There is a warehouse ${given.code} already.`, [
      { pointer: '/code', message: 'is taken' },
    ])
  await publishLocation(tx, warehouse, null)
  await wake(tx, `warehouse:${warehouse.code}`)
  return warehouse
}

/** Renames a warehouse, closes it, or gives its receipts another place. */
export async function changeWarehouse(
  tx: Tx,
  code: string,
  change: {
    readonly name?: string | undefined
    readonly defaultReceiptLocation?: string | null | undefined
    readonly active?: boolean | undefined
  },
  version: number | undefined,
): Promise<Warehouse | Refusal> {
  const before = await lockWarehouse(tx, code)
  if (before === null) return unknownWarehouse
  const stale = versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const { name = before.name, active = before.active, defaultReceiptLocation = before.defaultReceiptLocation } = change
  const after: Warehouse = { code, name, active, defaultReceiptLocation, version: before.version + 1 }
  const found = defaultReceiptLocation === null ? null : await findLocation(tx, { code: defaultReceiptLocation })
  const unfit = defaultReceiptRefusal(after, found)
  if (unfit !== undefined) return unfit
  await updateWarehouse(tx, after)
  await publishLocation(tx, after, null)
  return after
}

/** Makes a location below a warehouse or another location. */
export async function createLocation(
  tx: Tx,
  given: Omit<Location, 'id' | 'warehouse' | 'active' | 'version'>,
): Promise<Location | Refusal> {
  const root = rootOf(given.code)
  const warehouse = await lockRoot(tx, root)
  const location: Location = { ...given, id: uuid(), warehouse: warehouse?.code ?? null, active: true, version: 1 }
  const parent = parentOf(given.code)
  const unfit = newLocationRefusal(location, {
    warehouse,
    parentKnown: parent !== null && (parent === virtualRoot || (await findKnownCodes(tx, [parent])).size > 0),
    barcodeTakenBy: await barcodeOwner(tx, location),
  })
  if (unfit !== undefined) return unfit
  if (!(await insertLocation(tx, location)))
    return refuse('location-exists', 'state', `There is a location ${location.code} already.`, [
      { pointer: '/code', message: 'is taken' },
    ])
  if (warehouse !== null) await publishLocation(tx, warehouse, location)
  await wake(tx, `location:${location.code}`)
  return location
}

/** What may be changed of a location: its code and type stay. */
export type LocationChange = {
  readonly [Field in 'reservable' | 'allowNegative' | 'pickSequence' | 'barcode' | 'active']?:
    Location[Field] | undefined
}

/**
 * Changes a location, or closes it when nothing is there. What may be reserved from since now is offered to those that
 * wait; where it may no longer be, what is reserved stays reserved.
 */
export async function changeLocation(
  tx: Tx,
  company: LedgerCompany,
  id: string,
  change: LocationChange,
  version: number | undefined,
): Promise<Location | Refusal> {
  const code = (await findLocation(tx, { id }))?.code
  if (code === undefined) return unknownLocation
  const warehouse = await lockRoot(tx, rootOf(code))
  // Read again: it may have been changed before the lock was ours.
  const before = await findLocation(tx, { id })
  if (before === null) return unknownLocation
  const stale = versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const after: Location = { ...before, ...given, version: before.version + 1 }
  const refused = await judgeChange(tx, before, after)
  if (refused !== undefined) return refused
  const opens = isReservable(after) && !isReservable(before)
  if (opens) await holdLedger(tx, company)
  await updateLocation(tx, after)
  if (opens) await offerLocation(tx, company, id)
  if (warehouse !== null) await publishLocation(tx, warehouse, after)
  return after
}

/** Which of these codes name a warehouse or a location. For other slices. */
export function knownCodes(db: Database | Tx, codes: readonly string[]): Promise<ReadonlySet<string>> {
  return findKnownCodes(db, codes)
}

async function judgeChange(tx: Tx, before: Location, after: Location): Promise<Refusal | undefined> {
  const unfit = changedLocationRefusal(after, { barcodeTakenBy: await barcodeOwner(tx, after) })
  if (unfit !== undefined) return unfit
  return needsEmptiness(before, after) ? inUseRefusal(before, after, await findUseForSure(tx, before)) : undefined
}

async function lockRoot(tx: Tx, root: string): Promise<Warehouse | null> {
  if (root !== virtualRoot) return lockWarehouse(tx, root)
  await lockVirtualLocations(tx)
  return null
}

async function barcodeOwner(tx: Tx, { barcode, id }: Location): Promise<string | null> {
  return barcode === null ? null : findBarcodeOwner(tx, barcode, id)
}

async function publishLocation(tx: Tx, warehouse: Warehouse, location: Location | null): Promise<void> {
  const { code, name, defaultReceiptLocation, active } = warehouse
  await publish(
    tx,
    event(stockLocationChanged, code, {
      warehouse: { code, name, defaultReceiptLocation, active },
      location: location === null ? null : locationEvent(location),
    }),
  )
}

function locationEvent(location: Location) {
  const { id: locationId, code, type, reservable, allowNegative, pickSequence, barcode, active } = location
  return { locationId, code, type, reservable, allowNegative, pickSequence, barcode, active }
}
