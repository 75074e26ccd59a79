/**
 * Documents in the database: a head, its lines and its history. What receipts and deliveries have alike: how they are
 * locked, read, numbered and written, in few statements, whatever their number.
 */
import { mayDo } from '@stockline/contracts'
import type { Actor } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import { mayAct, maySee } from '../locations/location.ts'
import { catalogStamp } from '../products/product.actions.ts'
import type { AnyDocument, DocumentKind, Stored } from './document.ts'
import { documentMemory } from './document.memory.store.ts'
import { documentReads, type DocumentReads } from './document.read.store.ts'
import { statementsOf } from './document.statements.store.ts'
import { documentWrites, type DocumentWrites } from './document.write.store.ts'

/** Where a document takes place, and where somebody is assigned. */
interface Places {
  readonly locations: readonly string[]
  readonly assigned: readonly string[]
}

/** What can be done with stored documents of a kind. */
export interface DocumentStore<Document> extends DocumentWrites<Document>, Omit<DocumentReads<Document>, 'lock'> {
  /** By id, locked in the order of their ids. Those that do not exist are left out. */
  readonly lock: (tx: Tx, ids: readonly string[]) => Promise<readonly Stored<Document>[]>
  /**
   * Locked, by id, with the stamp of the catalog to judge them by. One is waited for; of several those that somebody else holds
   * are left out, as are those that do not exist.
   */
  readonly lockWithStamp: (
    tx: Tx,
    ids: readonly string[],
  ) => Promise<{ readonly documents: ReadonlyMap<string, Stored<Document>>; readonly stamp: string }>
  /** Locks all of several orders, for those who change them one after the other, and gives their ids. Lock the orders before. */
  readonly lockAllOfOrders: (tx: Tx, orderIds: readonly string[]) => Promise<readonly string[]>
  /** All of several orders, for showing, in the order of their ids. */
  readonly readOfOrders: (db: Reader, orderIds: readonly string[]) => Promise<readonly Stored<Document>[]>
  /** Those that the ledger has answered, by id. Cheap while it has not: whoever waits asks many times a second. */
  readonly answered: (db: Reader, ids: readonly string[]) => Promise<ReadonlyMap<string, Stored<Document>>>
  /** The orders behind them. */
  readonly orderIdsOf: (tx: Tx, ids: readonly string[]) => Promise<readonly string[]>
  /** Those of these numbers that documents have. */
  readonly numbersTaken: (tx: Tx, numbers: readonly string[]) => Promise<ReadonlySet<string>>
  /** Those of which there is a backorder. */
  readonly backordered: (tx: Tx, ids: readonly string[]) => Promise<ReadonlySet<string>>
  /** Those that wait for one of the keys. */
  readonly waitingIds: (tx: Tx, keys: readonly string[]) => Promise<readonly string[]>
  /** Open ones that touch the location. */
  readonly openAt: (tx: Tx, code: string) => Promise<readonly string[]>
  /** Open ones with a line of the product, or with one that the unit's factor counts for. */
  readonly idsNaming: (
    tx: Tx,
    named: { readonly sku: string } | { readonly unit: string },
  ) => Promise<readonly string[]>
  /** May the actor see it? That needs one of its locations inside the scope. */
  readonly visible: (db: Reader, asked: AskedFor) => Promise<boolean>
  /** May the actor act on it? That needs all of them. */
  readonly actable: (db: Reader, asked: AskedFor) => Promise<boolean>
}

/** A request for a document. */
export interface AskedFor {
  readonly params: { readonly id: string }
  readonly actor: Actor
}

/** The store of a kind. Make it once, as a constant: each has statements and a memory of its own. */
export function documentStore<Head extends { readonly id: string }, Line, Document extends AnyDocument>(
  kind: DocumentKind<Head, Line, Document>,
): DocumentStore<Document> {
  const statements = statementsOf(kind)
  const memory = documentMemory(kind)
  const { lock, lockOfOrder, read } = documentReads(kind, statements, memory)
  const byId = (found: readonly Stored<Document>[]) => new Map(found.map((stored) => [stored.document.id, stored]))

  // Managers are everywhere, and need not be asked for: whether there is such a document, the action finds.
  const scoped =
    (inside: typeof mayAct) =>
    async (db: Reader, { params, actor }: AskedFor) => {
      if (mayDo(actor, 'location.everywhere')) return true
      const [found] = await db.query<Places>(statements.places, [params.id, actor.id])
      return found !== undefined && inside(found.assigned, found.locations)
    }

  return {
    ...documentWrites(kind, statements, memory),
    lock: (tx, ids) => lock(tx, ids, 'waited for'),
    lockWithStamp: async (tx, ids) => {
      // Sent behind the lock, so that the stamp is not older than what the lock has waited for.
      const [documents, stamp] = await Promise.all([lock(tx, ids, 'left out'), catalogStamp(tx)])
      return { documents: byId(documents), stamp }
    },
    lockOfOrder,
    lockAllOfOrders: async (tx, orderIds) => idsOf(await tx.query(statements.lockOfOrders, [orderIds])),
    read,
    readOfOrders: async (db, orderIds) => {
      const ids = orderIds.length === 0 ? [] : idsOf(await db.query(statements.idsOfOrders, [orderIds]))
      if (ids.length === 0) return []
      const found = byId(await read(db, ids))
      return ids.flatMap((id) => found.get(id) ?? [])
    },
    answered: async (db, ids) => {
      const answered = ids.length === 0 ? [] : idsOf(await db.query(statements.answered, [ids]))
      const found = answered.length === 0 ? [] : await read(db, answered)
      // Between the two questions one may have been put back, and validated once more.
      return byId(found.filter(({ document }) => document.status !== 'posting'))
    },
    orderIdsOf: async (tx, ids) => idsOf(await tx.query(statements.orderIds, [ids])),
    numbersTaken: async (tx, numbers) => new Set(idsOf(await tx.query(statements.numbersTaken, [numbers]))),
    backordered: async (tx, ids) =>
      new Set(ids.length === 0 ? [] : idsOf(await tx.query(statements.backordered, [ids]))),
    waitingIds: async (tx, keys) => idsOf(await tx.query(statements.waiting, [keys, kind.helpedWhile])),
    openAt: async (tx, code) => idsOf(await tx.query(statements.openAt, [code, kind.openWhile])),
    idsNaming: async (tx, named) =>
      'sku' in named
        ? idsOf(await tx.query(statements.namingProduct, [named.sku, kind.openWhile]))
        : idsOf(await tx.query(statements.namingUnit, [named.unit, kind.openWhile])),
    visible: scoped(maySee),
    actable: scoped(mayAct),
  }
}

function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id)
}
