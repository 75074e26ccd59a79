/**
 * Documents that the database lacks, or knows in an older state, since it fell back: brought to what was published of them, under the
 * numbers that were published. What the ledger and stock answered follows when it is taken again.
 */
import { numberParts, writeRestored, type AnyDocument, type Change, type Made } from '@stockline/documents'
import { givenTwice, madeAt, restoredNote } from '@stockline/documents/restored'
import type { Event } from '@stockline/contracts/envelope'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { OrderedStore } from '../documents/document.actions.ts'
import type { JudgedStore } from '../documents/document.stored.actions.ts'
import { listed } from '../documents/document.text.ts'
import type { OrderedKind } from '../orders/order.documents.ts'
import type { Order } from '../orders/order.ts'
import { referenceDataOf } from '../products/product.actions.ts'
import {
  secondsAmong,
  type DocumentEvent,
  type OfOrder,
  type RestorableKind,
  type RestorableOfOrders,
} from './restore.ts'

/** A document of any kind, as far as it is made again. */
type Restored = AnyDocument & OfOrder & { readonly orderRevision?: number | null }

/** How a kind is kept, as far as its documents are made again. Those that orders lead to are locked with their orders. */
export interface RestoredKind<Document extends Restored> {
  readonly rules: { readonly kind: string; readonly isOpen: (document: Document) => boolean }
  readonly store: JudgedStore<Document> & Partial<Pick<OrderedStore<Document>, 'lockAllOfOrders'>>
  readonly homesOf: OrderedKind<never, never>['homesOf']
  readonly save: (tx: Tx, work: { readonly changes: readonly Change<Document>[] }) => Promise<unknown>
}

/** An order's change that came too late for a document. */
export interface TooLateFor {
  readonly documentId: string
  readonly number: string
  readonly revision: number
}

/** What was published of documents of a kind, in its order, and what that goes back to. */
export interface LostDocuments<Published> {
  readonly events: readonly LostEvent<Published>[]
  readonly tooLate: readonly TooLateFor[]
  readonly orderOf: (event: Event) => Order | undefined
  /** What a document was a backorder of, by the event that led to this one. */
  readonly backorderOf: (event: Event) => string | null
}

/** An event of a document, and what it was published as. */
export interface LostEvent<Published> {
  readonly published: Published
  readonly event: Event
}

/** What was done, and what is left for a person. */
export interface RestoredDocuments {
  readonly done: readonly string[]
  readonly open: readonly string[]
}

