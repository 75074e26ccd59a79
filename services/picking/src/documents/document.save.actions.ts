/** How documents are saved and others are told: the one way, whatever led to it. */
import type { Event } from '@stockline/contracts/envelope'
import type { AnyDocument, Change, NewDocument, Stored } from '@stockline/documents'
import { publish, type Origin, type Outgoing, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Named } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import type { JudgedStore } from './document.stored.actions.ts'

/** What led to it, where the transaction's origin does not say: an event, or somebody's request. */
export interface Source {
  readonly causedBy?: Event | undefined
  readonly origin?: Origin | undefined
}

/** A kind of document, for those who carry out what its slice decides. */
export interface CarriedKind<
  Document extends AnyDocument,
  Told = never,
  Store extends JudgedStore<Document> = JudgedStore<Document>,
> {
  readonly store: Store
  /** There is none, or none that the one who asks may know of. */
  readonly unknown: () => Refusal
  /** The products and units on it. */
  readonly namesOn: (document: Document) => readonly Named[]
  /**
   * What others must hear of a change, or of a new document, whoever made it.
   *
   * @param before undefined of a new one
   * @param referenceData by which new needs were computed
   */
  readonly tellsOf?: (
    before: Document | undefined,
    after: Document,
    referenceData: ReferenceData | undefined,
  ) => readonly Told[]
  readonly outgoing: (documentId: string, told: Told, source: Source) => Outgoing
}

/** A change, and what others are told of it. */
export interface ToldChange<Document, Told = never> extends Change<Document>, Source {
  readonly events?: readonly Told[] | undefined
}

/** All that one transaction writes of a kind. */
export interface Work<Document, Told = never> {
  readonly changes?: readonly ToldChange<Document, Told>[]
  readonly drafts?: readonly (NewDocument<Document> & Source)[]
  /** By which new needs were computed: stock is told in which unit. Left out where the products have moved: their units stay. */
  readonly referenceData?: ReferenceData | undefined
  /** Events besides those of the documents. */
  readonly told?: readonly Outgoing[]
}

/**
 * Saves changes, numbers and saves new documents, and tells. Numbers before the outbox, as everybody locks; so do it once, and last.
 *
 * @returns the documents as they are now, in the order given
 */
export async function saveDocuments<Document extends AnyDocument, Told>(
  tx: Tx,
  { store, tellsOf = () => [], outgoing }: CarriedKind<Document, Told>,
  { changes = [], drafts = [], told = [], referenceData }: Work<Document, Told>,
): Promise<{ readonly changed: readonly Stored<Document>[]; readonly created: readonly Stored<Document>[] }> {
  const changed = await store.update(tx, changes)
  const created = await store.create(tx, drafts)
  const ofChanges = changes.flatMap(({ stored, after, events = [], ...change }) =>
    [...events, ...tellsOf(stored.document, after, referenceData)].map((one) =>
      outgoing(after.id, one, sourceOf(change)),
    ),
  )
  const ofCreated = created.flatMap(({ document }, index) =>
    tellsOf(undefined, document, referenceData).map((one) => outgoing(document.id, one, sourceOf(drafts[index]))),
  )
  await publish(tx, ...told, ...ofChanges, ...ofCreated)
  return { changed, created }
}

/** Makes a document that a person asked for. */
export async function createOne<Document extends AnyDocument, Told>(
  tx: Tx,
  kind: CarriedKind<Document, Told>,
  draft: NewDocument<Document>['draft'],
  referenceData?: ReferenceData,
): Promise<Stored<Document>> {
  const { created } = await saveDocuments(tx, kind, {
    drafts: [{ draft, note: { what: 'created', why: null } }],
    referenceData,
  })
  const [stored] = created
  if (stored === undefined) throw new Error('A document was made and is not there.')
  return stored
}

function sourceOf({ causedBy, origin }: Source = {}): Source {
  return { ...(causedBy === undefined ? {} : { causedBy }), ...(origin === undefined ? {} : { origin }) }
}
