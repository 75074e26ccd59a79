/** Makes a document that a person gives without an order. */
import type { AnyDocument, NewDocument, Stored } from '@stockline/documents'
import { isRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import { referenceDataOf, type Named } from '../products/product.actions.ts'
import type { HandFacts } from './document.hand.ts'
import { saveDocuments, type CarriedKind } from './document.save.actions.ts'

/** What a kind says of the documents that a person makes. */
export interface ByHand<Document, Body, Place> {
  /** Where it is to be. A refusal where there is no such place for the actor, or where the actor may not give what the body gives. */
  readonly placeFor: (tx: Tx, body: Body, actor: Actor) => Promise<Place | Refusal>
  readonly draft: (body: Body, known: HandFacts & Place) => NewDocument<Document>['draft'] | Refusal
}

/** Makes a document of what the body gives. */
export async function createByHand<
  Document extends AnyDocument,
  KindEvent,
  Body extends { readonly lines: readonly Named[] },
  Place,
>(
  tx: Tx,
  kind: CarriedKind<Document, KindEvent>,
  { placeFor, draft }: ByHand<Document, Body, Place>,
  body: Body,
  actor: Actor,
): Promise<Stored<Document> | Refusal> {
  const [place, referenceData] = await Promise.all([placeFor(tx, body, actor), referenceDataOf(tx, body.lines)])
  if (isRefusal(place)) return place
  const made = draft(body, { id: uuid(), now: tx.now, referenceData, ...place })
  if (isRefusal(made)) return made
  const drafts = [{ draft: made, note: { what: 'created', why: null } }]
  const [stored] = (await saveDocuments(tx, kind, { drafts, referenceData })).created
  if (stored === undefined) throw new Error('A document was made and is not there.')
  return stored
}
