/** What other slices ask of the local copies of warehouses, locations and assignments. */
import { mayDo } from '@stockline/contracts'
import { isWithin, type LocationScope } from '@stockline/contracts/locations'
import { refuse, type Actor, type Refusal } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import type { Location, ReceivingWarehouse, Warehouse } from './location.ts'
import {
  assignedSql,
  loadAssignment,
  loadAssignments,
  loadLocations,
  loadReceivingWarehouses,
  loadScannedLocations,
  loadWarehouses,
} from './location.store.ts'

export { assignedSql }

/** Where the actor may act; null is everywhere. */
export async function scopeOf(db: Reader, actor: Who): Promise<LocationScope> {
  return mayDo(actor, 'location.everywhere') ? null : loadAssignment(db, actor.id)
}

/**
 * Where each of these actors may act, asked for all at once; null is everywhere. Each is judged by its own groups: one
 * person may come twice, with those of before and after a change.
 */
export async function scopesOf(db: Reader, actors: readonly Who[]): Promise<(actor: Who) => LocationScope> {
  const bound = actors.filter((actor) => !mayDo(actor, 'location.everywhere')).map(({ id }) => id)
  const assigned = bound.length === 0 ? undefined : await loadAssignments(db, bound)
  return (actor) => (mayDo(actor, 'location.everywhere') ? null : (assigned?.get(actor.id) ?? []))
}

type Who = Pick<Actor, 'id' | 'groups' | 'scopes'>

/** A warehouse; undefined when nobody told of it. */
export async function warehouseOf(db: Reader, code: string): Promise<Warehouse | undefined> {
  return (await loadWarehouses(db, [code])).get(code)
}

/** A warehouse that a request names, where the actor may act in all of it; a refusal where that cannot be. */
export async function warehouseFor(
  db: Reader,
  warehouse: string,
  actor: Actor,
): Promise<{ readonly warehouse: string } | Refusal> {
  if ((await warehouseOf(db, warehouse))?.active !== true)
    return refuse('warehouse-unknown', 'content', `Warehouse "${warehouse}" is not known.`, [
      { pointer: '/warehouse', message: 'is not known' },
    ])
  return isWithin(await scopeOf(db, actor), warehouse)
    ? { warehouse }
    : refuse('location-unknown', 'unknown', 'The warehouse is not among your locations.')
}

/** Warehouses by code; those that nobody told of are left out. */
export async function warehousesOf(db: Reader, codes: readonly string[]): Promise<ReadonlyMap<string, Warehouse>> {
  return loadWarehouses(db, [...new Set(codes)])
}

/** The same, with their default receipt locations. */
export async function receivingWarehousesOf(
  db: Reader,
  codes: readonly string[],
): Promise<ReadonlyMap<string, ReceivingWarehouse>> {
  return loadReceivingWarehouses(db, [...new Set(codes)])
}

/** A location that is new or changed. */
export interface PlaceChange {
  readonly code: string
  /** Nothing can be put there, or taken from there, any more. */
  readonly isClosed: boolean
  /** It could not before this change. */
  readonly wasClosed: boolean
}

/** A document slice, which looks at its documents when a location changes. */
export interface PlaceListener {
  readonly placeChanged: (tx: Tx, change: PlaceChange) => Promise<void>
}

/** Locations by code; those that nobody told of are left out. */
export async function locationsOf(db: Reader, codes: readonly string[]): Promise<ReadonlyMap<string, Location>> {
  return codes.length === 0 ? new Map() : loadLocations(db, [...new Set(codes)])
}

/** Active locations that a scanned code names, by path or by barcode. */
export async function scannedLocations(db: Reader, code: string): Promise<readonly Location[]> {
  return loadScannedLocations(db, code)
}

/** The key under which events wait for a warehouse. */
export function warehouseKey(code: string): string {
  return `warehouse:${code}`
}
