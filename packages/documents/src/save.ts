/** How documents are saved and their events published: the one way, whatever led to it. */
import type { Event } from '@stockline/contracts/envelope'
import { publish, refuse, type Origin, type Outgoing, type Refusal, type Tx } from '@stockline/service-kit'
import type { AnyDocument, Change, NewDocument, Stored } from './document.ts'
import type { DocumentStore } from './store.ts'

/** What led to it, where the transaction's origin does not say: an event, or one request of several. */
export interface Source {
  readonly causedBy?: Event | undefined
  readonly origin?: Origin | undefined
}

/**
 * A kind of document, for those who carry out what its slice decides. `Known` is what its service knows besides where events are made.
 */
export interface SavedKind<
  Document,
  KindEvent = never,
  Known = undefined,
  Store extends DocumentStore<Document> = DocumentStore<Document>,
> {
  /** What one is called, and many. */
  readonly one: string
  readonly many: string
  readonly store: Store
  /** There is none, or none that the actor may know of. */
  readonly unknown: () => Refusal
  /**
   * Events that follow from a change, or from a new document, whatever led to it.
   *
   * @param before undefined of a new one
   * @param referenceData by which new demands were computed
   */
  readonly eventsOf?: (
    before: Document | undefined,
    after: Document,
    referenceData: Known | undefined,
  ) => readonly KindEvent[]
  readonly outgoing: (documentId: string, event: KindEvent, source: Source) => Outgoing
  /** Changes documents of other kinds that follow these in the same transaction. Called once these are written. */
  readonly dependents?: (tx: Tx, changes: readonly ChangeWithEvents<Document, KindEvent>[]) => Promise<void>
  /** Called with all that was saved, new documents without a `before`. */
  readonly saved?: (tx: Tx, documents: readonly SavedDocument<Document>[]) => void
}

/** A document as it was, and as it is saved. */
export interface SavedDocument<Document> {
  readonly before?: Document
  readonly after: Document
}

/** What is the same of every {@link SavedKind}. @param store made once: each has statements and a cache of its own */
export function savedKind<Document, Store extends DocumentStore<Document>>(
  { one, many }: { readonly one: string; readonly many: string },
  store: DocumentStore<Document> & Store,
): Pick<SavedKind<Document, never, never, Store>, 'one' | 'many' | 'store' | 'unknown'> {
  return {
    one,
    many,
    store,
    unknown: () =>
      refuse(`${one.replaceAll('_', '-')}-unknown`, 'unknown', `There is no such ${one.replaceAll('_', ' ')}.`),
  }
}

/** A change, and its events besides those that `eventsOf` finds. */
export interface ChangeWithEvents<Document, KindEvent = never> extends Change<Document>, Source {
  readonly events?: readonly KindEvent[] | undefined
}

/** All that one transaction writes of a kind. */
export interface Work<Document, KindEvent = never, Known = undefined> {
  readonly changes?: readonly ChangeWithEvents<Document, KindEvent>[]
  readonly drafts?: readonly (NewDocument<Document> & Source)[]
  /** By which new demands were computed: they name its units. Left out where the products have moved: their units stay. */
  readonly referenceData?: Known | undefined
  /** Events besides those of the documents. */
  readonly told?: readonly Outgoing[]
}

/**
 * Saves changes, numbers and saves new documents, and publishes. Locks numbers before the outbox, as every transaction does: so do it
 * once, and last.
 *
 * @returns the documents as they are now, in the order given
 */
export async function saveDocuments<Document extends AnyDocument, KindEvent, Known>(
  tx: Tx,
  {
    store,
    eventsOf = () => [],
    outgoing,
    dependents,
    saved,
  }: Omit<SavedKind<Document, KindEvent, Known>, 'unknown' | 'one' | 'many'>,
  { changes = [], drafts = [], told = [], referenceData }: Work<Document, KindEvent, Known>,
): Promise<{ readonly changed: readonly Stored<Document>[]; readonly created: readonly Stored<Document>[] }> {
  const changed = await store.update(tx, changes)
  await dependents?.(tx, changes)
  const created = await store.create(tx, drafts)
  const ofChanges = changes.flatMap(({ stored, after, events = [], ...change }) =>
    [...events, ...eventsOf(stored.document, after, referenceData)].map((one) =>
      outgoing(after.id, one, sourceOf(change)),
    ),
  )
  const ofCreated = created.flatMap(({ document }, index) =>
    eventsOf(undefined, document, referenceData).map((one) => outgoing(document.id, one, sourceOf(drafts[index]))),
  )
  await publish(tx, ...told, ...ofChanges, ...ofCreated)
  saved?.(tx, [
    ...changes.map(({ stored, after }) => ({ before: stored.document, after })),
    ...created.map(({ document }) => ({ after: document })),
  ])
  return { changed, created }
}

function sourceOf({ causedBy, origin }: Source = {}): Source {
  return { ...(causedBy === undefined ? {} : { causedBy }), ...(origin === undefined ? {} : { origin }) }
}
