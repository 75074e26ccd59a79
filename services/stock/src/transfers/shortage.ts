/** What a waiting transfer is short of, and where stock of that lies which it cannot take. Pure. */
import { plus, type Quantity, zero } from '@stockline/amounts'
import { isAtOrBelow } from '@stockline/contracts/locations'
import { type Unavailability, unreservedOf, whyNotAvailable } from '../availability/available.ts'
import type { WorkingSet } from '../ledger/working-set.ts'
import {
  type MissingProduct,
  mostShortages,
  outOfReachHere,
  type ReservedStock,
  type Shortage,
  shortageOf,
  type UnreservedStock,
} from '../reservations/shortage.ts'
import { maySetOut, type Transfer } from './transfer.ts'

/** What it asks for, by product and lot, of which its source has too little. */
export function missingOfTransfer(workingSet: WorkingSet, transfer: Transfer): readonly MissingProduct[] {
  const asked = new Map<string, MissingProduct>()
  for (const line of transfer.lines) {
    const { product, lot, quantity } = line
    const key = `${product.id}/${lot ?? ''}`
    const missing = plus(asked.get(key)?.missing ?? zero.quantity, quantity)
    asked.set(key, { product, lot, missing, available: availableTo(workingSet, transfer, line) })
  }
  const all = [...asked.values()]
  const short = all.filter((one) => one.missing > one.available)
  // Each is there by itself, and not all of them together: one lot, and others of the same product.
  return (short.length === 0 ? all : short).slice(0, mostShortages)
}

function availableTo({ quants, today }: WorkingSet, transfer: Transfer, line: Transfer['lines'][number]): Quantity {
  let available = zero.quantity
  for (const quant of quants.get(line.product.id)?.values() ?? [])
    if (maySetOut(transfer, line, quant, today)) available = plus(available, unreservedOf(quant))
  return available
}

/** The same, with where stock lies that it cannot take: outside of its source, say. */
export function transferShortage(
  transfer: Transfer,
  missing: MissingProduct,
  unreserved: readonly UnreservedStock[],
  reserved: readonly ReservedStock[],
  today: string,
): Shortage {
  return shortageOf(transfer, missing, unreserved, reserved, today, (stock) =>
    outOfReachHere(stock, whyNotTaken(transfer, missing, stock, today), missing.lot),
  )
}

function whyNotTaken(
  { source, destination }: Transfer,
  missing: MissingProduct,
  { location, lot, status }: UnreservedStock,
  today: string,
): Unavailability | 'outside-source' | undefined {
  if (!isAtOrBelow(location.code, source) || isAtOrBelow(location.code, destination)) return 'outside-source'
  // Also from where deliveries reserve nothing; and a lot that is named moves though it has expired or is held.
  const [from, isNamed] = [{ ...location, reservable: true }, lot !== null && lot.code === missing.lot]
  return whyNotAvailable({ location: from, lot: isNamed ? null : lot, status }, today)
}
