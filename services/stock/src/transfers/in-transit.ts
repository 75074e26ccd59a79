/** What each transfer has in transit: no more comes out than it put in, of each product, lot and status. */
import { formatQuantity, minus, plus, type Quantity, zero } from '@stockline/amounts'
import { transitRoot } from '@stockline/contracts/locations'
import type { LedgerLocation } from '../ledger/reference.ts'
import type { Posting } from '../ledger/request.ts'
import type { Quant } from '../ledger/stock.ts'
import type { WorkingSet } from '../ledger/working-set.ts'
import type { Transfer } from './transfer.ts'

/** The place of goods on their way to a location: that of its warehouse. */
export function transitPlace(destination: string): string {
  return `${transitRoot}/${destination.split('/')[0] ?? ''}`
}

/** What a transfer has in transit is counted by product, lot and status. */
export function inTransitKey({ product, lot, status }: Pick<Quant, 'product' | 'lot' | 'status'>): string {
  return `${product.id}/${lot?.id ?? ''}/${status}`
}

/** One line of a document that moves goods into transit or out of it. */
interface Passage {
  readonly to: LedgerLocation
  /** Of the balance at the transit place. */
  readonly quant: Quant
  readonly quantity: Quantity
}

/**
 * Counts what goes into transit and comes out of it.
 *
 * @returns how to take it back, or what is wrong; a restored document is not judged
 */
export function pass(
  workingSet: WorkingSet,
  posting: Posting,
  { to, quant, quantity }: Passage,
): (() => void) | readonly [code: string, message: string] {
  const into = to.type === 'transit'
  const restored = posting.restored !== undefined
  const transfer =
    workingSet.transfers.get(posting.documentId) ?? (restored ? transferOf(workingSet, posting, quant) : undefined)
  if (into && !restored && (transfer === undefined || to.code !== transitPlace(transfer.destination)))
    return ['location-not-internal', `${to.code} does not hold own stock.`]
  const key = inTransitKey(quant)
  const known = transfer?.inTransit.get(key)
  const before = known?.quantity ?? zero.quantity
  if (transfer === undefined || (!into && before < quantity && !restored))
    return ['not-in-transit', notThere(posting, quant, quantity, before)]
  const since = before > 0n && known !== undefined ? known.since : posting.effectiveAt
  const changed = { quant, quantity: into ? plus(before, quantity) : minus(before, quantity), since }
  transfer.inTransit.set(key, changed)
  transfer.goodsChanged = true
  return () => {
    if (known === undefined) transfer.inTransit.delete(key)
    else transfer.inTransit.set(key, known)
  }
}

function notThere({ number }: Posting, { product, lot }: Quant, wanted: Quantity, there: Quantity): string {
  const goods = `${formatQuantity(wanted)} of ${product.sku}${lot === null ? '' : ` of lot ${lot.code}`}`
  return `${goods} are to come out of transit; ${number} has ${formatQuantity(there)} there.`
}

/** A transfer of which only its documents are known: it was confirmed in a history that is gone. */
function transferOf({ transfers }: WorkingSet, posting: Posting, { location }: Quant): Transfer {
  const { documentId, number, attempt, effectiveAt } = posting
  const destination = location.code.slice(transitPlace('').length)
  const transfer: Transfer = {
    ...{ documentId, number, attempt, destination },
    warehouse: posting.warehouse ?? destination,
    source: posting.warehouse ?? destination,
    revision: 1,
    priority: 5,
    scheduledDate: null,
    orderedAt: effectiveAt,
    status: 'sent',
    lines: [],
    waitsFor: null,
    confirmedBy: null,
    inTransit: new Map(),
    changed: true,
    goodsChanged: true,
    stored: undefined,
  }
  transfers.set(documentId, transfer)
  return transfer
}
