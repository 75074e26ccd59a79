/** What receipts and deliveries have alike as documents, and what of their kinds the database has to know. */
import type { HistoryStep, Note } from '../history/history.ts'
import type { NumberType } from '../numbers/number.ts'

/** What every document has. */
export interface AnyDocument {
  readonly id: string
  readonly number: string
  readonly warehouse: string
  readonly status: string
  /** Rises with every change. */
  readonly version: number
  /** In the order of their numbers, once it is stored. */
  readonly lines: readonly { readonly line: number }[]
}

/** A document of any kind as it is kept: with what happened to it. */
export interface Stored<Document> {
  readonly document: Document
  readonly history: readonly HistoryStep[]
}

/** A document's line. */
export type LineOf<Document> = Document extends { readonly lines: readonly (infer Line)[] } ? Line : never

/** A document, what becomes of it, and what its history says about it. */
export interface Change<Document> {
  readonly stored: Stored<Document>
  readonly after: Document
  readonly notes: readonly Note[]
}

/** A document that is to be made. It has no number yet. */
export interface NewDocument<Document> {
  readonly draft: Omit<Document, 'number'>
  readonly note: Note
}

/** Where a kind of document is kept. Columns are lists of a name and a type each, as in `expected numeric, unit text`. */
export interface DocumentTables {
  readonly heads: 'receipts' | 'deliveries'
  readonly lines: 'receipt_lines' | 'delivery_lines'
  /** The column of a line that names its document. */
  readonly parent: string
  /** Columns that its heads have besides those of every head. */
  readonly fixed: string
  readonly changing: string
  /** Columns of its lines besides `parent` and `line`. */
  readonly lineColumns: string
}

/** A kind of document: its tables, and what their rows mean. */
export interface DocumentKind<Head, Line, Document> extends DocumentTables {
  readonly numberType: NumberType
  /** The statuses in which its order, its products and its units still change it. */
  readonly openWhile: readonly string[]
  /** The statuses in which an arriving product or unit is of use to it. */
  readonly helpedWhile: readonly string[]
  /** The document out of its rows. Numerics of lines come as text, since JSON would make floats of them. */
  readonly fromRows: (head: Head, lines: readonly Line[]) => Document
  readonly headOf: (document: Document) => object
  readonly lineOf: (documentId: string, line: LineOf<Document>) => object
  /** Rows that its lines fill, entries or picks counted: what it weighs in memory. */
  readonly rowsOf: (document: Document) => number
}
