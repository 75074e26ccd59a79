/**
 * Count sheets of a database that fell back: no number is given again, what was told to be over is over, and picking hears what each is
 * now. What was counted is told to nobody, so that a lost sheet cannot be counted on.
 */
import { stockCountSheetChanged, type CountSheetChanged } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { numberParts, writeRestored, type Stored } from '@stockline/documents'
import { givenTwice, madeAt } from '@stockline/documents/restored'
import { event, publish, type PublishedEvent } from '@stockline/service-kit'
import { v7 as uuidv7 } from 'uuid'
import { countSheets } from '../counts/count.actions.ts'
import { publishedSheet } from '../counts/count.events.ts'
import { saveEnded } from '../counts/count.submit.actions.ts'
import type { CountSheet } from '../counts/count.ts'
import type { Tx } from '../database.ts'
import { endedAsTold, latestSheets, restoredSheet, untoldSheet } from './count.restore.ts'
import { eventOf, sentence, type Done } from './lost-events.actions.ts'

const why = 'The database fell back. What was counted is not known: make a new sheet where it is still to be counted.'
const whyUntold = 'The database fell back, and nothing was told of the sheet that had this number.'

/** Brings count sheets to what was told of them. Do it before the documents that were posted: what is still being counted then may be among them. */
export async function restoreSheets(tx: Tx, lost: readonly PublishedEvent[]): Promise<Done> {
  const events = lost.flatMap((one) => eventOf(one, stockCountSheetChanged))
  if (events.length === 0) return { done: [], open: [] }
  const told = latestSheets(events.map(({ data }) => data))
  const stored = await countSheets.store.lock(tx, idsOf(told))
  const known = new Map(stored.map((one) => [one.document.id, one]))
  const ended = await endAsTold(tx, told, known)
  const missing = told.filter(({ documentId }) => !known.has(documentId))
  const { untold, renumbered } = await makeAgain(tx, told, missing, events)
  const published = new Set(ended.map(({ id }) => id))
  await tellAgain(
    tx,
    idsOf(told).filter((id) => !published.has(id)),
  )
  return {
    done: [
      ...sentence('Count sheets that are over, as they were told', numbersOf(ended)),
      ...sentence('Count sheets made again without what was counted', numbersOf(missing)),
      ...sentence('Count sheets of which nothing was told, kept as cancelled ones', untold),
    ],
    open: renumbered.map((one) => givenTwice('count sheet', one)),
  }
}

/** Ends those that the database has open, and that were told to be over. What it has of their counts is what the report has of them. */
async function endAsTold(
  tx: Tx,
  told: readonly CountSheetChanged[],
  known: ReadonlyMap<string, Stored<CountSheet>>,
): Promise<readonly CountSheet[]> {
  const changes = told.flatMap((one) => {
    const stored = known.get(one.documentId)
    const after = stored && endedAsTold(stored.document, one)
    if (stored === undefined || after === undefined) return []
    return [{ stored, after, notes: [{ what: after.status, why: 'Told before the database fell back.', who: null }] }]
  })
  return saveEnded(tx, changes)
}

/** Makes those that the database has not, and what stands for numbers of which nothing was told. */
function makeAgain(
  tx: Tx,
  told: readonly CountSheetChanged[],
  missing: readonly CountSheetChanged[],
  events: readonly Event<CountSheetChanged>[],
) {
  const timeOf = (id: string) => events.find(({ data }) => data.documentId === id)?.time
  return writeRestored(tx, countSheets.store, {
    made: missing.map((one) => ({
      document: restoredSheet(one, madeAt(one.documentId, timeOf(one.documentId))),
      note: { what: 'restored', why, who: null },
    })),
    publishedNumbers: numbersOf(told),
    withoutDocument: new Set(),
    placeholder: (number) =>
      untoldSheet({ id: uuidv7(), number, warehouse: numberParts(number)?.warehouse ?? '', createdAt: tx.now }),
    why: { what: 'cancelled', why: whyUntold, who: null },
  })
}

/** Others know these as they were told: they hear what each is now, where that was not published with a change. */
async function tellAgain(tx: Tx, ids: readonly string[]): Promise<void> {
  const now = await countSheets.store.lock(tx, ids)
  await publish(tx, ...now.map(({ document }) => event(stockCountSheetChanged, document.id, publishedSheet(document))))
}

function idsOf(told: readonly CountSheetChanged[]): readonly string[] {
  return told.map(({ documentId }) => documentId)
}

function numbersOf(sheets: readonly Pick<CountSheet, 'number'>[]): readonly string[] {
  return sheets.map(({ number }) => number)
}
