/** Quants: their key, and how a balance changes. */
import { minus, plus, type Quantity } from '@stockline/amounts'
import { isOwned } from '@stockline/contracts/locations'
import { unreservedOf } from '../availability/available.ts'
import type { LedgerLocation, LedgerLot } from './reference.ts'
import type { Quant, QuantStatus } from './stock.ts'

/** Stands for "no lot" and "no package", so that the key has no NULL in it. */
export const none = '00000000-0000-0000-0000-000000000000'

/** A quant's key among those of its product. The usual one, no lot and available, costs no new string. */
export function quantKey(
  location: LedgerLocation,
  lot: LedgerLot | null,
  status: QuantStatus,
  packageId: string,
): string {
  return lot === null && status === 'available' && packageId === none
    ? location.id
    : `${location.id}/${lot === null ? '' : lot.id}/${status}/${packageId}`
}

/** Sets a balance, and with it what its supply and its lot add up to. */
export function setBalance(quant: Quant, onHand: Quantity, reserved: Quantity): void {
  const before = unreservedOf(quant)
  if (quant.lot !== null && isOwned(quant.location.type))
    quant.lot.onHand = plus(quant.lot.onHand, minus(onHand, quant.onHand))
  quant.onHand = onHand
  quant.reserved = reserved
  if (quant.supply !== null) quant.supply.available = plus(quant.supply.available, minus(unreservedOf(quant), before))
}

/** Reserves so much more of a quant; less where it is below zero. */
export function addReserved(quant: Quant, more: Quantity): void {
  setBalance(quant, quant.onHand, plus(quant.reserved, more))
}

/** Does it differ from what is stored? */
export function isChanged(quant: Quant): boolean {
  return (
    quant.onHand !== quant.storedOnHand ||
    quant.reserved !== quant.storedReserved ||
    quant.arrivedAt !== quant.storedArrivedAt
  )
}

/** Marks the quant as stored: the database holds its balance. */
export function markStored(quant: Quant): void {
  quant.storedOnHand = quant.onHand
  quant.storedReserved = quant.reserved
  quant.storedArrivedAt = quant.arrivedAt
}
