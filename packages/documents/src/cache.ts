/** A versioned cache of the documents that this process wrote last. */
import { versionedCache } from '@stockline/service-kit'
import type { AnyDocument, Stored, Transaction } from './document.ts'

/** The version of a document's row. Each change makes a new one, at a time of its own. */
export interface RowVersion {
  readonly id: string
  readonly version: number
  readonly changedAt: Date
}

/** See {@link documentCache}. */
export interface DocumentCache<Document> {
  /** Are all of them cached, at whatever version? Then their versions alone are read. */
  readonly knowsAll: (ids: readonly string[]) => boolean
  /** The document of this version, if it is cached. */
  readonly at: (version: RowVersion) => Stored<Document> | undefined
  /** Caches them as they were written, once the transaction has committed. */
  readonly keep: (tx: Transaction, written: readonly Stored<Document>[]) => void
}

/** Rows of lines and steps that are cached of a kind: some megabytes, and the work of many minutes on a floor. */
const mostRows = 20_000

/**
 * The cache of a kind. A step follows another by seconds, most often in the same process, and reading ten lines with
 * their history costs more than deciding about them. What another process has changed has another version.
 *
 * @param rowsOf how many rows its lines and what is in them fill
 */
export function documentCache<Document extends AnyDocument>(
  rowsOf: (document: Document) => number,
): DocumentCache<Document> {
  const cache = versionedCache<Stored<Document>>({
    most: mostRows,
    sizeOf: ({ document, history }) => 1 + rowsOf(document) + history.length,
  })
  return {
    knowsAll: (ids) => ids.every(cache.knows),
    at: ({ id, version, changedAt }) => cache.at(id, versionText(version, changedAt)),
    keep: (tx, written) =>
      tx.afterCommit(() => {
        for (const stored of written) {
          const { id, version } = stored.document
          cache.keep(id, versionText(version, tx.now), stored)
        }
      }),
  }
}

// The time is in it since a version may come again: after the database has lost its last moments to a failover.
function versionText(version: number, changedAt: Date): string {
  return `${String(version)} ${String(changedAt.getTime())}`
}
