/** Quants: their key, and how a balance changes. */
import type { Lot, Location } from './reference.ts'
import type { Quant, QuantStatus } from './stock.ts'

/** Stands for "no lot" and "no package", so that the key has no NULL in it. */
export const none = '00000000-0000-0000-0000-000000000000'

/** A quant's key among those of its product. The usual one, no lot and available, costs no new string. */
export function quantKey(location: Location, lot: Lot | null, status: QuantStatus, packageId: string): string {
  return lot === null && status === 'available' && packageId === none
    ? location.id
    : `${location.id}/${lot === null ? '' : lot.id}/${status}/${packageId}`
}

/** What no demand has reserved of a quant: on hand less reserved, zero where stock is negative. */
export function unreservedOf(quant: Quant): bigint {
  return quant.onHand > quant.reserved ? quant.onHand - quant.reserved : 0n
}

/** Sets a balance, and with it what its supply and its lot add up to. */
export function setBalance(quant: Quant, onHand: bigint, reserved: bigint): void {
  const before = unreservedOf(quant)
  if (quant.lot !== null && quant.location.type === 'internal') quant.lot.onHand += onHand - quant.onHand
  quant.onHand = onHand
  quant.reserved = reserved
  if (quant.supply !== null) quant.supply.available += unreservedOf(quant) - before
}

/** Differs it from what is stored? */
export function isChanged(quant: Quant): boolean {
  return (
    quant.onHand !== quant.storedOnHand ||
    quant.reserved !== quant.storedReserved ||
    quant.arrivedAt !== quant.storedArrivedAt
  )
}

/** Says that the database now holds what the quant says. */
export function markStored(quant: Quant): void {
  quant.storedOnHand = quant.onHand
  quant.storedReserved = quant.reserved
  quant.storedArrivedAt = quant.arrivedAt
}