/** Brings documents to what was published of them. Do it last in a transaction. */
export async function restoreDocuments<Document extends Restored, Published extends DocumentEvent>(
  tx: Tx,
  kind: RestoredKind<Document>,
  restorable: RestorableKind<Document, Published>,
  lost: LostDocuments<Published>,
): Promise<RestoredDocuments> {
  const { tooLate } = lost
  const { says } = restorable
  const { changes, made, unknown } = await applied(tx, kind, restorable, lost)
  const documents = made.map(({ document }) => document)
  const published = [...lost.events.map((one) => one.published.data), ...tooLate]
  const ids = new Set(published.map(({ documentId }) => documentId))
  const seconds = await cancelSeconds(tx, kind, restorable.ofOrders, documents, ids)
  // What is restored was published before, and is not a second time.
  await kind.store.update(tx, changes)
  const { untold, renumbered } = await writeRestored(tx, kind.store, {
    made,
    publishedNumbers: published.map(({ number }) => number),
    withoutDocument: new Set(tooLate.flatMap(({ documentId, number }) => (unknown.includes(documentId) ? number : []))),
    placeholder: (number) =>
      restorable.placeholder({
        id: uuid(),
        number,
        warehouse: numberParts(number)?.warehouse ?? '',
        createdAt: tx.now,
      }),
    why: { what: 'cancelled', why: whyUntold(kind.rules.kind, restorable.ofOrders !== undefined), who: null },
  })
  await kind.save(tx, { changes: seconds.changes })
  const sentence = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what}: ${listed(names, 10)}.`]
  return {
    done: [
      ...sentence(says.made, numbersOf(documents)),
      ...sentence(says.changed, numbersOf(changes.map(({ after }) => after))),
      ...sentence(says.untold, untold),
      ...seconds.done,
    ],
    open: [
      ...(restorable.ofOrders === undefined ? [] : unknown.map(restorable.ofOrders.unknown)),
      ...seconds.open,
      ...made.flatMap(({ last }) => (last === undefined ? [] : says.besides(last))),
      ...renumbered.map((one) => givenTwice(kind.rules.kind, one)),
    ],
  }
}

function whyUntold(kind: string, isOfOrders: boolean): string {
  const again = isOfOrders ? ' If it was made of an order, the order makes it again under another number.' : ''
  return `The database fell back, and nothing was told of the ${kind} that had this number.${again}`
}

function numbersOf(documents: readonly AnyDocument[]): readonly string[] {
  return documents.map(({ number }) => number)
}

/** A document that is made again, and the last of its events. */
interface MadeOf<Document, Published> extends Made<Document> {
  readonly last: Published | undefined
}

/** Applies what was published, document by document. */
async function applied<Document extends Restored, Published extends DocumentEvent>(
  tx: Tx,
  { store, homesOf }: RestoredKind<Document>,
  { names, steps, apply }: RestorableKind<Document, Published>,
  { events, tooLate, orderOf, backorderOf }: LostDocuments<Published>,
) {
  const eventsOf = Map.groupBy(events, ({ published }) => published.data.documentId)
  const revisions = new Map(tooLate.map(({ documentId, revision }) => [documentId, revision]))
  const ids = [...new Set([...eventsOf.keys(), ...revisions.keys()])]
  const stored = new Map((await store.lock(tx, ids)).map((one) => [one.document.id, one]))
  const referenceData = await referenceDataOf(
    tx,
    events.flatMap(({ published, event }) => names(published, orderOf(event))),
  )
  const homes = await homesOf(tx, [...new Set(events.map(({ published }) => published.data.warehouse))])
  const [changes, made, unknown]: [Change<Document>[], MadeOf<Document, Published>[], string[]] = [[], [], []]
  for (const id of ids) {
    const before = stored.get(id)
    let [document, last]: [Document | undefined, LostEvent<Published> | undefined] = [before?.document, undefined]
    const own = eventsOf.get(id) ?? []
    for (const one of own) {
      const { published, event } = one
      const after = apply(published, {
        before: document,
        order: orderOf(event),
        createdAt: madeAt(id, event.time),
        backorderOf: backorderOf(event),
        by: event.actor?.id,
        home: homes.get(published.data.warehouse),
        referenceData,
      })
      if (after !== undefined) [document, last] = [after, one]
    }
    if (document === undefined) {
      unknown.push(id)
      continue
    }
    const orderRevision = revisions.get(id) ?? 0
    const isLate = document.status === 'done' && orderRevision > (document.orderRevision ?? 0)
    const after = isLate ? { ...document, orderRevision } : document
    if (after === before?.document) continue
    const what = last === undefined ? 'order-change-too-late' : steps[last.published.type as Published['type']]
    const note = restoredNote(what, last?.event ?? {})
    if (before === undefined) made.push({ document: after, note, last: own.at(-1)?.published })
    else changes.push({ stored: before, after, notes: [note] })
  }
  return { changes, made, unknown }
}

/** Documents that were made anew for the same goods are cancelled; of one that was posted a person must decide. */
async function cancelSeconds<Document extends Restored>(
  tx: Tx,
  { rules, store }: RestoredKind<Document>,
  says: RestorableOfOrders<Document> | undefined,
  made: readonly Document[],
  published: ReadonlySet<string>,
) {
  const [done, open]: [string[], string[]] = [[], []]
  const changes = new Map<string, Change<Document>>()
  const orders = made.flatMap(({ orderId }) => orderId ?? [])
  if (orders.length === 0 || store.lockAllOfOrders === undefined || says === undefined)
    return { changes: [], done, open }
  const ids = await store.lockAllOfOrders(tx, orders)
  const others = new Map((await store.lock(tx, ids)).map((one) => [one.document, one]))
  for (const { restored, second } of secondsAmong(made, [...others.keys()], published)) {
    const stored = others.get(second)
    if (stored === undefined || !rules.isOpen(second)) {
      open.push(says.posted(second.number, restored.number))
      continue
    }
    const why = `${restored.number}, restored after the database fell back, is for the same goods.`
    changes.set(second.id, { stored, after: says.cancel(second), notes: [{ what: 'cancelled', why, who: null }] })
    done.push(`${second.number} is cancelled: ${restored.number} is for the same goods, and ${says.because}.`)
    const begun = says.begun(second)
    if (begun !== undefined) open.push(begun)
  }
  return { changes: [...changes.values()], done, open }
}
