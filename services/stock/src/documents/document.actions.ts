/**
 * Stock's own documents: how they are kept, within the scope of people, and served. They post in the transaction of the step that
 * posts them, so that they are never `posting`, and publish nothing but what the ledger does.
 */
import { mayDo } from '@stockline/contracts'
import {
  documentStore,
  endpointsOf,
  savedKind,
  type AnyDocument,
  type DocumentFields,
  type DocumentKind,
  type DocumentOf,
  type DocumentStore,
  type ListRow,
  type SavedKind,
  type Shown,
  type Stored,
} from '@stockline/documents'
import { Refused, type Actor } from '@stockline/service-kit'
import { assignedLocationsSql, scopeOf } from '../assignments/assignment.actions.ts'
import type { Tx } from '../database.ts'

const scope = {
  assignedSql: assignedLocationsSql,
  isEverywhere: (actor: Actor) => mayDo(actor, 'location.everywhere'),
}

/** A kind of stock's own documents, for those who carry out what its slice decides. */
export type OwnKind<Document, Row extends object = object> = SavedKind<
  Document,
  never,
  undefined,
  DocumentStore<Document, Row>
>

/** Makes one. Once, as a constant: each has statements and a cache of its own. */
export function ownKind<Of extends DocumentFields>(kind: DocumentKind<Of>): OwnKind<DocumentOf<Of>, ListRow<Of>> {
  const store = documentStore(kind, scope)
  return {
    ...savedKind<DocumentOf<Of>, DocumentStore<DocumentOf<Of>, ListRow<Of>>>(kind, store),
    outgoing: (_id, none: never) => none,
  }
}

/** The endpoints of a kind. @param model in its rights: `stockadjustment` */
export function ownEndpoints<
  Document extends AnyDocument,
  Answer extends { readonly id: string; readonly status: string },
  Row extends { readonly id: string; readonly sortedBy: string },
  Item,
>(kind: OwnKind<Document, Row>, model: string, shownAs: Shown<Document, Answer, Row, Item>) {
  return endpointsOf<Document, never, undefined, Answer, Row, Item, Tx['prisma']>({ kind, model, scopeOf }, shownAs)
}

/** One document, locked: before the ledger's head. Throws a refusal where there is none. */
export async function lockOwn<Document extends AnyDocument>(
  tx: Tx,
  { store, unknown }: OwnKind<Document>,
  id: string,
): Promise<Stored<Document>> {
  const [stored] = await store.lock(tx, [id])
  if (stored === undefined) throw new Refused(unknown())
  return stored
}
