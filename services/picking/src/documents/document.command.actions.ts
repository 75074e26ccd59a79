/**
 * Carries out what a slice decides on requests for documents that are there: locks them, loads what a decision may know, decides each
 * by itself, saves all at once, signs each note with its own request's actor, gives each event its own request's origin, and answers.
 * A slice sees one request and one document: whether requests came in a group, this alone knows.
 */
import { mayDo } from '@stockline/contracts'
import { whoIs, type AnyDocument, type Stored } from '@stockline/documents'
import {
  retryIndividually,
  isRefusal,
  Refused,
  type Actor,
  type RetryIndividually,
  type Origin,
  type Refusal,
} from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { locationsOf, scopesOf } from '../locations/location.actions.ts'
import type { Location } from '../locations/location.ts'
import { referenceDataAt, type Named } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import { verdict, type Decided, type Facts } from './document.decide.ts'
import { saveDocuments, type CarriedKind, type ChangeWithEvents } from './document.save.actions.ts'

/** A request to change a document. */
export interface DocumentRequest<Body> {
  readonly params: { readonly id: string }
  readonly body: Body
  readonly actor: Actor
  /** That the actor has read, from `If-Match`. */
  readonly version: number | undefined
  readonly origin: Origin
}

/** A change by request. What must look up a third thing is an action of its own, with {@link lockToDecide} and {@link conclude}. */
export interface Command<Document, Body, KindEvent = never> {
  readonly decide: (document: Document, body: Body, known: Facts) => Decided<Document, KindEvent>
  /** Products and units that a request names besides those on the document. */
  readonly names?: (body: Body) => readonly Named[]
  /** Places that a request names, as far as they must be looked up. */
  readonly places?: (document: Document, body: Body) => readonly string[]
}

/**
 * Carries out a command for one request, or for several about different documents: an answer for each, in their order. A document
 * that could not be locked is unknown to a request alone; in a group its request is left to a transaction of its own, since another
 * transaction may hold the lock.
 */
export async function carryOut<Document extends AnyDocument, Body, KindEvent>(
  tx: Tx,
  kind: CarriedKind<Document, KindEvent>,
  command: Command<Document, Body, KindEvent>,
  requests: readonly DocumentRequest<Body>[],
): Promise<readonly (Stored<Document> | Refusal | RetryIndividually)[]> {
  const { documents, epoch } = await kind.store.lockWithEpoch(
    tx,
    requests.map(({ params }) => params.id),
  )
  const named = [...documents.values()].flatMap(({ document }) => kind.namesOn(document))
  const referenceData = await referenceDataAt(tx, epoch, [
    ...named,
    ...requests.flatMap(({ body }) => command.names?.(body) ?? []),
  ])
  const placesFor = await lookUpPlaces(tx, command.places, documents, requests)
  const decided = requests.map(
    (one): ChangeWithEvents<Document, KindEvent> | Stored<Document> | Refusal | RetryIndividually => {
      const stored = documents.get(one.params.id)
      if (stored === undefined) return requests.length === 1 ? kind.unknown() : retryIndividually
      const known = { ...factsOf(tx, one.actor, referenceData), ...placesFor(one) }
      return judged(stored, one, command.decide(stored.document, one.body, known))
    },
  )
  const changes = decided.filter(isChange<Document, KindEvent>)
  const { changed } = await saveDocuments(tx, kind, { changes })
  const after = new Map(changes.map((change, index) => [change, changed[index]]))
  return decided.map((one) => (isChange<Document, KindEvent>(one) ? (after.get(one) ?? one.stored) : one))
}

/** One document, locked, with what is known of its products and units. Throws a refusal where there is none. */
export async function lockToDecide<Document extends AnyDocument, KindEvent>(
  tx: Tx,
  { store, unknown, namesOn }: CarriedKind<Document, KindEvent>,
  id: string,
): Promise<{ readonly stored: Stored<Document>; readonly referenceData: ReferenceData }> {
  const { documents, epoch } = await store.lockWithEpoch(tx, [id])
  const stored = documents.get(id)
  if (stored === undefined) throw new Refused(unknown())
  return { stored, referenceData: await referenceDataAt(tx, epoch, namesOn(stored.document)) }
}

/** The end of an action that looked up for itself what its decision had to know. */
export async function conclude<Document extends AnyDocument, KindEvent>(
  tx: Tx,
  kind: CarriedKind<Document, KindEvent>,
  stored: Stored<Document>,
  request: Omit<DocumentRequest<unknown>, 'params' | 'body'>,
  decided: Decided<Document, KindEvent>,
): Promise<Stored<Document> | Refusal> {
  const change = judged(stored, request, decided)
  if (!isChange<Document, KindEvent>(change)) return change
  const { changed } = await saveDocuments(tx, kind, { changes: [change] })
  return changed[0] ?? stored
}

/** What any decision may know. Nothing of places. */
export function factsOf(tx: Tx, actor: Actor, referenceData: ReferenceData): Facts {
  return {
    by: actor,
    may: (right) => mayDo(actor, right),
    now: tx.now,
    referenceData,
    locations: new Map(),
    scope: null,
  }
}

function judged<Document extends AnyDocument, KindEvent>(
  stored: Stored<Document>,
  { actor, version, origin }: Omit<DocumentRequest<unknown>, 'params' | 'body'>,
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
  decided: ChangeWithEvents<Document, KindEvent> | Stored<Document> | Refusal | RetryIndividually,
): decided is ChangeWithEvents<Document, KindEvent> {
  return decided !== retryIndividually && 'after' in decided
}

type Places = Pick<Facts, 'locations' | 'scope'>

/** For each request its own places alone: its actor need not have a right where the others act. */
async function lookUpPlaces<Document, Body>(
  tx: Tx,
  places: Command<Document, Body>['places'],
  documents: ReadonlyMap<string, Stored<Document>>,
  requests: readonly DocumentRequest<Body>[],
): Promise<(one: DocumentRequest<Body>) => Places | undefined> {
  if (places === undefined) return () => undefined
  const codes = new Map<DocumentRequest<Body>, readonly string[]>()
  for (const one of requests) {
    const stored = documents.get(one.params.id)
    const named = stored === undefined ? [] : places(stored.document, one.body)
    if (named.length > 0) codes.set(one, named)
  }
  if (codes.size === 0) return () => undefined
  const found = await locationsOf(tx, [...codes.values()].flat())
  const scopeFor = await scopesOf(
    tx,
    [...codes.keys()].map(({ actor }) => actor),
  )
  return (one) => {
    const own = codes.get(one)
    return own && { locations: among(found, own), scope: scopeFor(one.actor) }
  }
}

function among(locations: ReadonlyMap<string, Location>, codes: readonly string[]): ReadonlyMap<string, Location> {
  const named = codes.flatMap((code) => locations.get(code) ?? [])
  return new Map(named.map((location) => [location.code, location]))
}
