/** Where documents act: warehouses, locations, and the scope within which a person may act. Pure. */
import type { LocationType } from '@stockline/contracts'

/** Local copy of a warehouse. */
export interface Warehouse {
  readonly code: string
  readonly name: string
  readonly defaultReceiptLocation: string | null
  readonly active: boolean
}

/** Local copy of a location. */
export interface Location {
  readonly locationId: string
  /** The whole path: `WH/Stock/A1-03`. */
  readonly code: string
  readonly warehouse: string
  readonly type: LocationType
  readonly reservable: boolean
  readonly allowNegative: boolean
  readonly pickSequence: number
  readonly barcode: string | null
  readonly active: boolean
}

/** What decides whether goods can be received at a location. */
export type ReceiptPlace = Pick<Location, 'warehouse' | 'type' | 'active'>

/** A warehouse with its default receipt location, where that is known. */
export interface ReceivingWarehouse extends Warehouse {
  readonly receiptPlace: ReceiptPlace | null
}

/** Why goods can neither be received nor picked at a location, for a person; undefined where they can. */
export function locationFault(warehouse: string, code: string, location: ReceiptPlace | undefined): string | undefined {
  if (location === undefined) return `location "${code}" is not known`
  if (location.warehouse !== warehouse) return `location "${code}" is not in warehouse ${warehouse}`
  if (location.type !== 'internal') return `location "${code}" holds no stock of ours`
  if (!location.active) return `location "${code}" is not in use any more`
  return undefined
}

const keyOfLocations = 'location:'

/** The key under which documents wait for a location to be fit for them. */
export function locationKey(code: string): string {
  return `${keyOfLocations}${code}`
}

/** The location of such a key; undefined of any other key. */
export function locationOfKey(key: string): string | undefined {
  return key.startsWith(keyOfLocations) ? key.slice(keyOfLocations.length) : undefined
}
