/** How a kind of document is kept, for the steps of an order's life. */
import type { Tx } from '../database.ts'
import type { OrderedStore } from '../documents/document.actions.ts'
import { saveDocuments, type CarriedKind } from '../documents/document.save.actions.ts'
import type { OrderedKind, OrderWork } from './order.documents.ts'
import type { OrderDraft, OrderedDocument } from './order.follow.ts'
import type { ReferenceDataListener } from '../products/product.actions.ts'

/** What a kind of document says of itself where orders lead to it. */
interface OwnOfKind<Document extends OrderedDocument, Draft extends OrderDraft> extends Pick<
  OrderedKind<Document, Draft>,
  'rules' | 'homesOf'
> {
  readonly listener: ReferenceDataListener
  /** New documents with what can be known of them only where they are written; as they are where it is left out. */
  readonly completed?: (
    tx: Tx,
    drafts: NonNullable<OrderWork<Document, Draft>['drafts']>,
    homes: OrderWork<Document, Draft>['homes'],
  ) => Promise<NonNullable<OrderWork<Document, Draft>['drafts']>>
}

/** A kind of document as orders lead to it. */
export function orderedKind<
  Document extends OrderedDocument,
  KindEvent,
  Draft extends OrderDraft & Omit<Document, 'number'>,
>(
  kind: CarriedKind<Document, KindEvent, OrderedStore<Document>>,
  { rules, listener, homesOf, completed }: OwnOfKind<Document, Draft>,
): OrderedKind<Document, Draft> {
  return {
    rules,
    store: kind.store,
    homesOf,
    unitNamed: listener.unitNamed,
    save: async (tx, { drafts = [], homes, ...work }) => {
      const made = completed === undefined ? drafts : await completed(tx, drafts, homes)
      return saveDocuments(tx, kind, { ...work, drafts: made })
    },
  }
}
