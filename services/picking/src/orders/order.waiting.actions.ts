/** Documents that wait for a product or unit, once that is known. */
import type { Tx } from '../database.ts'
import type { DocumentStore } from '../documents/document.actions.ts'
import type { Change } from '../documents/document.ts'
import type { Note } from '../history/history.ts'
import { catalogForWaiting, type Named } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import type { OrderWork } from './order.documents.ts'
import type { OrderedDocument } from './order.follow.ts'

/** What a kind of document decides about waiting. All of it is pure. */
export interface WaitingRules<Document extends OrderedDocument> {
  /** Is a product or unit of use to it that has come? */
  readonly isHelped: (document: Document) => boolean
  /** Products and units on it. */
  readonly named: (document: Document) => readonly Named[]
  /** The document by what is known now. */
  readonly reconsider: (document: Document, catalog: Catalog) => Document
  /** Does it wait for the same as before, or for nothing as before? */
  readonly isAsBefore: (before: Document, after: Document) => boolean
  readonly waits: (document: Document) => boolean
}

/** A kind of document that can wait: its rules, and how it is kept. */
export interface WaitingKind<Document extends OrderedDocument> {
  readonly rules: WaitingRules<Document>
  readonly store: DocumentStore<Document>
  readonly save: (tx: Tx, work: OrderWork<Document, never>) => Promise<unknown>
}

/** Looks again at those that wait for one of these products or units. */
export async function becameKnown<Document extends OrderedDocument>(
  tx: Tx,
  { rules, store, save }: WaitingKind<Document>,
  keys: readonly string[],
): Promise<void> {
  const ids = await store.waitingIds(tx, keys)
  if (ids.length === 0) return
  const waiting = (await store.lock(tx, ids)).filter(({ document }) => rules.isHelped(document))
  const catalog = await catalogForWaiting(
    tx,
    waiting.flatMap(({ document }) => rules.named(document)),
  )
  const changes = waiting.flatMap((stored): readonly Change<Document>[] => {
    const after = rules.reconsider(stored.document, catalog)
    return rules.isAsBefore(stored.document, after) ? [] : [{ stored, after, notes: [noteOf(after, rules)] }]
  })
  await save(tx, { changes, catalog })
}

function noteOf<Document extends OrderedDocument>(after: Document, { waits }: WaitingRules<Document>): Note {
  if (after.status === 'cancelled') return { what: 'cancelled', why: 'Only services are left.', who: null }
  if (waits(after)) return { what: 'still-waits', why: after.problem, who: null }
  return { what: 'problem-solved', why: 'All products and units are known.', who: null }
}
