/**
 * Stock's own documents: how they are kept, within the scope of people, and served. They post in the transaction of the step that
 * posts them, so that they are never `posting`. Of most, nothing is published but what the ledger does.
 */
import { mayDo } from '@stockline/contracts'
import { isWithin } from '@stockline/contracts/locations'
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
import { Refused, type Actor, type Queryable } from '@stockline/service-kit'
import { assignedLocationsSql, scopeOf } from '../assignments/assignment.actions.ts'
import type { Tx } from '../database.ts'

const scope = {
  assignedSql: assignedLocationsSql,
  isEverywhere: (actor: Actor) => mayDo(actor, 'location.everywhere'),
}

/** A kind of stock's own documents, for those who carry out what its slice decides. */
export type OwnKind<Document, Row extends object = object, KindEvent = never> = SavedKind<
  Document,
  KindEvent,
  undefined,
  DocumentStore<Document, Row>
>

/** Makes one of which nothing is published. Once, as a constant: each has statements and a cache of its own. */
export function ownKind<Of extends DocumentFields>(kind: DocumentKind<Of>): OwnKind<DocumentOf<Of>, ListRow<Of>> {
  return publishedKind(kind, { outgoing: (_id, none: never) => none })
}

/** Makes one of which changes are published. Once, as {@link ownKind}. */
export function publishedKind<Of extends DocumentFields, KindEvent>(
  kind: DocumentKind<Of>,
  events: Pick<SavedKind<DocumentOf<Of>, KindEvent>, 'eventsOf' | 'outgoing'>,
): OwnKind<DocumentOf<Of>, ListRow<Of>, KindEvent> {
  const store = documentStore(kind, scope)
  return { ...savedKind<DocumentOf<Of>, DocumentStore<DocumentOf<Of>, ListRow<Of>>>(kind, store), ...events }
}

/** The endpoints of a kind. @param model in its rights: `stockadjustment` */
export function ownEndpoints<
  Document extends AnyDocument,
  Answer extends { readonly id: string; readonly status: string },
  Row extends { readonly id: string; readonly sortedBy: string },
  Item,
  KindEvent,
>(kind: OwnKind<Document, Row, KindEvent>, model: string, shownAs: Shown<Document, Answer, Row, Item>) {
  return endpointsOf<Document, KindEvent, undefined, Answer, Row, Item, Tx['prisma']>({ kind, model, scopeOf }, shownAs)
}

/** An answer of which a part may be at places that the actor may not see. */
interface InPlaces {
  readonly lines: readonly { readonly location: string }[]
  readonly problem: string | null
  readonly history: readonly { readonly what: string; readonly why: string | null }[]
}

/**
 * What an actor sees of a document that one place of theirs lets them see: lines at other places are left out, and with them what the
 * system says of the document as a whole, which may name these.
 */
export async function withinScope<Answer extends InPlaces>(
  db: Queryable,
  answer: Answer,
  actor: Actor,
): Promise<Answer> {
  const places = await scopeOf(db, actor)
  const lines = answer.lines.filter(({ location }) => isWithin(places, location))
  if (lines.length === answer.lines.length) return answer
  return { ...withoutTold(answer, 'It is about places that are not among yours.'), lines }
}

/** An answer without what the system says of the whole document. @param problem what stands in place of one */
export function withoutTold<Answer extends Pick<InPlaces, 'problem' | 'history'>>(
  answer: Answer,
  problem: string,
): Answer {
  const history = answer.history.map((step) => (toldBySystem.has(step.what) ? { ...step, why: null } : step))
  return { ...answer, problem: answer.problem === null ? null : problem, history }
}

/** Steps whose reason is not a person's. */
const toldBySystem: ReadonlySet<string> = new Set(['submitted', 'refused'])

/** One document, locked: before the ledger's head. Throws a refusal where there is none. */
export async function lockOwn<Document extends AnyDocument>(
  tx: Tx,
  { store, unknown }: Pick<OwnKind<Document>, 'store' | 'unknown'>,
  id: string,
): Promise<Stored<Document>> {
  const [stored] = await store.lock(tx, [id])
  if (stored === undefined) throw new Refused(unknown())
  return stored
}
