/**
 * Carries out what events lead to on documents that are there: locks them, loads what a decision may know, decides each, saves all at
 * once and tells. Nobody asked, so that the system signs, and no version was read.
 */
import type { Event } from '@stockline/contracts/envelope'
import type { AnyDocument } from '@stockline/documents'
import type { Tx } from '../database.ts'
import { locationsOf, type PlaceChange, type PlaceListener } from '../locations/location.actions.ts'
import { locationKey, type Location } from '../locations/location.ts'
import type { ReferenceData } from '../products/product.ts'
import type { DocumentDecision } from './document.decide.ts'
import { saveDocuments, type CarriedKind } from './document.save.actions.ts'

/** What an event leads to, and that event where the transaction's is another; `already` where it changes nothing. */
export type Led<Document, Told = never> =
  (DocumentDecision<Document, Told> & { readonly causedBy?: Event | undefined }) | 'already'

/** How documents are looked at again. */
export interface LookingAgain<Document, Known, Told = never> {
  /** What the decisions must know, of all documents at once. By the reference data in it others are told of new demands. */
  readonly load: (documents: readonly Document[]) => Promise<Known>
  readonly decide: (document: Document, known: Known) => Led<Document, Told>
}

interface Loaded {
  readonly referenceData?: ReferenceData
  readonly [other: string]: unknown
}

/** Looks again at these documents. */
export async function lookAgain<Document extends AnyDocument, Known extends Loaded, Told>(
  tx: Tx,
  kind: CarriedKind<Document, Told>,
  ids: readonly string[],
  { load, decide }: LookingAgain<Document, Known, Told>,
): Promise<void> {
  if (ids.length === 0) return
  const found = await kind.store.lock(tx, ids)
  const known = await load(found.map(({ document }) => document))
  const changes = found.flatMap((stored) => {
    const led = decide(stored.document, known)
    if (led === 'already') return []
    const { document: after, notes, ...others } = led
    return [{ ...others, stored, after, notes: notes.map((note) => ({ ...note, who: null })) }]
  })
  await saveDocuments(tx, kind, { changes, referenceData: known.referenceData })
}

/** What open documents of a kind decide when a place changes. */
export interface PlaceRules<Document, Told = never> {
  /** Places that must be looked up for it. */
  readonly placesUsed: (document: Document) => readonly string[]
  readonly decide: (
    document: Document,
    change: PlaceChange,
    locations: ReadonlyMap<string, Location>,
  ) => Led<Document, Told>
}

/** Looks at documents that wait for a place, and at open ones that use it where it closes or is opened again. */
export function placeListenerOf<Document extends AnyDocument, Told>(
  kind: CarriedKind<Document, Told>,
  { placesUsed, decide }: PlaceRules<Document, Told>,
): PlaceListener {
  return {
    placeChanged: async (tx, change) => {
      const waiting = await kind.store.waitingIds(tx, [locationKey(change.code)])
      const using = change.isClosed || change.wasClosed ? await kind.store.openAt(tx, change.code) : []
      await lookAgain(tx, kind, [...new Set([...waiting, ...using])].sort(), {
        load: async (documents) => ({ locations: await locationsOf(tx, documents.flatMap(placesUsed)) }),
        decide: (document, { locations }) => decide(document, change, locations),
      })
    },
  }
}
