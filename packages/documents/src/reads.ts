/** How documents are locked and read: from memory what is still as it was, the rest from its rows. */
import type { Statement } from '@stockline/service-kit'
import type { AnyDocument, Reader, Stored, Transaction } from './document.ts'
import type { HistoryStep } from './history.ts'
import type { DocumentMemory, Stamp } from './memory.ts'
import type { Rows } from './rows.ts'
import type { Statements } from './statements.ts'

interface Head {
  readonly id: string
}

interface Parts {
  readonly id: string
  readonly lines: readonly object[]
  readonly history: readonly HistoryStep[]
}

/** See {@link documentReads}. */
export interface DocumentReads<Document> {
  /** Locked in the order of their ids; those that somebody else holds are waited for, or left out. */
  readonly lock: (
    tx: Transaction,
    ids: readonly string[],
    held: 'waited for' | 'left out',
  ) => Promise<readonly Stored<Document>[]>
  /** Makes a way to lock all that meet a condition on the head `d`, in the order of their ids. Make it once, as a constant. */
  readonly lockWhere: (
    condition: string,
  ) => (tx: Transaction, values: readonly unknown[]) => Promise<readonly Stored<Document>[]>
  /** By id, for showing, without a lock. */
  readonly read: (db: Reader, ids: readonly string[]) => Promise<readonly Stored<Document>[]>
}

/** The reads of a kind. */
export function documentReads<Document extends AnyDocument>(
  { fromRows }: Rows<Document>,
  statements: Statements,
  memory: DocumentMemory<Document>,
): DocumentReads<Document> {
  // Sent together with the statement that locks: it runs when the lock was given.
  const readParts = (tx: Transaction, ids: readonly string[]) => tx.query<Parts>(statements.parts, [ids])
  const whole = (heads: readonly Head[], rows: readonly Parts[]): readonly Stored<Document>[] => {
    const parts = new Map(rows.map((row) => [row.id, row]))
    return heads.map((head) => {
      const { lines, history } = parts.get(head.id) ?? { lines: [], history: [] }
      return { document: fromRows(head, lines), history }
    })
  }
  const lockAndRead = async (
    tx: Transaction,
    ids: readonly string[],
    many: Statement,
  ): Promise<readonly Stored<Document>[]> => {
    const heads = ids.length === 1 ? tx.query<Head>(statements.lockOne, ids) : tx.query<Head>(many, [ids])
    return whole(...(await Promise.all([heads, readParts(tx, ids)])))
  }
  const readRows = async (db: Reader, ids: readonly string[]): Promise<readonly Stored<Document>[]> => {
    const { readOne, readMany } = statements
    const rows = await (ids.length === 1 ? db.query<Parts>(readOne, ids) : db.query<Parts>(readMany, [ids]))
    return rows.map(({ lines, history, ...head }) => ({ document: fromRows(head, lines), history }))
  }
  /** What is remembered as it is now; the rest is read. In the order of the stamps. */
  const recall = async (
    stamps: readonly Stamp[],
    readOthers: (ids: readonly string[]) => Promise<readonly Stored<Document>[]>,
  ): Promise<readonly Stored<Document>[]> => {
    const known = stamps.map((stamp) => memory.at(stamp))
    const missing = stamps.filter((_stamp, index) => known[index] === undefined).map(({ id }) => id)
    if (missing.length === 0) return known.filter((one) => one !== undefined)
    const byId = new Map((await readOthers(missing)).map((one) => [one.document.id, one]))
    return stamps.map(({ id }, index) => known[index] ?? byId.get(id)).filter((one) => one !== undefined)
  }

  return {
    lock: async (tx, ids, held) => {
      const [many, stampMany] =
        held === 'waited for'
          ? [statements.lock, statements.stampAndLock]
          : [statements.lockFree, statements.stampAndLockFree]
      if (!memory.knowsAll(ids)) return lockAndRead(tx, ids, many)
      const stamps = await (ids.length === 1
        ? tx.query<Stamp>(statements.stampAndLockOne, ids)
        : tx.query<Stamp>(stampMany, [ids]))
      return recall(stamps, (missing) => lockAndRead(tx, missing, many))
    },
    lockWhere: (condition) => {
      const statement = statements.lockWhere(condition)
      return async (tx, values) => {
        const heads = await tx.query<Head>(statement, values)
        const ids = heads.map((head) => head.id)
        return ids.length === 0 ? [] : whole(heads, await readParts(tx, ids))
      }
    },
    read: async (db, ids) => {
      if (!memory.knowsAll(ids)) return readRows(db, ids)
      const { stampOne, stampMany } = statements
      const stamps = await (ids.length === 1 ? db.query<Stamp>(stampOne, ids) : db.query<Stamp>(stampMany, [ids]))
      return recall(stamps, (missing) => readRows(db, missing))
    },
  }
}
