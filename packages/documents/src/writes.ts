/** How documents are written: new ones with their numbers, and changes, each as a version of its own. */
import type { AnyDocument, Change, NewDocument, Numbered, Stored, Transaction } from './document.ts'
import { stepOf, stepsText, type HistoryStep, type NewStep, type Note } from './history.ts'
import type { DocumentCache } from './cache.ts'
import { takeNumbers } from './numbers.ts'
import type { Rows } from './rows.ts'
import type { Statements } from './statements.ts'

/** See {@link documentWrites}. */
export interface DocumentWrites<Document> {
  /** Gives new ones their numbers, all of a warehouse at once, and writes them. Do it last in a transaction. */
  readonly create: (tx: Transaction, made: readonly NewDocument<Document>[]) => Promise<readonly Stored<Document>[]>
  /** Writes documents that had their numbers before the database fell back. */
  readonly restore: (tx: Transaction, made: readonly Numbered<Document>[]) => Promise<readonly Stored<Document>[]>
  /** Gives the documents back as they are now. Only lines that are not the same object are written. */
  readonly update: (tx: Transaction, changes: readonly Change<Document>[]) => Promise<readonly Stored<Document>[]>
}

/** The writes of a kind. What they have written is cached when it is committed. */
export function documentWrites<Document extends AnyDocument>(
  numberType: string,
  { headOf, lineOf }: Rows<Document>,
  statements: Statements,
  cache: DocumentCache<Document>,
): DocumentWrites<Document> {
  /** Lines that are new or another, and lines that are no more. */
  const lineChanges = (before: Document, after: Document) => {
    const same = new Set<unknown>(before.lines)
    const stay = new Set(after.lines.map(({ line }) => line))
    return {
      written: after.lines.flatMap((line) => (same.has(line) ? [] : [lineOf(after.id, line)])),
      gone: before.lines.flatMap(({ line }) => (stay.has(line) ? [] : [{ documentId: after.id, line }])),
    }
  }

  const insert = async (
    tx: Transaction,
    given: readonly Numbered<Document>[],
  ): Promise<readonly Stored<Document>[]> => {
    const documents = given.map(({ document }) => document)
    const steps = stepsOf(
      tx,
      given.map(({ document, note }) => ({ documentId: document.id, note })),
    )
    const lines = documents.flatMap((document) => document.lines.map((line) => lineOf(document.id, line)))
    const heads = JSON.stringify(documents.map(headOf))
    await tx.query(statements.insert, [heads, JSON.stringify(lines), stepsText(steps), tx.now])
    const stepsOn = byDocument(steps)
    const created = documents.map((document) => ({ document, history: stepsOn(document.id) }))
    cache.keep(tx, created)
    return created
  }

  return {
    create: async (tx, made) => (made.length === 0 ? [] : insert(tx, await numbered(tx, numberType, made))),
    restore: async (tx, made) =>
      made.length === 0
        ? []
        : insert(
            tx,
            made.map(({ document, note }) => ({ document: inOrder(document), note })),
          ),
    update: async (tx, changes) => {
      if (changes.length === 0) return []
      const raised = changes.map(({ stored, after, notes }) => {
        const before = stored.document
        return { stored, before, after: inOrder({ ...after, version: before.version + 1 }), notes }
      })
      const steps = stepsOf(
        tx,
        raised.flatMap(({ after, notes }) => notes.map((note) => ({ documentId: after.id, note }))),
      )
      const lines = raised.map(({ before, after }) => lineChanges(before, after))
      const [written, gone] = [lines.flatMap((one) => one.written), lines.flatMap((one) => one.gone)]
      const known = [JSON.stringify(raised.map(({ after }) => headOf(after))), tx.now, stepsText(steps)]
      if (written.length + gone.length === 0) await tx.query(statements.updateHeads, known)
      else await tx.query(statements.update, [...known, JSON.stringify(written), JSON.stringify(gone)])
      const stepsOn = byDocument(steps)
      const changed = raised.map(({ stored, after }) => ({
        document: after,
        history: [...stored.history, ...stepsOn(after.id)],
      }))
      cache.keep(tx, changed)
      return changed
    },
  }
}

/** Notes as the steps they become. */
function stepsOf(
  tx: Transaction,
  notes: readonly { readonly documentId: string; readonly note: Note }[],
): readonly NewStep[] {
  return notes.map(({ documentId, note }) => ({ documentId, step: stepOf(note, tx.now, tx.origin.actor) }))
}

/** Gives the function that finds a document's steps, in their order. */
function byDocument(steps: readonly NewStep[]): (documentId: string) => readonly HistoryStep[] {
  const grouped = Map.groupBy(steps, ({ documentId }) => documentId)
  return (documentId) => (grouped.get(documentId) ?? []).map(({ step }) => step)
}

/** As its rows will be read: by line number. Orders may name their lines in any order. */
function inOrder<Document extends AnyDocument>(document: Document): Document {
  const { lines } = document
  const sorted = lines.every(({ line }, index) => index === 0 || line > (lines[index - 1]?.line ?? 0))
  return sorted ? document : { ...document, lines: lines.toSorted((a, b) => a.line - b.line) }
}

/** Each with its number, the first of a warehouse with the lowest. */
async function numbered<Document extends AnyDocument>(
  tx: Transaction,
  numberType: string,
  made: readonly NewDocument<Document>[],
): Promise<readonly Numbered<Document>[]> {
  const free = new Map<string, string[]>()
  const byWarehouse = Map.groupBy(made, ({ draft }) => draft.warehouse)
  for (const [warehouse, { length }] of [...byWarehouse].sort(([a], [b]) => (a < b ? -1 : 1)))
    free.set(warehouse, [...(await takeNumbers(tx, warehouse, numberType, length))])
  return made.map(({ draft, note }) => {
    const number = free.get(draft.warehouse)?.shift()
    if (number === undefined) throw new Error(`No number was taken for a document in ${draft.warehouse}.`)
    return { document: inOrder({ ...draft, number } as Document), note }
  })
}
