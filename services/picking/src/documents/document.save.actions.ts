/** Kinds of picking's documents, as they are saved and published: what any kind has, and the products and units on them. */
import { savedKind, type AnyDocument, type SavedKind } from '@stockline/documents'
import type { Named } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import type { DocumentStates } from './document.state.ts'
import { statesChanged } from './document.states.actions.ts'
import type { JudgedStore } from './document.stored.actions.ts'

export { saveDocuments } from '@stockline/documents'

/** A kind of document, for those who carry out what its slice decides. */
export interface CarriedKind<
  Document,
  KindEvent = never,
  Store extends JudgedStore<Document> = JudgedStore<Document>,
> extends SavedKind<Document, KindEvent, ReferenceData, Store> {
  /** The products and units on it. */
  readonly namesOn: (document: Document) => readonly Named[]
  /** States of it that are published where it is not posted soon. */
  readonly states?: DocumentStates<Document>
}

/** Makes a {@link CarriedKind}. @param store made once: each has statements and a cache of its own */
export function carriedKind<Document extends AnyDocument, KindEvent, Store extends JudgedStore<Document>>(
  words: Pick<CarriedKind<never>, 'one' | 'many'>,
  store: JudgedStore<Document> & Store,
  besides: Pick<CarriedKind<Document, KindEvent>, 'namesOn' | 'eventsOf' | 'outgoing' | 'states' | 'dependents'>,
): CarriedKind<Document, KindEvent, Store> {
  const { states } = besides
  return {
    ...savedKind<Document, Store>(words, store),
    ...besides,
    ...(states === undefined ? {} : { saved: (tx, documents) => statesChanged(tx, words.many, states, documents) }),
  }
}
