/**
 * Locations as all services understand them: a code is a path, a scope is a list of subtrees, and pickers walk in one order. Pure,
 * so that rules import it.
 */
import type { LocationType } from './stock.ts'

/** Where an actor may act: on these locations and warehouses, each with all below it; null is everywhere. */
export type LocationScope = readonly string[] | null

/** Is it that location, or one below it? */
export function isAtOrBelow(code: string, top: string): boolean {
  return code === top || code.startsWith(`${top}/`)
}

/** Is the location inside the scope? */
export function isWithin(scope: LocationScope, code: string): boolean {
  return scope === null || scope.some((top) => isAtOrBelow(code, top))
}

/** A document is visible with one of its locations inside the scope. */
export function maySee(scope: LocationScope, locations: readonly string[]): boolean {
  return scope === null || locations.some((location) => isWithin(scope, location))
}

/** A step on a document requires all of its locations inside the scope. */
export function mayAct(scope: LocationScope, locations: readonly string[]): boolean {
  return scope === null || locations.every((location) => isWithin(scope, location))
}

/**
 * {@link isWithin} in a statement.
 *
 * @param code an expression that gives the location's code
 * @param scope the parameter: an array of codes
 */
export function withinSql(code: string, scope: string): string {
  return `exists (
    select from unnest(${scope}::text[]) as top (code) where ${code} = top.code or starts_with(${code}, top.code || '/'))`
}

/** Does the company own what is at locations of this type? In transit it does, though it is in no warehouse then. */
export function isOwned(type: LocationType): boolean {
  return type === 'internal' || type === 'transit'
}

/** The place of what is on its way to a warehouse is below this, by the warehouse's code: `Virtual/Transit/W2`. */
export const transitRoot = 'Virtual/Transit'

/** The code by which a location is in or out of a scope: what is on its way to a warehouse belongs to it. */
export function scopedCode(code: string): string {
  return isAtOrBelow(code, transitRoot) ? code.slice(transitRoot.length + 1) : code
}

/**
 * {@link scopedCode} in a statement.
 *
 * @param location the name of a row with `code` and `type`
 */
export function scopedCodeSql(location: string): string {
  return `case when ${location}.type = 'transit' then substr(${location}.code, ${String(transitRoot.length + 2)}) else ${location}.code end`
}

/** What the order of picks depends on. */
export interface PickPlace {
  readonly pickSequence: number
  readonly location: string
  readonly lot: string | null
  readonly expiresOn: string | null
}

/** The way through the warehouse: by pick sequence, then location, then what expires first, then lot. */
export function inPickOrder<Pick extends PickPlace>(picks: readonly Pick[]): Pick[] {
  return [...picks].sort(
    (a, b) =>
      a.pickSequence - b.pickSequence ||
      compare(a.location, b.location) ||
      compare(a.expiresOn ?? never, b.expiresOn ?? never) ||
      compare(a.lot ?? '', b.lot ?? ''),
  )
}

/** Later than every date. */
const never = '9999-12-31'

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
