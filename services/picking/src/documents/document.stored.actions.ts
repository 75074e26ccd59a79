/** Documents of this service in the database, of any kind: within the scope of its people, and judged by an epoch of its reference data. */
import { mayDo } from '@stockline/contracts'
import {
  documentStore,
  type DocumentFields,
  type DocumentKind,
  type DocumentOf,
  type DocumentStore,
  type ListRow,
  type Stored,
} from '@stockline/documents'
import type { Tx } from '../database.ts'
import { assignedSql } from '../locations/location.actions.ts'
import { loadEpoch } from '../products/product.actions.ts'

const scope = {
  assignedSql,
  isEverywhere: (actor: Parameters<typeof mayDo>[0]) => mayDo(actor, 'location.everywhere'),
}

/** What can be done with stored documents of this service. */
export interface JudgedStore<Document, Row = object> extends DocumentStore<Document, Row> {
  /** Locked, by id, with the epoch of the reference data to judge them by. See `lockWith`. */
  readonly lockWithEpoch: (
    tx: Tx,
    ids: readonly string[],
  ) => Promise<{ readonly documents: ReadonlyMap<string, Stored<Document>>; readonly epoch: string }>
}

/** The store of a kind. Make it once, as a constant: each has statements and a cache of its own. */
export function storedDocuments<Of extends DocumentFields>(
  kind: DocumentKind<Of>,
): JudgedStore<DocumentOf<Of>, ListRow<Of>> {
  const store = documentStore(kind, scope)
  return {
    ...store,
    lockWithEpoch: async (tx, ids) => {
      const { documents, also: epoch } = await store.lockWith(tx, ids, () => loadEpoch(tx))
      return { documents, epoch }
    },
  }
}
