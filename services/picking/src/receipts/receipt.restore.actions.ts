/** Receipts that the database lacks, or knows in an older state, since it fell back: as they were told when validated. */
import type { pickingReceiptValidated } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { v7 as uuid } from 'uuid'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { putBack } from '../documents/document.restore.actions.ts'
import { warehousesOf } from '../locations/location.actions.ts'
import { numberParts } from '../numbers/number.ts'
import type { Order } from '../orders/order.ts'
import { catalogOf } from '../products/product.actions.ts'
import { givenTwice, listed, madeAt, restoredNote, secondsAmong } from '../restoring/restore.ts'
import { type ReceiptChange } from './receipt.actions.ts'
import { draftByHand } from './receipt.amend.ts'
import { restoredReceipt } from './receipt.restore.ts'
import { storedReceipts } from './receipt.store.ts'
import { isOpen, type Receipt } from './receipt.ts'
import { cancelled } from './receipt.validate.ts'

type Validated = Event<z.output<typeof pickingReceiptValidated.data>>

/** What was told of receipts, in its order. */
export interface LostReceipts {
  readonly validated: readonly Validated[]
  /** Revisions of orders that came too late for documents, by document id. */
  readonly tooLate: ReadonlyMap<string, number>
  /** All that was told, of any receipt. */
  readonly toldNumbers: readonly string[]
  readonly orderOf: (event: Event) => Order | undefined
  readonly companyCurrency: string
}

/** What was done, and what is left for a person. */
export interface RestoredDocuments {
  readonly done: readonly string[]
  readonly open: readonly string[]
}

/** Brings receipts to what was told of them; the ledger's answers follow when they are taken again. */
export async function restoreReceipts(tx: Tx, lost: LostReceipts): Promise<RestoredDocuments> {
  const told = Map.groupBy(lost.validated, ({ data }) => data.documentId)
  const ids = [...new Set([...told.keys(), ...lost.tooLate.keys()])]
  const stored = new Map((await storedReceipts.lock(tx, ids)).map((one) => [one.document.id, one]))
  const apply = await rulesFor(tx, lost)
  const changes: ReceiptChange[] = []
  const made: { document: Receipt; note: ReturnType<typeof restoredNote> }[] = []
  for (const id of ids) {
    const before = stored.get(id)
    const { receipt, last } = apply(before?.document, told.get(id) ?? [])
    const revision = lost.tooLate.get(id) ?? 0
    const late = receipt?.status === 'done' && revision > (receipt.orderRevision ?? 0)
    const after = late ? { ...receipt, orderRevision: revision } : receipt
    if (after === undefined || after === before?.document) continue
    const note = restoredNote(last === undefined ? 'order-change-too-late' : 'validated', last ?? unknownTeller)
    if (before === undefined) made.push({ document: after, note })
    else changes.push({ stored: before, after, notes: [note] })
  }
  const seconds = await cancelSeconds(
    tx,
    made.map(({ document }) => document),
    new Set(ids),
  )
  await storedReceipts.update(tx, [...changes, ...seconds.changes])
  const { untold, renumbered } = await putBack(tx, storedReceipts, {
    made,
    toldNumbers: lost.toldNumbers,
    placeholder: (number) => placeholder(number, lost.companyCurrency, tx.now),
    why: { what: 'cancelled', why: whyUntold, who: null },
  })
  const names = (of: readonly { readonly number: string }[]) => listed(of.map(({ number }) => number))
  return {
    done: [
      ...(made.length === 0
        ? []
        : [`Receipts made again as they were validated: ${names(made.map(({ document }) => document))}.`]),
      ...(changes.length === 0
        ? []
        : [`Receipts brought to what was told of them: ${names(changes.map(({ after }) => after))}.`]),
      ...(untold.length === 0
        ? []
        : [`Numbers of receipts that were never validated, kept as cancelled ones: ${listed(untold)}.`]),
      ...seconds.done,
    ],
    open: [
      ...seconds.open,
      ...made.flatMap(({ document }) => withoutOrder(document, told)),
      ...renumbered.map((one) => givenTwice('receipt', one)),
    ],
  }
}

