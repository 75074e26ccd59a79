/** Open documents, when more is known of the products and units on them, or something else than before. */
import type { Note, Stored } from '@stockline/documents'
import type { Tx } from '../database.ts'
import type { OrderedStore } from '../documents/document.actions.ts'
import { catalogForWaiting, type CatalogListener, type Named, type UnitNaming } from '../products/product.actions.ts'
import type { CountingChange } from '../products/product.changes.ts'
import { renamedUnits, type Catalog } from '../products/product.ts'
import type { OrderWork } from './order.documents.ts'
import type { OrderedDocument } from './order.follow.ts'
import { nameUnitOfOrders } from './order.units.actions.ts'

/** What a kind of document decides about products and units. All of it is pure. */
export interface ProductRules<Document extends OrderedDocument> {
  readonly isOpen: (document: Document) => boolean
  /** Is a product or unit of use to it that has come? */
  readonly isHelped: (document: Document) => boolean
  /** Products and units on it. */
  readonly named: (document: Document) => readonly Named[]
  /**
   * The document by what is known now.
   *
   * @param changed what is counted otherwise by now; left out where something has become known
   */
  readonly reconsider: (document: Document, catalog: Catalog, changed?: CountingChange['of']) => Document
  /** Does it wait for the same as before, or for nothing as before? */
  readonly isAsBefore: (before: Document, after: Document) => boolean
  /** Is the same counted on it, and wanted of others, as before? */
  readonly isCountedAsBefore: (before: Document, after: Document) => boolean
  readonly waits: (document: Document) => boolean
}

/** A kind of document with products on it: its rules, and how it is kept. */
export interface ProductKind<Document extends OrderedDocument> {
  readonly rules: ProductRules<Document>
  readonly store: OrderedStore<Document>
  readonly save: (tx: Tx, work: OrderWork<Document, never>) => Promise<unknown>
}

/** What documents of a kind do when products or units become known, or other. */
export function productListenerOf<Document extends OrderedDocument>(kind: ProductKind<Document>): CatalogListener {
  return {
    becameKnown: (tx, keys) => becameKnown(tx, kind, keys),
    countedOtherwise: (tx, change) => countedOtherwise(tx, kind, change),
    unitNamed: (tx, naming) => unitNamed(tx, kind, naming),
  }
}

async function becameKnown<Document extends OrderedDocument>(
  tx: Tx,
  kind: ProductKind<Document>,
  keys: readonly string[],
): Promise<void> {
  const { rules, store } = kind
  const ids = await store.waitingIds(tx, keys)
  if (ids.length === 0) return
  const waiting = (await store.lock(tx, ids)).filter(({ document }) => rules.isHelped(document))
  await judgeAnew(tx, kind, waiting, [], ({ document }, catalog) => {
    const after = rules.reconsider(document, catalog)
    return rules.isAsBefore(document, after) ? undefined : { after, note: noteOf(after, rules) }
  })
}

function noteOf<Document extends OrderedDocument>(after: Document, { waits }: ProductRules<Document>): Note {
  if (after.status === 'cancelled') return { what: 'cancelled', why: 'Only services are left.', who: null }
  if (waits(after)) return { what: 'still-waits', why: after.problem, who: null }
  return { what: 'problem-solved', why: 'All products and units are known.', who: null }
}

/** Says so on open documents that name what is counted otherwise by now. */
async function countedOtherwise<Document extends OrderedDocument>(
  tx: Tx,
  kind: ProductKind<Document>,
  change: CountingChange,
): Promise<void> {
  const { rules, store } = kind
  const ids = await store.idsNaming(tx, change.of)
  if (ids.length === 0) return
  const open = (await store.lock(tx, ids)).filter(({ document }) => rules.isOpen(document))
  const note = { what: 'product-changed', why: `${change.what.join('; ')}.`, who: null }
  await judgeAnew(tx, kind, open, [], ({ document }, catalog) => {
    const judged = rules.reconsider(document, catalog, change.of)
    if (!rules.isCountedAsBefore(document, judged)) return { after: judged, note }
    return change.concernsAll ? { after: document, note } : undefined
  })
}

/** Gives open documents of the source's orders the unit whose name converted to nothing. */
async function unitNamed<Document extends OrderedDocument>(
  tx: Tx,
  kind: ProductKind<Document>,
  naming: UnitNaming,
): Promise<void> {
  const { rules, store } = kind
  const ids = await store.idsNaming(tx, { unit: naming.alias })
  const orders = await nameUnitOfOrders(tx, await store.orderIdsOf(tx, ids), naming)
  if (orders.size === 0) return
  const open = (await store.lock(tx, ids)).filter(
    ({ document }) => rules.isOpen(document) && document.orderId !== null && orders.has(document.orderId),
  )
  const named = open.flatMap(({ document }) => document.lines.map(({ sku }) => ({ sku, unit: naming.unit })))
  const note = { what: 'unit-named', why: `${naming.alias} of ${naming.source} means ${naming.unit}.`, who: null }
  await judgeAnew(tx, kind, open, named, ({ document }, catalog) => {
    const lines = renamedUnits(document.lines, naming, catalog)
    if (lines.every((line, index) => line === document.lines[index])) return undefined
    return { after: rules.reconsider({ ...document, lines }, catalog), note }
  })
}

/** Judges documents, which are locked, by what is known of what they and others name, and saves those that are other than before. */
async function judgeAnew<Document extends OrderedDocument>(
  tx: Tx,
  { rules, save }: ProductKind<Document>,
  documents: readonly Stored<Document>[],
  named: readonly Named[],
  judge: (stored: Stored<Document>, catalog: Catalog) => { readonly after: Document; readonly note: Note } | undefined,
): Promise<void> {
  const catalog = await catalogForWaiting(tx, [...documents.flatMap(({ document }) => rules.named(document)), ...named])
  const changes = documents.flatMap((stored) => {
    const judged = judge(stored, catalog)
    return judged === undefined ? [] : [{ stored, after: judged.after, notes: [judged.note] }]
  })
  await save(tx, { changes, catalog })
}
