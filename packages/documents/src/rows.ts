/** Rows of documents, and what they mean: made once for a kind, from its fields. */
import type { DocumentFields, DocumentKind, DocumentOf } from './document.ts'
import { integer, keptBy, type Fields } from './fields.ts'

/** The rows of a kind, both ways. */
export interface Rows<Document> {
  /** The document out of its rows, which become it. */
  readonly fromRows: (head: object, lines: readonly object[]) => Document
  /** The head on its way in. */
  readonly headOf: (document: Document) => object
  /** A line on its way in. */
  readonly lineOf: (documentId: string, line: object) => object
  /** Rows that its lines and what is in them fill: what it weighs in the cache. */
  readonly rowsOf: (document: Document) => number
}

/** The rows of a kind. */
export function rowsOfKind<Of extends DocumentFields>(kind: DocumentKind<Of>): Rows<DocumentOf<Of>> {
  type Document = DocumentOf<Of>
  const { head, line } = kind.fields
  const derived = [
    ['locations', kind.locationsOf] as const,
    ...Object.entries(kind.derived ?? {}).map(([name, { of }]) => [name, of] as const),
  ]
  const [ofHead, ofLine] = [
    keptBy<Fields>(head, ...derived.map(([name]) => name)),
    keptBy<Fields>({ line: integer(), ...line }, 'documentId'),
  ]
  const [weighHead, weighLine] = [weight(head), weight(line)]
  return {
    fromRows: (row, lines) => {
      const made = ofHead.decode(row) as Record<string, unknown>
      made['lines'] = lines
      for (const each of lines) ofLine.decode(each)
      return made as unknown as Document
    },
    headOf: (document) => {
      const row = ofHead.encode(document)
      for (const [name, of] of derived) row[name] = of(document)
      return row
    },
    lineOf: (documentId, one) => {
      const row = ofLine.encode(one)
      row['documentId'] = documentId
      return row
    },
    rowsOf: (document) =>
      (document.lines as readonly object[]).reduce((sum, each) => sum + 1 + weighLine(each), weighHead(document)),
  }
}

/** What the fields weigh that fill rows of their own. */
function weight(of: Fields): (value: object) => number {
  const heavy = Object.entries(of).flatMap(([name, { weigh }]) => (weigh === undefined ? [] : [[name, weigh] as const]))
  return (value) => {
    const held = value as Readonly<Record<string, unknown>>
    return heavy.reduce((sum, [name, weigh]) => {
      const one = held[name]
      return one === null || one === undefined ? sum : sum + weigh(one)
    }, 0)
  }
}
