/**
 * Documents that the database lacks, or knows in an older state, since it fell back: brought to what was told of them, under the numbers
 * that were told. What the ledger and stock answered follows when it is taken again.
 */
import {
  numberParts,
  restoreNumbers,
  type AnyDocument,
  type Change,
  type NewDocument,
  type Note,
} from '@stockline/documents'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { OrderedStore } from '../documents/document.actions.ts'
import { listed } from '../documents/document.text.ts'
import type { OrderedKind } from '../orders/order.documents.ts'
import type { OrderDraft, OrderedDocument } from '../orders/order.follow.ts'
import { givenTwice, restoredNote, secondsAmong, type ToldAt } from './restore.ts'

/** What was told of one document by one event. */
export interface ToldStep<Document> {
  readonly documentId: string
  readonly number: string
  /** What the history calls it. */
  readonly what: string
  readonly at: ToldAt
  /** The document after it; undefined where the database knows of it already, or it says nothing of one that is not there. */
  readonly apply: (before: Document | undefined) => Document | undefined
}

/** An order's change that came too late for a document. */
export interface TooLateFor {
  readonly documentId: string
  readonly number: string
  readonly revision: number
}

/** What was told of documents of a kind, in its order, and what a person is told. */
export interface LostDocuments<Document> {
  readonly steps: readonly ToldStep<Document>[]
  readonly tooLate: readonly TooLateFor[]
  /** Stands for a document of which nothing was told, so that its number is not given to another one. */
  readonly placeholder: (given: PlaceholderGiven) => Document
  readonly cancel: (document: Document) => Document
  readonly says: Sayings<Document>
}

/** What is known of a document of which nothing was told. */
export interface PlaceholderGiven {
  readonly id: string
  readonly number: string
  readonly warehouse: string
  readonly createdAt: Date
}

/** The sentences in which kinds differ. */
export interface Sayings<Document> {
  /** `Receipts made again as they were validated` */
  readonly made: string
  /** `Receipts brought to what was told of them` */
  readonly changed: string
  /** `Numbers of receipts that were never validated, kept as cancelled ones` */
  readonly untold: string
  /** Of a document that was told of too late alone: what is not told. */
  readonly unknown: (id: string) => string
  /** What else a person has to know of one that was made again. */
  readonly besides: (made: Document) => readonly string[]
  /** Of a second document for the same goods that cannot be cancelled any more. */
  readonly posted: (second: string, restored: string) => string
  /** Why a second one is cancelled: `is validated`. */
  readonly because: string
  /** Of one that is cancelled and that somebody had begun with; undefined where nobody had. */
  readonly begun: (second: Document) => string | undefined
}

/** What was done, and what is left for a person. */
export interface RestoredDocuments {
  readonly done: readonly string[]
  readonly open: readonly string[]
}

/** Brings documents to what was told of them. Do it last in a transaction. */
export async function restoreDocuments<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  kind: OrderedKind<Document, Draft>,
  lost: LostDocuments<Document>,
): Promise<RestoredDocuments> {
  const { steps, tooLate, says } = lost
  const { changes, made, unknown } = await toldAgain(tx, kind, lost)
  const documents = made.map(({ document }) => document)
  const told = new Set([...steps, ...tooLate].map(({ documentId }) => documentId))
  const seconds = await cancelSeconds(tx, kind, lost, documents, told)
  // What is restored was told before: others hear of it no second time.
  await kind.store.update(tx, changes)
  const { untold, renumbered } = await putBack(tx, kind.store, {
    made,
    toldNumbers: [...steps, ...tooLate].map(({ number }) => number),
    withoutDocument: new Set(tooLate.flatMap(({ documentId, number }) => (unknown.includes(documentId) ? number : []))),
    placeholder: (number) =>
      lost.placeholder({ id: uuid(), number, warehouse: numberParts(number)?.warehouse ?? '', createdAt: tx.now }),
    why: { what: 'cancelled', why: whyUntold(kind.rules.kind), who: null },
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
      ...unknown.map(says.unknown),
      ...seconds.open,
      ...documents.flatMap(says.besides),
      ...renumbered.map((one) => givenTwice(kind.rules.kind, one)),
    ],
  }
}

function whyUntold(kind: 'receipt' | 'delivery'): string {
  return (
    `The database fell back, and nothing was told of the ${kind} that had this number. If it was made of an order, the order ` +
    'makes it again under another number.'
  )
}

function numbersOf(documents: readonly AnyDocument[]): readonly string[] {
  return documents.map(({ number }) => number)
}

