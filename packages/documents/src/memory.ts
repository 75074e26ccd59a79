/** The documents that this process wrote last, as it wrote them. */
import { versionedCache } from '@stockline/service-kit'
import type { AnyDocument, Stored, Transaction } from './document.ts'

/** What says whether a document is still what it was: any change makes a new version, at a time of its own. */
export interface Stamp {
  readonly id: string
  readonly version: number
  readonly changedAt: Date
}

/** See {@link documentMemory}. */
export interface DocumentMemory<Document> {
  /** Is it worth asking for their stamps alone? */
  readonly knowsAll: (ids: readonly string[]) => boolean
  /** The document as it is at that stamp, if it was kept. */
  readonly at: (stamp: Stamp) => Stored<Document> | undefined
  /** Once the transaction has committed, they are remembered as they were written by it. */
  readonly keep: (tx: Transaction, written: readonly Stored<Document>[]) => void
}

/** Rows of lines and steps that are kept of a kind: some megabytes, and the work of many minutes on a floor. */
const mostRows = 20_000

/**
 * The memory of a kind. A step follows another by seconds, most often in the same process, and reading ten lines with
 * their history costs more than deciding about them. What another process has changed has another stamp.
 *
 * @param rowsOf how many rows its lines and what is in them fill
 */
export function documentMemory<Document extends AnyDocument>(
  rowsOf: (document: Document) => number,
): DocumentMemory<Document> {
  const remembered = versionedCache<Stored<Document>>({
    most: mostRows,
    sizeOf: ({ document, history }) => 1 + rowsOf(document) + history.length,
  })
  return {
    knowsAll: (ids) => ids.every(remembered.knows),
    at: ({ id, version, changedAt }) => remembered.at(id, stampText(version, changedAt)),
    keep: (tx, written) =>
      tx.afterCommit(() => {
        for (const stored of written) {
          const { id, version } = stored.document
          remembered.keep(id, stampText(version, tx.now), stored)
        }
      }),
  }
}

// The time is in it since a version may come again: after the database has lost its last moments to a failover.
function stampText(version: number, changedAt: Date): string {
  return `${String(version)} ${String(changedAt.getTime())}`
}
