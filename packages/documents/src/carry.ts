/**
 * Carries out what a slice decides on requests for documents that are locked: decides each by itself, saves all at once, signs each
 * note with its own request's actor, gives each event its own request's origin, and answers. A slice sees one request and one
 * document: whether requests came in a group, this alone knows.
 */
import {
  isRefusal,
  retryIndividually,
  type Actor,
  type Origin,
  type Refusal,
  type RetryIndividually,
  type Tx,
} from '@stockline/service-kit'
import { verdict, type Decided } from './decision.ts'
import type { AnyDocument, Stored } from './document.ts'
import { whoIs } from './history.ts'
import { saveDocuments, type ChangeWithEvents, type SavedKind } from './save.ts'

/** A request to change a document. */
export interface DocumentRequest<Body> {
  readonly params: { readonly id: string }
  readonly body: Body
  readonly actor: Actor
  /** That the actor has read, from `If-Match`. */
  readonly version: number | undefined
  readonly origin: Origin
}

/** Who asks, in which version, for what led to it. */
export type Asking = Omit<DocumentRequest<unknown>, 'params' | 'body'>

/** What becomes of one request: the document as it is now, or why not. */
export type Outcome<Document> = Stored<Document> | Refusal | RetryIndividually

/**
 * Decides for one request, or for several about different documents: an answer for each, in their order. A document that could not be
 * locked is unknown to a request alone; in a group its request is left to a transaction of its own, since another transaction may hold
 * the lock.
 */
export async function decideEach<Document extends AnyDocument, Body, KindEvent, Known>(
  tx: Tx,
  kind: SavedKind<Document, KindEvent, Known>,
  documents: ReadonlyMap<string, Stored<Document>>,
  requests: readonly DocumentRequest<Body>[],
  decide: (document: Document, request: DocumentRequest<Body>) => Decided<Document, KindEvent>,
): Promise<readonly Outcome<Document>[]> {
  const decided = requests.map((one): ChangeWithEvents<Document, KindEvent> | Outcome<Document> => {
    const stored = documents.get(one.params.id)
    if (stored === undefined) return requests.length === 1 ? kind.unknown() : retryIndividually
    return judged(stored, one, decide(stored.document, one))
  })
  const changes = decided.filter(isChange<Document, KindEvent>)
  const { changed } = await saveDocuments(tx, kind, { changes })
  const after = new Map(changes.map((change, index) => [change, changed[index]]))
  return decided.map((one) => (isChange<Document, KindEvent>(one) ? (after.get(one) ?? one.stored) : one))
}

/** The end of an action that looked up for itself what its decision had to know. */
export async function conclude<Document extends AnyDocument, KindEvent, Known>(
  tx: Tx,
  kind: SavedKind<Document, KindEvent, Known>,
  stored: Stored<Document>,
  request: Asking,
  decided: Decided<Document, KindEvent>,
): Promise<Stored<Document> | Refusal> {
  const change = judged(stored, request, decided)
  if (!isChange<Document, KindEvent>(change)) return change
  const { changed } = await saveDocuments(tx, kind, { changes: [change] })
  return changed[0] ?? stored
}

function judged<Document extends AnyDocument, KindEvent>(
  stored: Stored<Document>,
  { actor, version, origin }: Asking,
  decided: Decided<Document, KindEvent>,
): ChangeWithEvents<Document, KindEvent> | Stored<Document> | Refusal {
  const counts = verdict(decided, stored.document.version, version)
  if (counts === 'already') return stored
  if (isRefusal(counts)) return counts
  const { document: after, notes, events } = counts
  const who = whoIs(actor)
  return { stored, after, notes: notes.map((note) => ({ ...note, who })), origin, events }
}

function isChange<Document, KindEvent>(
  decided: ChangeWithEvents<Document, KindEvent> | Outcome<Document>,
): decided is ChangeWithEvents<Document, KindEvent> {
  return decided !== retryIndividually && 'after' in decided
}
