/**
 * Stock's own documents of a database that fell back: what the bus has of their postings is made again, under the same numbers, and no
 * number that was published is given again. Do it behind the ledger, whose positions they have.
 */
import { minus, storedQuantity, type Quantity } from '@stockline/amounts'
import { stockDocumentPosted, stockDocumentRefused, type PostedDocument } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { numberParts, writeRestored, type AnyDocument, type Change, type Made, type Stored } from '@stockline/documents'
import { givenTwice, madeAt, restoredNote } from '@stockline/documents/restored'
import { sql, type PublishedEvent } from '@stockline/service-kit'
import { v7 as uuidv7 } from 'uuid'
import { adjustments } from '../adjustments/adjustment.actions.ts'
import type { Tx } from '../database.ts'
import { scraps, statusChanges } from '../dispositions/disposition.actions.ts'
import { adjustmentKind } from '../adjustments/adjustment.fields.ts'
import { scrapKind, statusChangeKind } from '../dispositions/disposition.fields.ts'
import type { OwnKind } from '../documents/document.actions.ts'
import { balancesOf, movedSince } from '../ledger/balances.actions.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { restoreSeries } from '../ledger/ledger.restore.actions.ts'
import {
  keyOfPosted,
  restorableAdjustments,
  restorableScraps,
  restorableStatusChanges,
  type RestorableOwn,
} from './own.restore.ts'
import { eventOf, sentence, type Done } from './lost-events.actions.ts'

const standing = sql(
  'select document_id as id, position from postings where position is not null and document_id = any ($1::uuid[])',
)
const counting = sql(
  `select number from count_sheets where status = 'in_progress' and warehouse = any ($1::text[]) order by number`,
)

type Posted = Event<PostedDocument>

/** Makes them again, and moves all counters behind the numbers that were published. Do it last in a transaction. */
export async function restoreOwn(tx: Tx, company: LedgerCompany, lost: readonly PublishedEvent[]): Promise<Done> {
  const answers = lost.flatMap((one) => [...eventOf(one, stockDocumentPosted), ...eventOf(one, stockDocumentRefused)])
  const numbers = answers.flatMap(({ data: { kind, number } }) =>
    kind === 'adjustment' || kind === 'opening' ? [number] : [],
  )
  await restoreSeries(
    tx,
    numbers.filter((number) => numberParts(number) === undefined),
  )
  const postings = lost.flatMap((one) => eventOf(one, stockDocumentPosted))
  const told = { postings, numbers }
  const restored = [
    await restoreKind(tx, company, adjustments, adjustmentKind.numberType, restorableAdjustments, told),
    await restoreKind(tx, company, statusChanges, statusChangeKind.numberType, restorableStatusChanges, told),
    await restoreKind(tx, company, scraps, scrapKind.numberType, restorableScraps, told),
  ]
  return {
    done: restored.flatMap(({ done }) => done),
    open: [...restored.flatMap(({ open }) => open), ...(await countedTwice(tx, restored[0]?.made ?? []))],
  }
}

/** What the bus has. */
interface Told {
  readonly postings: readonly Posted[]
  readonly numbers: readonly string[]
}