const unknownTeller = { time: '', actor: null }
const whyUntold =
  'The database fell back, and nothing was told of the receipt that had this number. If it was made of an order, the order ' +
  'makes it again under another number.'

/** Applies what was told of one receipt, in order. */
async function rulesFor(tx: Tx, { validated, orderOf, companyCurrency }: LostReceipts) {
  const lines = validated.flatMap(({ data }) => [
    ...data.lines.map(({ sku, entered }) => ({ sku, unit: entered.unit })),
    ...(data.differences ?? []),
  ])
  const catalog = await catalogOf(tx, lines)
  const warehouses = await warehousesOf(
    tx,
    validated.map(({ data }) => data.warehouse),
  )
  return (before: Receipt | undefined, events: readonly Validated[]) => {
    let receipt = before
    let last: ReturnType<typeof tellerOf> | undefined
    for (const event of events) {
      const known = {
        receipt,
        order: orderOf(event),
        validatedBy: event.actor?.id,
        createdAt: madeAt(event.data.documentId, tellerOf(event)),
        defaultDestination: warehouses.get(event.data.warehouse)?.defaultReceiptLocation ?? undefined,
        companyCurrency,
        catalog,
      }
      const after = restoredReceipt(event.data, known)
      if (after === undefined) continue
      receipt = after
      last = tellerOf(event)
    }
    return { receipt, last }
  }
}

function tellerOf({ time, actor }: Event) {
  return { time: time ?? '', actor: actor ?? null }
}

/** Receipts that were made anew for the same goods are cancelled; of one that was posted a person must decide. */
async function cancelSeconds(
  tx: Tx,
  made: readonly Receipt[],
  told: ReadonlySet<string>,
): Promise<{ readonly changes: readonly ReceiptChange[]; readonly done: string[]; readonly open: string[] }> {
  const [done, open]: [string[], string[]] = [[], []]
  const changes = new Map<string, ReceiptChange>()
  const orders = made.flatMap(({ orderId }) => orderId ?? [])
  const ids = orders.length === 0 ? [] : await storedReceipts.lockAllOfOrders(tx, orders)
  const others = new Map((await storedReceipts.lock(tx, ids)).map((one) => [one.document, one]))
  for (const { restored, second } of secondsAmong(made, [...others.keys()], told)) {
    const { id, number, status, countedBy } = second
    const stored = others.get(second)
    if (stored === undefined || !isOpen(status)) {
      open.push(`${number} and ${restored.number} are for the same goods, and both are posted: count, and adjust.`)
      continue
    }
    const why = `${restored.number}, restored after the database fell back, is for the same goods.`
    changes.set(id, { stored, after: cancelled(second), notes: [{ what: 'cancelled', why, who: null }] })
    done.push(`${number} is cancelled: ${restored.number} is for the same goods, and is validated.`)
    if (countedBy.length > 0)
      open.push(`${number} was counted before it was cancelled: look whether its goods came a second time.`)
  }
  return { changes: [...changes.values()], done, open }
}

/** Older versions told no order. */
function withoutOrder(receipt: Receipt, told: ReadonlyMap<string, readonly Validated[]>): readonly string[] {
  const event = told.get(receipt.id)?.at(-1)
  if (event?.data.differences !== undefined) return []
  return [
    `${receipt.number} was told by a version before 0.2.0, which named no order: if it is of an order, cancel the receipt that the order makes again.`,
  ]
}

/** Stands for a receipt of which nothing was told, so that its number is not given to another one. */
function placeholder(number: string, currency: string, createdAt: Date): Receipt {
  const warehouse = numberParts(number)?.warehouse ?? ''
  const nothing = { source: null, vendor: null, scheduledDate: null, details: null, lines: [] }
  return cancelled({
    ...draftByHand({ id: uuid(), warehouse, currency, destination: warehouse, createdAt, ...nothing }),
    number,
  })
}
