/**
 * Carries out what a slice decides on requests for picking's documents: locks them, loads what a decision may know, and has each
 * decided by itself. How that is saved, signed and published is the documents package's.
 */
import { mayDo } from '@stockline/contracts'
import { decideEach, type AnyDocument, type DocumentRequest, type Outcome, type Stored } from '@stockline/documents'
import { Refused, type Actor } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { locationsOf, scopesOf } from '../locations/location.actions.ts'
import type { Location } from '../locations/location.ts'
import { referenceDataAt, type Named } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import type { Decided, Facts } from './document.decide.ts'
import type { CarriedKind } from './document.save.actions.ts'

export { conclude, type DocumentRequest } from '@stockline/documents'

/** A change by request. What must look up a third thing is an action of its own, with {@link lockToDecide} and `conclude`. */
export interface Command<Document, Body, KindEvent = never, Also = unknown> {
  readonly decide: (document: Document, body: Body, known: Facts & Also) => Decided<Document, KindEvent>
  /** What else a decision must know of a document: looked up for all of them at once. */
  readonly also?: (tx: Tx, documents: readonly Document[]) => Promise<(document: Document) => Also>
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
export async function carryOut<Document extends AnyDocument, Body, KindEvent, Also>(
  tx: Tx,
  kind: CarriedKind<Document, KindEvent>,
  command: Command<Document, Body, KindEvent, Also>,
  requests: readonly DocumentRequest<Body>[],
): Promise<readonly Outcome<Document>[]> {
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
  const alsoOf = await command.also?.(
    tx,
    [...documents.values()].map(({ document }) => document),
  )
  return decideEach(tx, kind, documents, requests, (document, one) => {
    const known = { ...factsOf(tx, one.actor, referenceData), ...placesFor(one) }
    return command.decide(document, one.body, { ...known, ...(alsoOf?.(document) as Also) })
  })
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
