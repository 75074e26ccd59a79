/** Documents of a database that fell back are written again under their numbers, and no number that was published is given again. */
import type { AnyDocument, NewDocument, Transaction } from './document.ts'
import type { Note } from './history.ts'
import { restoreNumbers } from './numbers.ts'
import type { DocumentStore } from './store.ts'

/** A document that is to be put back under its number. */
export interface Made<Document> {
  readonly document: Document
  readonly note: Note
}

/** What is put back. */
export interface WriteRestored<Document> {
  readonly made: readonly Made<Document>[]
  /** Every number that was published, of these documents and of others. */
  readonly publishedNumbers: readonly string[]
  /** Those of them whose documents are not made, since nothing else was published. */
  readonly withoutDocument: ReadonlySet<string>
  /** Stands for a document of which nothing was published, so that its number is explained and no gap is left. */
  readonly placeholder: (number: string) => Document
  /** What the history of placeholders says. */
  readonly why: Note
}

/** What became of the numbers. */
export interface NumbersKept {
  /** Numbers that were given and of whose documents nothing was published. */
  readonly untold: readonly string[]
  /** Documents whose number another document has by now: the number that was published, and the one they have. */
  readonly renumbered: readonly { readonly published: string; readonly now: string }[]
}

/** Puts documents back, and moves the counters behind every number that was published. Do it last in a transaction. */
export async function writeRestored<Document extends AnyDocument>(
  tx: Transaction,
  store: Pick<DocumentStore<Document>, 'numbersTaken' | 'restore' | 'create'>,
  { made, publishedNumbers, withoutDocument, placeholder, why }: WriteRestored<Document>,
): Promise<NumbersKept> {
  const numbers = made.map(({ document }) => document.number)
  const taken = numbers.length === 0 ? new Set<string>() : await store.numbersTaken(tx, numbers)
  const untold = await restoreNumbers(tx, publishedNumbers, withoutDocument)
  const free = made.filter(({ document }) => !taken.has(document.number))
  await store.restore(tx, [...free, ...untold.map((number) => ({ document: placeholder(number), note: why }))])
  const twice = made.filter(({ document }) => taken.has(document.number))
  const anew = await store.create(
    tx,
    twice.map(({ document, note }): NewDocument<Document> => ({ draft: document, note })),
  )
  const renumbered = anew.map(({ document }, index) => {
    return { published: twice[index]?.document.number ?? '', now: document.number }
  })
  return { untold, renumbered }
}
