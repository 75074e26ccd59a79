/**
 * Count sheets of a database that fell back: no number is given again, what was told to be over is over, and picking hears what each is
 * now. What was counted is told to nobody, so that a lost sheet cannot be counted on.
 */
import { stockCountSheetChanged, type CountSheetChanged } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { numberParts, saveDocuments, writeRestored } from '@stockline/documents'
import { givenTwice, madeAt } from '@stockline/documents/restored'
import { event, publish, type PublishedEvent } from '@stockline/service-kit'
import { v7 as uuidv7 } from 'uuid'
import { countSheets } from '../counts/count.actions.ts'
import { publishedSheet } from '../counts/count.events.ts'
import type { Tx } from '../database.ts'
import { endedAsTold, latestSheets, restoredSheet, untoldSheet } from './count.restore.ts'
import { eventOf, sentence, type Done } from './lost-events.actions.ts'

const why = 'The database fell back. What was counted is not known: make a new sheet where it is still to be counted.'

/** Brings count sheets to what was told of them. Do it before the documents that were posted: what is still being counted then may be among them. */
export async function restoreSheets(tx: Tx, lost: readonly PublishedEvent[]): Promise<Done> {
  const events = lost.flatMap((one) => eventOf(one, stockCountSheetChanged))
  if (events.length === 0) return { done: [], open: [] }
  const told = latestSheets(events.map(({ data }) => data))
  const stored = await countSheets.store.lock(
    tx,
    told.map(({ documentId }) => documentId),
  )
  const known = new Map(stored.map((one) => [one.document.id, one]))
  const changes = told.flatMap((one) => {
    const sheet = known.get(one.documentId)
    const after = sheet && endedAsTold(sheet.document, one)
    return sheet === undefined || after === undefined
      ? []
      : [
          {
            stored: sheet,
            after,
            notes: [{ what: after.status, why: 'Told before the database fell back.', who: null }],
          },
        ]
  })
  const { changed } = await saveDocuments(tx, countSheets, { changes })
  const missing = told.filter(({ documentId }) => !known.has(documentId))
  const made = missing.map((one) => ({
    document: restoredSheet(one, madeAt(one.documentId, timeOf(events, one))),
    note: { what: 'restored', why, who: null },
  }))
  const { untold, renumbered } = await writeRestored(tx, countSheets.store, {
    made,
    publishedNumbers: told.map(({ number }) => number),
    withoutDocument: new Set(),
    placeholder: (number) =>
      untoldSheet({ id: uuidv7(), number, warehouse: numberParts(number)?.warehouse ?? '', createdAt: tx.now }),
    why: {
      what: 'cancelled',
      why: 'The database fell back, and nothing was told of the sheet that had this number.',
      who: null,
    },
  })
  await tellAgain(
    tx,
    told,
    changed.map(({ document }) => document.id),
  )
  return {
    done: [
      ...sentence(
        'Count sheets that are over, as they were told',
        changed.map(({ document }) => document.number),
      ),
      ...sentence(
        'Count sheets made again without what was counted',
        missing.map(({ number }) => number),
      ),
      ...sentence('Count sheets of which nothing was told, kept as cancelled ones', untold),
    ],
    open: renumbered.map((one) => givenTwice('count sheet', one)),
  }
}

/** Others know these as they were told: they hear what each is now, where that was not published with a change. */
async function tellAgain(tx: Tx, told: readonly CountSheetChanged[], published: readonly string[]): Promise<void> {
  const others = told.map(({ documentId }) => documentId).filter((id) => !published.includes(id))
  const now = await countSheets.store.lock(tx, others)
  await publish(tx, ...now.map(({ document }) => event(stockCountSheetChanged, document.id, publishedSheet(document))))
}

function timeOf(events: readonly Event<CountSheetChanged>[], { documentId }: CountSheetChanged): string | undefined {
  return events.find(({ data }) => data.documentId === documentId)?.time
}
