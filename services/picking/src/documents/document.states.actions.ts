/**
 * Publishes the states of documents, `stateWithinMs` after a change at the latest. What changed is remembered in this process once it
 * is committed, and forgotten when the document is posted first: so a document that is posted soon costs nothing. A process that is
 * stopped publishes what it remembers. One that was killed leaves it to be found in the tables: at the start of the next, once more
 * `stateWithinMs` later, since the youngest changes may be another process's, and every minute.
 */
import { hash } from 'node:crypto'
import { pickingFloorChanged, pickingReceiptExpected, stateWithinMs } from '@stockline/contracts'
import type { EventContract } from '@stockline/contracts/envelope'
import type { AnyDocument, SavedDocument, Stored } from '@stockline/documents'
import { event, pauser, publish, systemOrigin, timeOfDay, type Logger, type Outgoing } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import { referenceDataOf } from '../products/product.actions.ts'
import type { CarriedKind } from './document.save.actions.ts'
import { afterChange, unpublished, type DocumentState, type DocumentStates } from './document.state.ts'
import { loadStates, saveStates, stateSearch, type PublishedStates } from './document.states.store.ts'

/** The events of states, by their names. */
const contracts = {
  floor: pickingFloorChanged,
  expected: pickingReceiptExpected,
} satisfies Record<DocumentState['name'], object>

/** A change of a document, as far as its states are concerned. */
interface StateChange {
  readonly many: string
  readonly id: string
  readonly what: 'look' | 'leave'
}

/** Those who publish states in this process. */
const publishers = new Set<(changes: readonly StateChange[]) => void>()

/** Has the states of these documents looked at, once the transaction is committed. @param many names their kind */
export function statesChanged<Document extends AnyDocument>(
  tx: Pick<Tx, 'afterCommit'>,
  many: string,
  states: DocumentStates<Document>,
  changes: readonly SavedDocument<Document>[],
): void {
  const found = changes.flatMap(({ before, after }) => {
    const what = afterChange(states, before, after)
    return what === 'nothing' ? [] : [{ many, id: after.id, what }]
  })
  if (found.length > 0) tx.afterCommit(() => publishers.forEach((note) => note(found)))
}

/** A kind of document that has states, whatever its documents are. */
interface KindWithStates {
  readonly many: string
  readonly publishOf: (tx: Tx, ids: readonly string[]) => Promise<void>
  readonly search: ReturnType<typeof stateSearch>
}

/** A kind of document with its states. Make it once, as a constant. */
export function kindWithStates<Document extends AnyDocument, KindEvent>(
  kind: CarriedKind<Document, KindEvent>,
): KindWithStates {
  const { many, states } = kind
  if (states === undefined) throw new Error(`There are no states of ${many}.`)
  return {
    many,
    search: stateSearch(many, states.candidates),
    publishOf: (tx, ids) => publishStates(tx, kind, states, ids),
  }
}

/** Publishes the states of these documents that are other than was published. */
async function publishStates<Document extends AnyDocument, KindEvent>(
  tx: Tx,
  { store, namesOn }: CarriedKind<Document, KindEvent>,
  states: DocumentStates<Document>,
  ids: readonly string[],
): Promise<void> {
  const found = await store.lock(tx, ids)
  const standing = found.filter(({ document }) => document.status !== 'posting' && document.status !== 'done')
  if (standing.length === 0) return
  const referenceData = await referenceDataOf(
    tx,
    standing.flatMap(({ document }) => namesOn(document)),
  )
  const before = await loadStates(
    tx,
    standing.map(({ document }) => document.id),
  )
  const events: Outgoing[] = []
  const seen: PublishedStates[] = []
  for (const { document, history } of standing) {
    const { id: documentId, version } = document
    const of = states.of(document, changedAt({ history }, tx), referenceData)
    const now = unpublished(of, before.get(documentId)?.published ?? {}, digest)
    for (const { name, data } of now.events) events.push(event(contracts[name] as EventContract, documentId, data))
    seen.push({ documentId, version, published: now.published })
  }
  await saveStates(tx, seen)
  await publish(tx, ...events)
}

function changedAt({ history }: Pick<Stored<unknown>, 'history'>, { now }: Tx): string {
  return history.at(-1)?.at ?? now.toISOString()
}

function digest(content: string): string {
  return hash('sha1', content, 'base64url')
}

const mostAtOnce = 200
const searchEveryMs = 60_000
/** After one that could not be published. */
const searchAgainMs = 10_000
/** Before every id. */
const firstId = '00000000-0000-0000-0000-000000000000'

