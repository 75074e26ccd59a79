/** Documents that the database lacks since it fell back, put back under the numbers that were told. */
import type { Tx } from '../database.ts'
import type { Note } from '../history/history.ts'
import { restoreNumbers } from '../numbers/number.actions.ts'
import type { DocumentStore } from './document.actions.ts'
import type { AnyDocument, NewDocument } from './document.ts'
import type { Numbered } from './document.write.store.ts'

/** What is put back. */
export interface PutBack<Document> {
  readonly made: readonly Numbered<Document>[]
  /** Every number that was told, of these documents and of others. */
  readonly toldNumbers: readonly string[]
  /** Stands for a document that nobody told of, so that its number is explained and no gap is left. */
  readonly placeholder: (number: string) => Document
  /** What the history of placeholders says. */
  readonly why: Note
}

/** What became of the numbers. */
export interface NumbersKept {
  /** Numbers that were given and of whose documents nothing was told. */
  readonly untold: readonly string[]
  /** Documents whose number another document has by now: the number that was told, and the one they have. */
  readonly renumbered: readonly { readonly told: string; readonly now: string }[]
}

/** Puts documents back, and moves the counters behind every number that was told. Do it last in a transaction. */
export async function putBack<Document extends AnyDocument>(
  tx: Tx,
  store: DocumentStore<Document>,
  { made, toldNumbers, placeholder, why }: PutBack<Document>,
): Promise<NumbersKept> {
  const numbers = made.map(({ document }) => document.number)
  const taken = numbers.length === 0 ? new Set<string>() : await store.numbersTaken(tx, numbers)
  const untold = await restoreNumbers(tx, toldNumbers)
  const free = made.filter(({ document }) => !taken.has(document.number))
  await store.restore(tx, [...free, ...untold.map((number) => ({ document: placeholder(number), note: why }))])
  const twice = made.filter(({ document }) => taken.has(document.number))
  const anew = await store.create(
    tx,
    twice.map(({ document, note }): NewDocument<Document> => ({ draft: document, note })),
  )
  const renumbered = anew.map(({ document }, index) => {
    return { told: twice[index]?.document.number ?? '', now: document.number }
  })
  return { untold, renumbered }
}