async function restoreKind<Document extends AnyDocument>(
  tx: Tx,
  company: LedgerCompany,
  { store }: OwnKind<Document>,
  type: string,
  kind: RestorableOwn<Document>,
  told: Told,
): Promise<Done & { readonly made: readonly Document[] }> {
  const isOfKind = (number: string) => numberParts(number)?.type === type
  const numbers = told.numbers.filter(isOfKind)
  if (numbers.length === 0) return { done: [], open: [], made: [] }
  const postings = told.postings.filter(({ data }) => isOfKind(data.number))
  const ids = postings.map(({ data }) => data.documentId)
  const stored = new Map((await store.lock(tx, ids)).map((one) => [one.document.id, one]))
  const { made, changes } = await asPosted(tx, company, kind, postings, stored)
  await store.update(tx, changes)
  const kept = new Set([...made, ...changes.map(({ after }) => ({ document: after }))].map(({ document }) => document.number)) // prettier-ignore
  const { untold, renumbered } = await writeRestored(tx, store, {
    made,
    publishedNumbers: numbers,
    withoutDocument: new Set(numbers.filter((number) => !kept.has(number))),
    placeholder: (number) =>
      kind.untold({ id: uuidv7(), number, warehouse: numberParts(number)?.warehouse ?? '', createdAt: tx.now }),
    why: {
      what: 'rejected',
      why: `The database fell back, and the bus has no posting of the ${kind.one} that had this number.`,
      who: null,
    },
  })
  const documents = made.map(({ document }) => document)
  return {
    made: documents,
    done: [
      ...sentence(`${kind.many} made again as they were posted`, documents.map(({ number }) => number)),
      ...sentence(`${kind.many} that are posted again`, changes.map(({ after }) => after.number)),
      ...sentence(`${kind.many} of which nothing was posted, kept as rejected ones`, untold),
    ],
    open: renumbered.map((one) => givenTwice(kind.one, one)),
  } // prettier-ignore
}

/** Documents as the ledger has them now. What it could not post anew is not made. */
async function asPosted<Document extends AnyDocument>(
  tx: Tx,
  company: LedgerCompany,
  kind: RestorableOwn<Document>,
  postings: readonly Posted[],
  stored: ReadonlyMap<string, Stored<Document>>,
) {
  const ids = postings.map(({ data }) => data.documentId)
  const rows = await tx.query<{ id: string; position: bigint }>(standing, [ids])
  const positions = new Map(rows.map(({ id, position }) => [id, position]))
  const taken = postings.flatMap((event) => {
    const position = positions.get(event.data.documentId)
    return position === undefined ? [] : [{ event, position }]
  })
  const befores = await justBefore(tx, company, taken)
  const [made, changes]: [Made<Document>[], Change<Document>[]] = [[], []]
  for (const [index, { event, position }] of taken.entries()) {
    const { data, actor, time } = event
    const known = stored.get(data.documentId)
    const posting = { data, position, before: befores[index] ?? [], by: actor?.id, createdAt: madeAt(data.documentId, time) } // prettier-ignore
    const document = kind.posted(posting, known?.document)
    const { why, ...note } = restoredNote('posted', event)
    if (known === undefined) made.push({ document, note: { ...note, why: `${String(why)} ${kind.lacks}` } })
    else if (known.document.status !== 'posted')
      changes.push({ stored: known, after: document, notes: [{ ...note, why }] })
  }
  return { made, changes }
}

/** What the ledger had at the places of each posting just before it, in the order of its lines. */
async function justBefore(
  tx: Tx,
  company: LedgerCompany,
  taken: readonly { readonly event: Posted; readonly position: bigint }[],
): Promise<readonly (readonly Quantity[])[]> {
  const keys = taken.flatMap(({ event, position }) =>
    event.data.lines.map((line) => ({ ...keyOfPosted(line), since: position - 1n, until: null })),
  )
  const [balances, moved] = [await balancesOf(tx, company, keys), await movedSince(tx, keys, null)]
  const all = balances.map(({ onHand }, index) =>
    (moved[index]?.documents ?? []).reduce((left, { quantity }) => minus(left, storedQuantity(quantity)), onHand),
  )
  let next = 0
  return taken.map(({ event }) => all.slice(next, (next += event.data.lines.length)))
}

/** A count whose sheet is still being counted may be among what is posted: submitted again, it would correct once more. */
async function countedTwice(tx: Tx, made: readonly AnyDocument[]): Promise<readonly string[]> {
  if (made.length === 0) return []
  const sheets = await tx.query<{ number: string }>(counting, [[...new Set(made.map(({ warehouse }) => warehouse))]])
  return sheets.map(
    ({ number }) =>
      `Count sheet ${number} is being counted here. Where its differences are among the adjustments that were made again, ` +
      'cancel it: submitted, it would correct them once more.',
  )
}
