/** What was told of receipts that the database lacks, or knows in an older state, since it fell back: that they were validated. */
import type { pickingReceiptValidated } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { warehousesOf } from '../locations/location.actions.ts'
import type { Order } from '../orders/order.ts'
import { referenceDataOf } from '../products/product.actions.ts'
import type { LostDocuments } from '../restoring/document.restore.actions.ts'
import { madeAt, toldAt } from '../restoring/restore.ts'
import { draftByHand } from './receipt.amend.ts'
import { restoredReceipt } from './receipt.restore.ts'
import type { Receipt } from './receipt.ts'
import { cancelled } from './receipt.validate.ts'

type Validated = Event<z.output<typeof pickingReceiptValidated.data>>

/** Receipts as they are made again from these events. */
export async function lostReceipts(
  tx: Tx,
  validated: readonly Validated[],
  orderOf: (event: Event) => Order | undefined,
  companyCurrency: string,
): Promise<Omit<LostDocuments<Receipt>, 'tooLate'>> {
  const named = validated.flatMap(({ data }) => [
    ...data.lines.map(({ sku, entered }) => ({ sku, unit: entered.unit })),
    ...(data.differences ?? []),
  ])
  const referenceData = await referenceDataOf(tx, named)
  const warehouses = await warehousesOf(
    tx,
    validated.map(({ data }) => data.warehouse),
  )
  const latest = new Map(validated.map(({ data }) => [data.documentId, data]))
  return {
    steps: validated.map((event) => ({
      documentId: event.data.documentId,
      number: event.data.number,
      what: 'validated',
      at: toldAt(event),
      apply: (receipt) =>
        restoredReceipt(event.data, {
          receipt,
          order: orderOf(event),
          validatedBy: event.actor?.id,
          createdAt: madeAt(event.data.documentId, toldAt(event)),
          defaultDestination: warehouses.get(event.data.warehouse)?.defaultReceiptLocation ?? undefined,
          companyCurrency,
          referenceData,
        }),
    })),
    placeholder: ({ number, ...given }) =>
      cancelled({ ...draftByHand({ ...given, ...empty(given, companyCurrency) }), number }),
    cancel: cancelled,
    says: {
      made: 'Receipts made again as they were validated',
      changed: 'Receipts brought to what was told of them',
      untold: 'Numbers of receipts that were never validated, kept as cancelled ones',
      unknown: (id) => `Receipt ${id} is told of, and what came on it is not: look at its order.`,
      besides: ({ id, number }) => (latest.get(id)?.differences === undefined ? [withoutOrder(number)] : []),
      posted: (second, restored) =>
        `${second} and ${restored} are for the same goods, and both are posted: count, and adjust.`,
      because: 'is validated',
      begun: ({ number, countedBy }) =>
        countedBy.length > 0
          ? `${number} was counted before it was cancelled: look whether its goods came a second time.`
          : undefined,
    },
  }
}

/** Older versions told no order. */
function withoutOrder(number: string): string {
  return `${number} was told by a version before 0.2.0, which named no order: if it is of an order, cancel the receipt that the order makes again.`
}

function empty({ warehouse }: { readonly warehouse: string }, currency: string) {
  const nothing = { source: null, vendor: null, scheduledDate: null, details: null, lines: [] }
  return { ...nothing, currency, destination: warehouse }
}
