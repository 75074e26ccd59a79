/** What is published of transfers: what the ledger is asked to ship, to take out of transit, to relocate, or to forget. Pure. */
import { formatQuantity, parseQuantity, type Quantity } from '@stockline/amounts'
import type { pickingTransferCancelled, TransferConfirmed, TransferValidated } from '@stockline/contracts'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { mostLines } from '../documents/document.fields.ts'
import { isFault, toBaseQuantity, type ReferenceData } from '../products/product.ts'
import type { GoodsInTransit, Transfer, TransferLine } from './transfer.ts'

/** What is published of transfers. */
export type TransferEvent =
  | { readonly type: 'confirmed'; readonly data: TransferConfirmed }
  | { readonly type: 'validated'; readonly data: TransferValidated }
  | { readonly type: 'cancelled'; readonly data: z.output<typeof pickingTransferCancelled.data> }

/** Every transfer's priority: as deliveries have it where nobody says another. */
const priority = 5

/** The ledger is asked to ship it, as products and units are known now. */
export function transferConfirmed(transfer: Transfer, referenceData: ReferenceData): TransferEvent | Refusal {
  const faults: FieldError[] = []
  const lines = transfer.lines.map((line) => goodsOf(line, referenceData, faults))
  if (faults.length > 0)
    return refuse('lines-wrong', 'content', `${transfer.number} cannot be confirmed as it is.`, faults)
  const { source, destination, scheduledDate, confirmedAt, createdAt } = transfer
  const data = {
    ...{ ...posting(transfer), revision: transfer.attempt, priority, source, destination, lines },
    ...(scheduledDate === null ? {} : { scheduledDate }),
    orderedAt: (confirmedAt ?? createdAt).toISOString(),
  }
  return { type: 'confirmed', data }
}

/** Where goods go that are in transit; why, where they are lost. */
export type Way = { readonly to: string } | { readonly reason: string }

/** The ledger is asked to take goods out of transit. */
export function transferValidated(
  transfer: Transfer,
  goods: readonly (GoodsInTransit & { readonly way: Way })[],
  referenceData: ReferenceData,
): TransferEvent | Refusal {
  if (goods.length > mostLines)
    return refuse('transfer-too-long', 'content', 'More than 1,000 lots at once: name some of them, then the others.')
  const unknown = new Set(goods.map(({ line }) => line.sku).filter((sku) => !referenceData.products.has(sku)))
  if (unknown.size > 0)
    return refuse(
      'product-unknown',
      'state',
      `Of ${transfer.number} not all products are known yet, after the database fell back: ${[...unknown].slice(0, 5).join(', ')}. Try again once they are.`,
    )
  const lines = goods.map(({ line, lot, quantity, way }, index) => ({
    ...goodsIn(line, quantity, lot, referenceData),
    ...{ line: index + 1, documentLine: line.line, ...way },
  }))
  return { type: 'validated', data: { ...posting(transfer), lines } }
}

/** The event of a new relocation. Other new transfers have none. */
export function newTransferEvents(
  before: Transfer | undefined,
  transfer: Transfer,
  referenceData: ReferenceData | undefined,
): readonly TransferEvent[] {
  if (before !== undefined || transfer.asked !== 'relocate' || referenceData === undefined) return []
  const lines = transfer.lines.flatMap((line) => {
    const { fromLocation: from, toLocation: to } = line
    if (from === null || to === null) return []
    return [{ ...goodsOf(line, referenceData, []), documentLine: line.line, from, to }]
  })
  return [{ type: 'validated', data: { ...posting(transfer), lines } }]
}

/** The ledger is to forget one that waits. */
export function transferCancelled(transfer: Transfer, reason: string): TransferEvent {
  const { effectiveAt: _at, attempt: revision, ...document } = posting(transfer)
  return { type: 'cancelled', data: { ...document, revision, reason } }
}

function posting({ id: documentId, number, warehouse, attempt, effectiveAt }: Transfer) {
  const happened = effectiveAt === null ? {} : { effectiveAt: effectiveAt.toISOString() }
  return { documentId, number, warehouse, attempt, ...happened }
}

/** All of a line in the base unit. What cannot be converted any more is a fault. */
function goodsOf(line: TransferLine, referenceData: ReferenceData, faults: FieldError[]) {
  const product = referenceData.products.get(line.sku)
  const base =
    product === undefined
      ? { fault: `product "${line.sku}" is not known` }
      : toBaseQuantity(product, line.quantity, line.unit, referenceData.units)
  if (isFault(base)) faults.push({ pointer: `/lines/${String(line.line)}`, message: base.fault })
  const quantity = isFault(base) ? parseQuantity('0') : base
  return { line: line.line, ...goodsIn(line, quantity, line.lot, referenceData) }
}

function goodsIn({ sku }: TransferLine, quantity: Quantity, lot: string | null, { products }: ReferenceData) {
  const { unit, category = '' } = products.get(sku) ?? {}
  const [counted, ofLot] = [unit === undefined ? {} : { unit }, lot === null ? {} : { lot }]
  return { sku, quantity: formatQuantity(quantity), ...counted, ...ofLot, category }
}
