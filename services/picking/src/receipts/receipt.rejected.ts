/**
 * Accept and reject at the dock. What is rejected goes back to the vendor, and was never received; or it is held here: received and
 * owned, in a status in which nobody is promised it. Pure.
 */
import { formatQuantity, parseQuantity, type Quantity } from '@stockline/amounts'
import { nothingLeft, type Facts } from '../documents/document.decide.ts'
import { locationFault } from '../locations/location.ts'
import { isFault, toBaseQuantity, type Product } from '../products/product.ts'
import type { Entries, FaultAt } from './receipt.entry.ts'
import type { Entry, Receipt, ReceiptLine } from './receipt.ts'

/** What was not accepted of an entry. */
export type RejectedGoods = NonNullable<Entry['rejected']>
/** What a request says of it. */
type Told = NonNullable<Entries[number]['rejected']>

const nothing = parseQuantity('0')

/**
 * What of these entries is received: each without what it rejects, and what is held as an entry of its own, of which `rejected` says
 * why and as what.
 */
export function ownedIn(entries: readonly Entry[]): readonly Entry[] {
  if (entries.every(({ rejected }) => !rejected)) return entries
  return entries.flatMap((entry) => {
    const { rejected, destination } = entry
    if (!rejected) return [entry]
    const accepted = { ...entry, rejected: null }
    if (rejected.to === 'vendor') return [accepted]
    return [accepted, { ...entry, quantity: rejected.quantity, destination: rejected.location ?? destination }]
  })
}

/** The stock status of what is held. */
export function heldStatus({ status }: Pick<RejectedGoods, 'status'>): NonNullable<RejectedGoods['status']> {
  return status ?? 'quarantine'
}

/** What of an entry goes back to the vendor; undefined where nothing does. */
export function returnedOf({ rejected }: Entry): RejectedGoods | undefined {
  return rejected?.to === 'vendor' ? rejected : undefined
}

/** Was anything on the line rejected? */
export function isRejectedOn({ entries }: Pick<ReceiptLine, 'entries'>): boolean {
  return entries?.some(({ rejected }) => rejected) === true
}

/** How much of an entry is received, as a request says it. */
export function ownedQuantity({ quantity, rejected }: Pick<Entries[number], 'quantity' | 'rejected'>): Quantity {
  const accepted = parseQuantity(quantity)
  if (rejected === undefined || rejected.to === 'vendor') return accepted
  return (accepted + parseQuantity(rejected.quantity)) as Quantity
}

/** What was rejected, as it is kept; undefined with a fault where something is wrong with it, null where nothing was. */
export function readRejected(
  told: Told | undefined,
  product: Product,
  unit: string,
  receipt: Pick<Receipt, 'warehouse'>,
  { locations, referenceData }: Facts,
  note: FaultAt,
): RejectedGoods | null {
  if (told === undefined) return null
  const { quantity: given, reason, to, location, status, ...rest } = told
  nothingLeft(rest)
  const quantity = parseQuantity(given)
  const base = toBaseQuantity(product, quantity, unit, referenceData.units)
  if (isFault(base) && !base.fault.startsWith(product.sku)) note('/rejected/quantity', base.fault)
  if (to === 'vendor') {
    for (const [field, value] of Object.entries({ location, status }))
      if (value !== undefined) note(`/rejected/${field}`, 'is for what is held: this goes back to the vendor')
    return { quantity, reason, to, location: null, status: null }
  }
  const place = location === undefined ? undefined : locationFault(receipt.warehouse, location, locations.get(location))
  if (place !== undefined) note('/rejected/location', place)
  const held = status ?? (reason === 'damaged' ? 'damaged' : 'quarantine')
  return { quantity, reason, to, location: location ?? null, status: held }
}

/** What was rejected, in the words of a history; empty where nothing was. */
export function rejectedText({ rejected }: Pick<Entries[number], 'rejected'>): string {
  if (rejected === undefined) return ''
  const { quantity, reason, to } = rejected
  return `, rejected ${formatQuantity(parseQuantity(quantity))} (${reason}, ${to === 'hold' ? 'held' : 'back to the vendor'})`
}

/** How much an entry brings in all, with what goes back: a serial number is one piece. */
export function broughtBy({ quantity, rejected }: Pick<Entry, 'quantity' | 'rejected'>): Quantity {
  return (quantity + (rejected?.quantity ?? nothing)) as Quantity
}
