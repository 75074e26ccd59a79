/** What stock's answers do to a delivery: reserved, or reservations lost. Answers to an older need change nothing. Pure. */
import { quantity, type Quantity } from '@stockline/amounts'
import { isBegun, isSamePick, nothing, type Delivery, type Pick } from './delivery.ts'

/** What stock has reserved for a delivery: the whole of it. */
export interface Reserved {
  readonly revision: number
  /** By line of the delivery. */
  readonly picks: ReadonlyMap<number, readonly Omit<Pick, 'picked'>[]>
}

/** The delivery with these picks suggested; undefined when the answer is not for it as it is now. */
export function reservedDelivery(delivery: Delivery, reserved: Reserved): Delivery | undefined {
  if (!awaitsStock(delivery) || reserved.revision !== delivery.needRevision) return undefined
  const lines = delivery.lines.map((line) => ({
    ...line,
    picks: merged(reserved.picks.get(line.line) ?? [], line.picks),
  }))
  const any = lines.some((line) => line.picks.some((pick) => pick.quantity > 0n))
  const status = isBegun({ lines }) ? 'in_progress' : any ? 'ready' : 'waiting'
  return { ...delivery, status, problem: null, lines }
}

/** The delivery without its reservations, waiting again, and why. What was picked stays picked. */
export function releasedDelivery(delivery: Delivery, revision: number, detail: string): Delivery | undefined {
  if (!awaitsStock(delivery) || revision !== delivery.needRevision) return undefined
  const lines = delivery.lines.map((line) => ({ ...line, picks: merged([], line.picks) }))
  return { ...delivery, status: 'waiting', problem: detail, lines }
}

function awaitsStock(delivery: Delivery): boolean {
  return delivery.status === 'waiting' || delivery.status === 'ready' || delivery.status === 'in_progress'
}

/** What is suggested now, with what was picked there; and what was picked elsewhere, with nothing reserved. */
function merged(suggested: readonly Omit<Pick, 'picked'>[], before: readonly Pick[]): readonly Pick[] {
  const picks = suggested.map((each): Pick => {
    const same = before.find((pick) => isSamePick(pick, each))
    return { ...each, picked: same?.picked ?? null }
  })
  const elsewhere = before
    .filter((pick) => (pick.picked ?? nothing) > 0n && !suggested.some((each) => isSamePick(each, pick)))
    .map((pick) => ({ ...pick, quantity: nothing }))
  return inPickOrder([...picks, ...elsewhere])
}

/** The way through the warehouse: by pick sequence, then place, then what expires first. */
export function inPickOrder<P extends Omit<Pick, 'picked'>>(picks: readonly P[]): readonly P[] {
  return [...picks].sort(
    (a, b) => a.pickSequence - b.pickSequence || compare(a.location, b.location) || compare(a.expiresOn ?? '9', b.expiresOn ?? '9') || compare(a.lot ?? '', b.lot ?? ''),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What is still to be picked of a pick, in the base unit. */
export function openOf(pick: Pick): Quantity {
  const open = pick.quantity - (pick.picked ?? 0n)
  return quantity(open > 0n ? open : 0n)
}
