/** What other slices ask of the local copies of warehouses, locations and assignments. */
import { mayDo } from '@stockline/contracts'
import type { Actor } from '@stockline/service-kit'
import type { Reader } from '../database.ts'
import type { Location, Scope, Warehouse } from './location.ts'
import { assignedSql, loadAssignment, loadLocations, loadScannedLocations, loadWarehouses } from './location.store.ts'

export { assignedSql }

/** Where the actor may act; null is everywhere. */
export async function scopeOf(db: Reader, actor: Pick<Actor, 'id' | 'groups' | 'scopes'>): Promise<Scope> {
  return mayDo(actor, 'location.everywhere') ? null : loadAssignment(db, actor.id)
}

/** A warehouse; undefined when nobody told of it. */
export async function warehouseOf(db: Reader, code: string): Promise<Warehouse | undefined> {
  return (await loadWarehouses(db, [code])).get(code)
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
