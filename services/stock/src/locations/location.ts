/** Rules of warehouses and locations: a tree whose codes are whole paths, `WH/Stock/A1-03`. */
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import type { locationAnswer, warehouseAnswer } from './location.api.ts'

/** A warehouse, the root of a tree of locations. */
export type Warehouse = Readonly<z.output<typeof warehouseAnswer>>

/** A location; virtual ones are in no warehouse. */
export type Location = Readonly<z.output<typeof locationAnswer>>

/** The first part of the paths of virtual locations; no warehouse has this code. */
export const virtualRoot = 'Virtual'

/** The path above: `WH/Stock` of `WH/Stock/A1-03`; null above a warehouse. */
export function parentOf(code: string): string | null {
  const cut = code.lastIndexOf('/')
  return cut < 0 ? null : code.slice(0, cut)
}

/** The first part of a path: the warehouse's code, or `Virtual`. */
export function rootOf(code: string): string {
  const cut = code.indexOf('/')
  return cut < 0 ? code : code.slice(0, cut)
}

/** What must be known to judge a new location. */
export interface PlaceFacts {
  /** Of the path's first part; null when there is none. */
  readonly warehouse: Warehouse | null
  /** Is there something at the path above: a location, or the warehouse itself? */
  readonly parentKnown: boolean
  /** Code of the location or sku of the product that has its barcode already. */
  readonly barcodeTakenBy: string | null
}

/** Everything that is wrong with a new location, at once. */
export function newLocationRefusal(location: Location, facts: PlaceFacts): Refusal | undefined {
  const faults = [...codeFaults(location, facts), ...useFaults(location), ...barcodeFaults(location, facts)]
  return unfit(location.code, faults)
}

/** Everything that is wrong with a changed location, at once. */
export function changedLocationRefusal(
  location: Location,
  facts: Pick<PlaceFacts, 'barcodeTakenBy'>,
): Refusal | undefined {
  return unfit(location.code, [...useFaults(location), ...barcodeFaults(location, facts)])
}

/** What stands in the way of closing a location, or of forbidding negative stock there. */
export interface InUse {
  readonly hasStock: boolean
  readonly hasNegativeStock: boolean
  readonly hasOpenBelow: boolean
  readonly isDefaultReceipt: boolean
}

/** Does this change need to know what is there? */
export function needsEmptiness(before: Location, after: Location): boolean {
  return (before.active && !after.active) || (before.allowNegative && !after.allowNegative)
}

/** A location is closed when nothing is in it, below it, or meant for it. */
export function inUseRefusal(before: Location, after: Location, use: InUse): Refusal | undefined {
  const closing = before.active && !after.active
  if (closing && use.hasStock)
    return refuse('location-has-stock', 'state', `${before.code} holds stock: move it first.`)
  if (closing && use.hasOpenBelow)
    return refuse(
      'location-has-open-below',
      'state',
      `There are open locations below ${before.code}: close them first.`,
    )
  if (closing && use.isDefaultReceipt)
    return refuse('location-is-default', 'state', `Receipts go to ${before.code}: give the warehouse another location.`)
  if (before.allowNegative && !after.allowNegative && use.hasNegativeStock)
    return refuse('location-is-negative', 'state', `${before.code} holds negative stock: correct it first.`)
  return undefined
}

/** A new warehouse; its default receipt location is below it, though not made yet. */
export function newWarehouseRefusal({ code, defaultReceiptLocation: place }: Warehouse): Refusal | undefined {
  const faults: FieldError[] = []
  if (code === virtualRoot)
    faults.push({ pointer: '/code', message: `must not be ${virtualRoot}: that is where goods come from and go to` })
  if (place !== null && !place.startsWith(`${code}/`))
    faults.push({ pointer: '/defaultReceiptLocation', message: `must be below ${code}` })
  return unfit(code, faults)
}

/**
 * Where a warehouse's receipts go: an open internal location of its own.
 *
 * @param found the location of that code; null when there is none
 */
export function defaultReceiptRefusal(warehouse: Warehouse, found: Location | null): Refusal | undefined {
  const code = warehouse.defaultReceiptLocation
  if (code === null) return undefined
  const message = defaultReceiptFault(warehouse, found)
  if (message === undefined) return undefined
  return refuse('default-receipt-location-unfit', 'content', `${code} ${message}.`, [
    { pointer: '/defaultReceiptLocation', message },
  ])
}

function defaultReceiptFault(warehouse: Warehouse, found: Location | null): string | undefined {
  if (found === null) return 'is not known'
  if (found.warehouse !== warehouse.code) return `is not in ${warehouse.code}`
  return found.active ? undefined : 'is closed'
}

function codeFaults({ code, type }: Location, { warehouse, parentKnown }: PlaceFacts): FieldError[] {
  const pointer = '/code'
  const root = rootOf(code)
  const parent = parentOf(code)
  if (parent === null) return [{ pointer, message: 'must be a path below a warehouse, such as "WH/Stock"' }]
  if (root === virtualRoot && type === 'internal')
    return [{ pointer, message: `must not be below ${virtualRoot}, where nothing internal is` }]
  if (root !== virtualRoot && type !== 'internal')
    return [{ pointer, message: `must be below ${virtualRoot}, since its type is not internal` }]
  if (root !== virtualRoot && warehouse === null)
    return [{ pointer, message: `names the warehouse ${root}, which is not known` }]
  return parentKnown ? [] : [{ pointer, message: `names the location ${parent} above it, which is not known` }]
}

function useFaults({ type, reservable, allowNegative }: Location): FieldError[] {
  if (type === 'internal') return []
  return [
    ...(reservable ? [{ pointer: '/reservable', message: 'must be false where nothing is owned' }] : []),
    ...(allowNegative ? [{ pointer: '/allowNegative', message: 'is for internal locations' }] : []),
  ]
}

function barcodeFaults({ barcode }: Location, { barcodeTakenBy }: Pick<PlaceFacts, 'barcodeTakenBy'>): FieldError[] {
  return barcode !== null && barcodeTakenBy !== null
    ? [{ pointer: '/barcode', message: `belongs to ${barcodeTakenBy}` }]
    : []
}

function unfit(code: string, faults: readonly FieldError[]): Refusal | undefined {
  if (faults.length === 0) return undefined
  const detail = faults.map((fault) => `${fault.pointer} ${fault.message}`).join('; ')
  return refuse('place-unfit', 'content', `${code} cannot be taken: ${detail}.`, faults)
}
