/**
 * Carries out what events lead to on documents that are there: locks them, loads what a decision may know, decides each, saves all at
 * once and publishes. There is no request, so that the system signs, and no version was read.
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
export type Led<Document, KindEvent = never> =
  (DocumentDecision<Document, KindEvent> & { readonly causedBy?: Event | undefined }) | 'already'

/** How documents are looked at again. */
export interface LookingAgain<Document, Known, KindEvent = never> {
  /** What the decisions must know, of all documents at once. The reference data in it is that of new demands. */
  readonly load: (documents: readonly Document[]) => Promise<Known>
  readonly decide: (document: Document, known: Known) => Led<Document, KindEvent>
}

interface Loaded {
  readonly referenceData?: ReferenceData
  readonly [other: string]: unknown
}

/** Looks again at these documents. */
export async function lookAgain<Document extends AnyDocument, Known extends Loaded, KindEvent>(
  tx: Tx,
  kind: CarriedKind<Document, KindEvent>,
  ids: readonly string[],
  { load, decide }: LookingAgain<Document, Known, KindEvent>,
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
export interface PlaceRules<Document, KindEvent = never> {
  /** Places that must be looked up for it. */
  readonly placesUsed: (document: Document) => readonly string[]
  readonly decide: (
    document: Document,
    change: PlaceChange,
    locations: ReadonlyMap<string, Location>,
  ) => Led<Document, KindEvent>
}

/** Looks at documents that wait for a place, and at open ones that use it where it closes or is opened again. */
export function placeListenerOf<Document extends AnyDocument, KindEvent>(
  kind: CarriedKind<Document, KindEvent>,
  { placesUsed, decide }: PlaceRules<Document, KindEvent>,
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
