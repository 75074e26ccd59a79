/** What every document has, and what a kind of document has to say of itself. */
import { values } from '@stockline/contracts'
import type { Actor, Queryable, Tx } from '@stockline/service-kit'
import {
  choice,
  fixed,
  inAnswers,
  inLists,
  integer,
  nullable,
  position,
  text,
  texts,
  pointInTime,
  uuid,
  type Field,
  type Fields,
  type NamesSeen,
  type ValueOf,
} from './fields.ts'
import type { HistoryStep, Note } from './history.ts'

/** A transaction, as far as documents need it. */
export type Transaction = Omit<Tx, 'prisma'>
/** What reads: a transaction, or the database outside of one. */
export type Reader = Queryable

/** No document has more. */
export const mostLines = 1000

/** Fields that every head has. @param number an example, for those who read the API's documents */
export function headFields<const Status extends string>(number: string, ...statuses: readonly [Status, ...Status[]]) {
  return {
    id: fixed(inLists(uuid())),
    number: fixed(inLists(text(values.documentNumber), `Gapless per warehouse: \`${number}\`.`)),
    status: inLists(choice(...statuses)),
    warehouse: fixed(inLists(text(values.warehouseCode))),
    /** Rises with every change. */
    version: inLists(integer()),
    createdAt: fixed(inLists(pointInTime())),
  }
}

/** Fields of a head that may have to wait for a product, a unit or a place to become known. */
export const waitingFields = {
  /** What stands in the way, for people. */
  problem: inLists(nullable(text()), 'What stands in the way.'),
  /** Keys of what must become known, or other than it is. */
  waitsFor: texts(),
}

/** Fields of a head that the ledger is asked to post: it waits as `posting`, and the ledger posts or refuses it. */
export const ledgerFields = {
  /** When it happened, if not when the ledger takes it. */
  effectiveAt: inAnswers(nullable(pointInTime())),
  /** Times the ledger was asked. */
  attempt: integer(),
  /** Place in the ledger; set once done. */
  position: inAnswers(nullable(position()), 'Place in the ledger, once done.'),
}

/** The fields of a kind: of its head, and of its lines besides their numbers. */
export interface DocumentFields {
  readonly head: ReturnType<typeof headFields<string>> & Fields
  readonly line: Fields
}

/** A line as the fields say. */
export type LineOf<Of extends { readonly line: Fields }> = { readonly line: number } & ValueOf<Of['line']>

/** A document as the fields say. */
export type DocumentOf<Of extends { readonly head: Fields; readonly line: Fields }> = AnyHead &
  ValueOf<Of['head']> & {
    /** In the order of their numbers, once it is stored. */
    readonly lines: readonly LineOf<Of>[]
  }

/** The part of a document that lists read. */
export type Listed<Of extends { readonly head: Fields }> = Pick<
  ValueOf<Of['head']>,
  NamesSeen<Of['head'], 'listed' | 'read'> & keyof ValueOf<Of['head']>
>

/** What every head has. */
export interface AnyHead {
  readonly id: string
  readonly number: string
  readonly warehouse: string
  readonly status: string
  readonly version: number
}

/** What every document has. */
export interface AnyDocument extends AnyHead {
  readonly lines: readonly { readonly line: number }[]
}

/** A document of any kind as it is kept: with what happened to it. */
export interface Stored<Document> {
  readonly document: Document
  readonly history: readonly HistoryStep[]
}

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

/** A document that is to be made and has its number, and what its history says. */
export interface Numbered<Document> {
  readonly document: Document
  readonly note: Note
}

/** A column that follows from the document: written for statements that look for it, and not read back. */
export interface Derived<Document> {
  readonly field: Field
  readonly of: (document: Document) => unknown
}

/** A kind of document: where it is kept, and what it is made of. */
export interface DocumentKind<Of extends DocumentFields> {
  /** What one is called, and many: names its tables, `receipts` and `receipt_lines`. */
  readonly one: string
  readonly many: string
  /** Stands in its numbers: `IN`. */
  readonly numberType: string
  readonly fields: Of
  /** Every location that it touches: what the location scope looks at. */
  readonly locationsOf: (document: DocumentOf<Of>) => readonly string[]
  /** Other columns that follow from it. */
  readonly derived?: Readonly<Record<string, Derived<DocumentOf<Of>>>>
  /** The statuses in which its products, units and places still change it. */
  readonly openWhile: readonly string[]
  /** The statuses in which something that becomes known is of use to it. */
  readonly helpedWhile: readonly string[]
  /** The statuses in which it has ended: `done` and `cancelled` unless it says otherwise. All others are open to lists. */
  readonly endsAs?: readonly string[]
  /** Fields that a list can be asked for, each equal to what is given. */
  readonly filters: readonly string[]
  /** Fields that a list can be sorted by. */
  readonly sorts: readonly string[]
}

/** Who may see and act where: what the service knows of people. */
export interface DocumentScope {
  /** SQL for the locations of the user in a parameter. */
  readonly assignedSql: (parameter: string) => string
  /** May the actor act everywhere, and need not be asked for? */
  readonly isEverywhere: (actor: Actor) => boolean
}
