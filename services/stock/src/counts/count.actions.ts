/** Count sheets, for those who carry out what is decided on them. */
import { isWithin } from '@stockline/contracts/locations'
import { mayDo, stockCountSheetChanged, type CountSheetChanged } from '@stockline/contracts'
import { conclude, saveDocuments, type Stored } from '@stockline/documents'
import { event, isRefusal, refuse, type Actor, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Tx } from '../database.ts'
import { lockOwn, publishedKind } from '../documents/document.actions.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { decideEnter, countedKeys, type CountEntries } from './count.enter.ts'
import { sheetEvents } from './count.events.ts'
import { countSheetKind } from './count.fields.ts'
import { assigneeFaults, newSheet, type SheetFacts } from './count.make.ts'
import type { NewSheet } from './count.shapes.api.ts'
import { decideAssign, decideCancel } from './count.steps.ts'
import { findKnownSkus, storeWithdrawn } from './count.store.ts'
import { mostCounted, withdrawnCounts, type StepFacts, type CountSheet } from './count.ts'
import { counterOf, zoneFactsOf } from './counter.actions.ts'
import { statesAt, withFloor } from './place.actions.ts'
import { findCountedPlaces } from './place.store.ts'

/** How count sheets are kept. Who acts on the whole zone sees one, and acts on it. */
export const countSheets = publishedKind(
  { ...countSheetKind, locationsOf: ({ zone }) => [zone] },
  {
    eventsOf: sheetEvents,
    outgoing: (id, data: CountSheetChanged, source) => event(stockCountSheetChanged, id, data, source),
  },
)

/** A request for a step on a sheet. */
export interface SheetRequest<Body> {
  readonly params: { readonly id: string }
  readonly body: Body
  readonly actor: Actor
  readonly version: number | undefined
}

type StoredSheet = Stored<CountSheet>

/** Makes a sheet by hand. */
export async function makeSheet(tx: Tx, body: NewSheet, actor: Actor): Promise<StoredSheet | Refusal> {
  if (!isWithin(await scopeOf(tx, actor), body.zone))
    return refuse('location-unknown', 'unknown', 'The zone is not among your locations.')
  const known = await zoneFactsOf(tx, body.zone, body.assignee)
  const places = await findCountedPlaces(tx, body.zone, body.abcClass ?? null, body.skus ?? null)
  return makeSheetOf(tx, body, { ...known, places, cause: 'hand', plan: null })
}

/** Makes a sheet of places that were found. */
export async function makeSheetOf(
  tx: Tx,
  body: NewSheet,
  facts: Omit<SheetFacts, 'id' | 'now' | 'knownSkus'>,
): Promise<StoredSheet | Refusal> {
  const knownSkus = await findKnownSkus(tx, body.skus ?? [])
  const places = facts.places.length > mostCounted ? facts.places : await withFloor(tx, facts.places)
  const draft = newSheet(body, { ...facts, places, id: uuid(), now: tx.now, knownSkus })
  if (isRefusal(draft)) return draft
  const note = { what: 'created', why: `${String(draft.lines.length)} ${draft.lines.length === 1 ? 'line' : 'lines'}` }
  const [stored] = (await saveDocuments(tx, countSheets, { drafts: [{ draft, note }] })).created
  if (stored === undefined) throw new Error('A count sheet was made and is not there.')
  return stored
}

/** Takes what was counted, with what the ledger and the floor have there at this moment. */
export async function enterCounts(
  tx: Tx,
  company: LedgerCompany,
  request: SheetRequest<CountEntries>,
): Promise<StoredSheet | Refusal> {
  const stored = await lockOwn(tx, countSheets, request.params.id)
  const keys = countedKeys(stored.document, request.body)
  const named = keys.filter((key) => key !== null)
  const states = await statesAt(tx, company, named)
  const at = new Map(named.map((key, index) => [key, states[index]]))
  const known = {
    ...stepFacts(tx, request.actor),
    states: keys.map((key) => (key === null ? null : (at.get(key) ?? null))),
  }
  return concluded(tx, stored, request, decideEnter(stored.document, request.body, known))
}

/** Gives a sheet to a user, or to nobody. */
export async function assignSheet(
  tx: Tx,
  request: SheetRequest<{ readonly user: string | null }>,
): Promise<StoredSheet | Refusal> {
  const stored = await lockOwn(tx, countSheets, request.params.id)
  const { user: id } = request.body
  const user = id === null ? undefined : await counterOf(tx, id)
  const faults = assigneeFaults(user, stored.document.zone, '/user')
  if (faults.length > 0) return refuse('assignee-unfit', 'content', `The sheet cannot be given to that user.`, faults)
  return concluded(tx, stored, request, decideAssign(stored.document, user ?? null))
}

/** Cancels a sheet. */
export async function cancelSheet(
  tx: Tx,
  request: SheetRequest<{ readonly reason: string }>,
): Promise<StoredSheet | Refusal> {
  const stored = await lockOwn(tx, countSheets, request.params.id)
  return concluded(tx, stored, request, decideCancel(stored.document, request.body.reason))
}

/** What decisions on sheets may know. */
export function stepFacts(tx: Tx, actor: Actor): StepFacts {
  return { by: actor, may: (right) => mayDo(actor, right), now: tx.now }
}

/** Saves what was decided, and which differences it takes back. */
export async function concluded(
  tx: Tx,
  stored: StoredSheet,
  { actor, version }: Pick<SheetRequest<unknown>, 'actor' | 'version'>,
  decided: Parameters<typeof conclude<CountSheet, CountSheetChanged, undefined>>[4],
): Promise<StoredSheet | Refusal> {
  const after = await conclude(tx, countSheets, stored, { actor, version, origin: tx.origin }, decided)
  if (isRefusal(after)) return after
  const withdrawn = withdrawnCounts(stored.document, after.document)
  await storeWithdrawn(tx, after.document.id, withdrawn, tx.now)
  return after
}