/** Applies what was told, document by document. */
async function toldAgain<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  { store }: OrderedKind<Document, Draft>,
  { steps, tooLate }: LostDocuments<Document>,
) {
  const stepsOf = Map.groupBy(steps, ({ documentId }) => documentId)
  const revisions = new Map(tooLate.map(({ documentId, revision }) => [documentId, revision]))
  const ids = [...new Set([...stepsOf.keys(), ...revisions.keys()])]
  const stored = new Map((await store.lock(tx, ids)).map((one) => [one.document.id, one]))
  const [changes, made, unknown]: [Change<Document>[], Made<Document>[], string[]] = [[], [], []]
  for (const id of ids) {
    const before = stored.get(id)
    let [document, last]: [Document | undefined, ToldStep<Document> | undefined] = [before?.document, undefined]
    for (const step of stepsOf.get(id) ?? []) {
      const applied = step.apply(document)
      if (applied !== undefined) [document, last] = [applied, step]
    }
    if (document === undefined) {
      unknown.push(id)
      continue
    }
    const orderRevision = revisions.get(id) ?? 0
    const isLate = document.status === 'done' && orderRevision > (document.orderRevision ?? 0)
    const after = isLate ? { ...document, orderRevision } : document
    if (after === before?.document) continue
    const note = restoredNote(last?.what ?? 'order-change-too-late', last?.at ?? { time: '', actor: null })
    if (before === undefined) made.push({ document: after, note })
    else changes.push({ stored: before, after, notes: [note] })
  }
  return { changes, made, unknown }
}

/** Documents that were made anew for the same goods are cancelled; of one that was posted a person must decide. */
async function cancelSeconds<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  { rules, store }: OrderedKind<Document, Draft>,
  { cancel, says }: LostDocuments<Document>,
  made: readonly Document[],
  told: ReadonlySet<string>,
) {
  const [done, open]: [string[], string[]] = [[], []]
  const changes = new Map<string, Change<Document>>()
  const orders = made.flatMap(({ orderId }) => orderId ?? [])
  const ids = orders.length === 0 ? [] : await store.lockAllOfOrders(tx, orders)
  const others = new Map((await store.lock(tx, ids)).map((one) => [one.document, one]))
  for (const { restored, second } of secondsAmong(made, [...others.keys()], told)) {
    const stored = others.get(second)
    if (stored === undefined || !rules.isOpen(second)) {
      open.push(says.posted(second.number, restored.number))
      continue
    }
    const why = `${restored.number}, restored after the database fell back, is for the same goods.`
    changes.set(second.id, { stored, after: cancel(second), notes: [{ what: 'cancelled', why, who: null }] })
    done.push(`${second.number} is cancelled: ${restored.number} is for the same goods, and ${says.because}.`)
    const begun = says.begun(second)
    if (begun !== undefined) open.push(begun)
  }
  return { changes: [...changes.values()], done, open }
}

/** A document that is to be put back under its number. */
interface Made<Document> {
  readonly document: Document
  readonly note: Note
}

/** What is put back. */
interface PutBack<Document> {
  readonly made: readonly Made<Document>[]
  /** Every number that was told, of these documents and of others. */
  readonly toldNumbers: readonly string[]
  /** Those of them whose documents are not made, since nothing else was told. */
  readonly withoutDocument: ReadonlySet<string>
  /** Stands for a document that nobody told of, so that its number is explained and no gap is left. */
  readonly placeholder: (number: string) => Document
  /** What the history of placeholders says. */
  readonly why: Note
}

/** What became of the numbers. */
interface NumbersKept {
  /** Numbers that were given and of whose documents nothing was told. */
  readonly untold: readonly string[]
  /** Documents whose number another document has by now: the number that was told, and the one they have. */
  readonly renumbered: readonly { readonly told: string; readonly now: string }[]
}

/** Puts documents back, and moves the counters behind every number that was told. Do it last in a transaction. */
async function putBack<Document extends AnyDocument>(
  tx: Tx,
  store: OrderedStore<Document>,
  { made, toldNumbers, withoutDocument, placeholder, why }: PutBack<Document>,
): Promise<NumbersKept> {
  const numbers = made.map(({ document }) => document.number)
  const taken = numbers.length === 0 ? new Set<string>() : await store.numbersTaken(tx, numbers)
  const untold = await restoreNumbers(tx, toldNumbers, withoutDocument)
  const free = made.filter(({ document }) => !taken.has(document.number))
  await store.restore(tx, [...free, ...untold.map((number) => ({ document: placeholder(number), note: why }))])
  const twice = made.filter(({ document }) => taken.has(document.number))
  const anew = await store.create(
    tx,
    twice.map(({ document, note }): NewDocument<Document> => ({ draft: document, note })),
  )
  const renumbered = anew.map(({ document }, index) => {
    return { told: twice[index]?.document.number ?? '', now: document.number }
  })
  return { untold, renumbered }
}
