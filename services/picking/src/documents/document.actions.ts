/**
 * Documents in the database: a head, its lines and its history. What receipts and deliveries have alike: how they are
 * locked, read, numbered and written, in few statements, whatever their number.
 */
import type { Reader, Tx } from '../database.ts'
import { catalogStamp } from '../products/product.actions.ts'
import type { AnyDocument, AnyStored, DocumentKind } from './document.ts'
import { documentMemory } from './document.memory.store.ts'
import { documentReads } from './document.read.store.ts'
import { statementsOf } from './document.statements.store.ts'
import { documentWrites, type DocumentWrites } from './document.write.store.ts'

/** What can be done with stored documents of a kind. */
export interface DocumentStore<Document, Stored> extends DocumentWrites<Document, Stored> {
  /** By id, locked in the order of their ids. Those that do not exist are left out. */
  lock(tx: Tx, ids: readonly string[]): Promise<readonly Stored[]>
  /**
   * Locked, with the stamp of the catalog to judge them by. One is waited for; of several those that somebody else holds
   * are left out, as are those that do not exist.
   */
  lockWithStamp(
    tx: Tx,
    ids: readonly string[],
  ): Promise<{ readonly documents: readonly Stored[]; readonly stamp: string }>
  /** All of an order, locked, oldest first. Lock the order before. */
  lockOfOrder(tx: Tx, orderId: string): Promise<readonly Stored[]>
  /** Locks all of several orders, for those who change them one after the other. Lock the orders before. */
  lockAllOfOrders(tx: Tx, orderIds: readonly string[]): Promise<void>
  /** By id, for showing. */
  read(db: Reader, ids: readonly string[]): Promise<readonly Stored[]>
  /** Those that the ledger has answered: cheap, since whoever waits asks many times a second. */
  answeredIds(db: Reader, ids: readonly string[]): Promise<readonly string[]>
  /** The orders behind them. */
  orderIdsOf(tx: Tx, ids: readonly string[]): Promise<readonly string[]>
  /** Those that wait for one of the keys. */
  waitingIds(tx: Tx, keys: readonly string[]): Promise<readonly string[]>
  /** Where it takes place, and the user's own locations; undefined when there is no such document. */
  placesAndAssigned(
    db: Reader,
    id: string,
    userId: string,
  ): Promise<{ readonly locations: readonly string[]; readonly assigned: readonly string[] } | undefined>
}

/** The store of a kind. Make it once, as a constant: each has statements and a memory of its own. */
export function documentStore<
  Head extends { readonly id: string },
  Line,
  Document extends AnyDocument,
  Stored extends AnyStored,
>(kind: DocumentKind<Head, Line, Document, Stored>): DocumentStore<Document, Stored> {
  const statements = statementsOf(kind)
  const memory = documentMemory(kind)
  const { lock, lockOfOrder, read } = documentReads(kind, statements, memory)
  return {
    ...documentWrites(kind, statements, memory),
    lock: (tx, ids) => lock(tx, ids, 'waited for'),
    lockWithStamp: async (tx, ids) => {
      // Sent behind the lock, so that the stamp is not older than what the lock has waited for.
      const [documents, stamp] = await Promise.all([lock(tx, ids, 'left out'), catalogStamp(tx)])
      return { documents, stamp }
    },
    lockOfOrder,
    lockAllOfOrders: async (tx, orderIds) => {
      await tx.query(statements.lockOfOrders, [orderIds])
    },
    read,
    answeredIds: async (db, ids) => idsOf(await db.query(statements.answered, [ids])),
    orderIdsOf: async (tx, ids) => idsOf(await tx.query(statements.orderIds, [ids])),
    waitingIds: async (tx, keys) => idsOf(await tx.query(statements.waiting, [keys, kind.helpedWhile])),
    placesAndAssigned: async (db, id, userId) => {
      const [row] = await db.query<{ locations: string[]; assigned: string[] }>(statements.places, [id, userId])
      return row
    },
  }
}

function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id)
}