/** Publishes the states of these kinds from now on. Gives back how to stop. */
export function startStates(db: Database, log: Logger, kinds: readonly KindWithStates[]): () => Promise<void> {
  const pause = pauser()
  const due = new Map(kinds.map(({ many }) => [many, new Map<string, number>()]))
  /** Behind which id the next search begins, by kind. */
  const from = new Map<string, string>()
  let stopped = false
  let searchAt = performance.now()
  let searchNextMs: number = stateWithinMs
  const note = (changes: readonly StateChange[]) => {
    for (const { many, id, what } of changes) {
      const of = due.get(many)
      if (what === 'leave') of?.delete(id)
      else if (of?.has(id) === false) {
        of.set(id, performance.now() + stateWithinMs / 2)
        if (of.size === 1) pause.wake()
      }
    }
  }
  publishers.add(note)

  const publishDue = async (): Promise<boolean> => {
    let isWhole = true
    for (const kind of kinds) {
      const of = due.get(kind.many)
      for (let ids = takeDue(of); ids.length > 0; ids = takeDue(of))
        isWhole = (await publishAll(db, log, kind, ids)).isWhole && isWhole
    }
    return isWhole
  }
  const work = async (): Promise<boolean> => {
    let isWhole = await publishDue()
    if (performance.now() < searchAt) return isWhole
    searchAt = performance.now() + searchNextMs
    searchNextMs = searchEveryMs
    for (const kind of kinds) {
      const { next, ...found } = await searchLeft(db, log, kind, from.get(kind.many) ?? firstId)
      from.set(kind.many, next)
      isWhole = found.isWhole && isWhole
    }
    return isWhole
  }
  const loop = async (): Promise<void> => {
    while (!stopped) {
      if (!(await work())) searchAt = Math.min(searchAt, performance.now() + searchAgainMs)
      const next = Math.min(searchAt, ...[...due.values()].flatMap((of) => [...of.values()].slice(0, 1)))
      await pause.sleep(Math.max(next - performance.now(), 50))
    }
  }
  const ended = loop()
  return async () => {
    stopped = true
    publishers.delete(note)
    pause.wake()
    await ended
    for (const of of due.values()) for (const id of of.keys()) of.set(id, 0)
    await publishDue()
  }
}

/** Takes out those that are due, some at most. They are in the order in which they become due. */
function takeDue(of: Map<string, number> | undefined): readonly string[] {
  const ids: string[] = []
  for (const [id, at] of of ?? []) {
    if (at > performance.now() || ids.length === mostAtOnce) break
    ids.push(id)
  }
  for (const id of ids) of?.delete(id)
  return ids
}

/** What came of publishing several documents. */
interface Published {
  readonly isWhole: boolean
  /** The last that failed, where it was given up behind that. */
  readonly stoppedAt: string | null
}

/** Where so many fail one after the other, it is not for the documents. */
const mostFailures = 3

/** One after the other, whatever becomes of those before; given up where several in a row fail. */
export async function publishEach(
  ids: readonly string[],
  publishes: (id: string) => Promise<boolean>,
): Promise<Published> {
  let [isWhole, inRow] = [true, 0]
  for (const id of ids) {
    inRow = (await publishes(id)) ? 0 : inRow + 1
    isWhole = isWhole && inRow === 0
    if (inRow === mostFailures) return { isWhole, stoppedAt: id }
  }
  return { isWhole, stoppedAt: null }
}

/** All in one transaction; one by one where that fails. What is not published the next search finds. */
async function publishAll(db: Database, log: Logger, kind: KindWithStates, ids: readonly string[]): Promise<Published> {
  const publishes = (some: readonly string[]) => db.transaction(systemOrigin(), (tx) => kind.publishOf(tx, some))
  try {
    await publishes(ids)
    return { isWhole: true, stoppedAt: null }
  } catch (error) {
    if (ids.length > 1) log.warn({ err: error }, 'states of documents could not be published together')
  }
  return publishEach(ids, async (id) => {
    try {
      await publishes([id])
      return true
    } catch (error) {
      log.warn({ err: error, document: id }, 'the state of a document could not be published; it is tried again')
      return false
    }
  })
}

/** Publishes what no process has looked at, behind that id. The next search begins behind `next`. */
async function searchLeft(
  db: Database,
  log: Logger,
  kind: KindWithStates,
  from: string,
): Promise<{ readonly isWhole: boolean; readonly next: string }> {
  const { unseen, forget } = kind.search
  try {
    await db.transaction(systemOrigin(), (tx) => tx.query(forget))
    // What lies before is looked at soon.
    let isWhole = from === firstId
    for (let after = from; ;) {
      const before = new Date(timeOfDay() - stateWithinMs)
      const ids = (await db.queryWholeTables<{ id: string }>(unseen, [before, after, mostAtOnce])).map(({ id }) => id)
      const done = ids.length === 0 ? { isWhole: true, stoppedAt: null } : await publishAll(db, log, kind, ids)
      if (done.stoppedAt !== null) return { isWhole: false, next: done.stoppedAt }
      isWhole = done.isWhole && isWhole
      if (ids.length < mostAtOnce) return { isWhole, next: firstId }
      after = ids.at(-1) ?? after
    }
  } catch (error) {
    log.warn({ err: error }, 'states of documents could not be looked for; they are looked for again')
    return { isWhole: false, next: from }
  }
}

/** Has the states of a document published anew, whatever was published before: what reads them has a later one. */
export async function forgetPublished(tx: Tx, documentIds: readonly string[]): Promise<void> {
  const published = Object.fromEntries(Object.keys(contracts).map((name) => [name, '']))
  await saveStates(
    tx,
    documentIds.map((documentId) => ({ documentId, version: 0, published })),
  )
}
