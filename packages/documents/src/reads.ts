/** How documents are locked and read: from the cache what has its version still, the rest from its rows. */
import type { Statement } from '@stockline/service-kit'
import type { AnyDocument, Reader, Stored, Transaction } from './document.ts'
import type { HistoryStep } from './history.ts'
import type { DocumentCache, RowVersion } from './cache.ts'
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
  cache: DocumentCache<Document>,
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
  /** What is cached at these versions; the rest is read. In the order of the versions. */
  const cachedOrRead = async (
    versions: readonly RowVersion[],
    readOthers: (ids: readonly string[]) => Promise<readonly Stored<Document>[]>,
  ): Promise<readonly Stored<Document>[]> => {
    const known = versions.map((version) => cache.at(version))
    const missing = versions.filter((_version, index) => known[index] === undefined).map(({ id }) => id)
    if (missing.length === 0) return known.filter((one) => one !== undefined)
    const byId = new Map((await readOthers(missing)).map((one) => [one.document.id, one]))
    return versions.map(({ id }, index) => known[index] ?? byId.get(id)).filter((one) => one !== undefined)
  }

  return {
    lock: async (tx, ids, held) => {
      const [many, versionMany] =
        held === 'waited for'
          ? [statements.lock, statements.versionAndLock]
          : [statements.lockFree, statements.versionAndLockFree]
      if (!cache.knowsAll(ids)) return lockAndRead(tx, ids, many)
      const versions = await (ids.length === 1
        ? tx.query<RowVersion>(statements.versionAndLockOne, ids)
        : tx.query<RowVersion>(versionMany, [ids]))
      return cachedOrRead(versions, (missing) => lockAndRead(tx, missing, many))
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
      if (!cache.knowsAll(ids)) return readRows(db, ids)
      const { versionOne, versionMany } = statements
      const versions = await (ids.length === 1
        ? db.query<RowVersion>(versionOne, ids)
        : db.query<RowVersion>(versionMany, [ids]))
      return cachedOrRead(versions, (missing) => readRows(db, missing))
    },
  }
}
