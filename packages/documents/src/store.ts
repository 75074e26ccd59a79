/**
 * Documents in the database: a head, its lines and its history. How they are locked, read, numbered, written and listed, in few
 * statements, whatever their kind and their number.
 */
import { mayAct, maySee } from '@stockline/contracts/locations'
import type { Actor } from '@stockline/service-kit'
import type {
  AnyDocument,
  DocumentFields,
  DocumentKind,
  DocumentOf,
  DocumentScope,
  Reader,
  Stored,
  Transaction,
} from './document.ts'
import { documentLists, type DocumentLists, type ListRow } from './list.ts'
import { documentCache } from './cache.ts'
import { documentReads, type DocumentReads } from './reads.ts'
import { rowsOfKind, type Rows } from './rows.ts'
import { statementsOf, tablesOf, type Tables } from './statements.ts'
import { documentWrites, type DocumentWrites } from './writes.ts'

/** Where a document takes place, and where somebody is assigned. */
interface Places {
  readonly locations: readonly string[]
  readonly assigned: readonly string[]
}

/** What can be done with stored documents of a kind. */
export interface DocumentStore<Document, Row = object>
  extends DocumentWrites<Document>, Omit<DocumentReads<Document>, 'lock'>, DocumentLists<Row> {
  readonly tables: Tables
  /** By id, locked in the order of their ids. Those that do not exist are left out. */
  readonly lock: (tx: Transaction, ids: readonly string[]) => Promise<readonly Stored<Document>[]>
  /**
   * Locked, by id, with what is read once the lock is given. One is waited for; of several those that somebody else holds are left
   * out, as are those that do not exist.
   */
  readonly lockWith: <Also>(
    tx: Transaction,
    ids: readonly string[],
    also: () => Promise<Also>,
  ) => Promise<{ readonly documents: ReadonlyMap<string, Stored<Document>>; readonly also: Also }>
  /** Those that the ledger has answered, by id. Cheap while it has not: whoever waits asks many times a second. */
  readonly answered: (db: Reader, ids: readonly string[]) => Promise<ReadonlyMap<string, Stored<Document>>>
  /** Those of these numbers that documents have. */
  readonly numbersTaken: (tx: Transaction, numbers: readonly string[]) => Promise<ReadonlySet<string>>
  /** Those that wait for one of the keys. */
  readonly waitingIds: (tx: Transaction, keys: readonly string[]) => Promise<readonly string[]>
  /** Open ones that touch the location. */
  readonly openAt: (tx: Transaction, code: string) => Promise<readonly string[]>
  /** May the actor see it? That needs one of its locations inside the scope. */
  readonly visible: (db: Reader, asked: AskedFor) => Promise<boolean>
  /** May the actor act on it? That needs all of them. */
  readonly actable: (db: Reader, asked: AskedFor) => Promise<boolean>
  /** May the actor act on some of its places? Makes such a question. @param some those of all, in the order that `locationsOf` gives */
  readonly actableAt: (
    some: (locations: readonly string[]) => readonly string[],
  ) => (db: Reader, asked: AskedFor) => Promise<boolean>
}

/** A request for a document. */
export interface AskedFor {
  readonly params: { readonly id: string }
  readonly actor: Actor
}

/** The store of a kind. Make it once, as a constant: each has statements and a cache of its own. */
export function documentStore<Of extends DocumentFields>(
  kind: DocumentKind<Of>,
  scope: DocumentScope,
): DocumentStore<DocumentOf<Of>, ListRow<Of>> {
  const statements = statementsOf(kind, scope.assignedSql('$2'))
  // Inside, a document is any: what its own type is, says the declaration.
  const rows = rowsOfKind(kind) as unknown as Rows<AnyDocument>
  const cache = documentCache(rows.rowsOf)
  const { lock, lockWhere, read } = documentReads(rows, statements, cache)
  const byId = (found: readonly Stored<AnyDocument>[]) => new Map(found.map((stored) => [stored.document.id, stored]))

  // Who acts everywhere need not be asked for: whether there is such a document, the action finds.
  const scoped =
    (inside: typeof mayAct) =>
    async (db: Reader, { params, actor }: AskedFor) => {
      if (scope.isEverywhere(actor)) return true
      const [found] = await db.query<Places>(statements.places, [params.id, actor.id])
      return found !== undefined && inside(found.assigned, found.locations)
    }

  const store: DocumentStore<AnyDocument, ListRow<Of>> = {
    ...documentWrites(kind.numberType, rows, statements, cache),
    ...documentLists(kind, { heads: kind.many, listed: statements.listed }),
    tables: tablesOf(kind),
    lock: (tx, ids) => lock(tx, ids, 'waited for'),
    lockWith: async (tx, ids, more) => {
      // Sent behind the lock, so that what it reads is not older than what the lock has waited for.
      const [documents, also] = await Promise.all([lock(tx, ids, 'left out'), more()])
      return { documents: byId(documents), also }
    },
    lockWhere,
    read,
    answered: async (db, ids) => {
      const answered = ids.length === 0 ? [] : idsOf(await db.query(statements.answered, [ids]))
      const found = answered.length === 0 ? [] : await read(db, answered)
      // Between the two questions one may have been put back, and validated once more.
      return byId(found.filter(({ document }) => document.status !== 'posting'))
    },
    numbersTaken: async (tx, numbers) => new Set(idsOf(await tx.query(statements.numbersTaken, [numbers]))),
    waitingIds: async (tx, keys) => idsOf(await tx.query(statements.waiting, [keys, kind.helpedWhile])),
    openAt: async (tx, code) => idsOf(await tx.query(statements.openAt, [code, kind.openWhile])),
    visible: scoped(maySee),
    actable: scoped(mayAct),
    actableAt: (some) => scoped((assigned, locations) => mayAct(assigned, some(locations))),
  }
  return store as unknown as DocumentStore<DocumentOf<Of>, ListRow<Of>>
}

/** The ids out of rows that have nothing else. */
export function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id)
}
