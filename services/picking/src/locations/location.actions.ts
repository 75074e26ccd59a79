/** What other slices ask of the local copies of warehouses, locations and assignments. */
import { mayDo } from '@stockline/contracts'
import type { Actor } from '@stockline/service-kit'
import type { Reader } from '../database.ts'
import type { Location, Scope, Warehouse } from './location.ts'
import {
  assignedSql,
  loadAssignment,
  loadAssignments,
  loadLocations,
  loadScannedLocations,
  loadWarehouses,
} from './location.store.ts'

export { assignedSql }

/** Where the actor may act; null is everywhere. */
export async function scopeOf(db: Reader, actor: Pick<Actor, 'id' | 'groups' | 'scopes'>): Promise<Scope> {
  return mayDo(actor, 'location.everywhere') ? null : loadAssignment(db, actor.id)
}

/** Where each of the actors may act, by their ids; null is everywhere. */
export async function scopesOf(
  db: Reader,
  actors: readonly Pick<Actor, 'id' | 'groups' | 'scopes'>[],
): Promise<ReadonlyMap<string, Scope>> {
  const bound = actors.filter((actor) => !mayDo(actor, 'location.everywhere')).map(({ id }) => id)
  const assigned = bound.length === 0 ? new Map<string, Scope>() : await loadAssignments(db, bound)
  return new Map(actors.map(({ id }) => [id, bound.includes(id) ? (assigned.get(id) ?? []) : null]))
}

/** A warehouse; undefined when nobody told of it. */
export async function warehouseOf(db: Reader, code: string): Promise<Warehouse | undefined> {
  return (await loadWarehouses(db, [code])).get(code)
}

/** Warehouses by code; those that nobody told of are left out. */
export async function warehousesOf(db: Reader, codes: readonly string[]): Promise<ReadonlyMap<string, Warehouse>> {
  return loadWarehouses(db, [...new Set(codes)])
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
