/** Open documents, when more is known of the products and units on them, or something else than before. */
import type { Tx } from '../database.ts'
import type { OrderedStore } from '../documents/document.actions.ts'
import type { DocumentDecision } from '../documents/document.decide.ts'
import { lookAgain, type Led } from '../documents/document.reaction.actions.ts'
import type { CarriedKind } from '../documents/document.save.actions.ts'
import {
  referenceDataForWaiting,
  type ReferenceDataListener,
  type Named,
  type UnitNaming,
} from '../products/product.actions.ts'
import type { CountingChange } from '../products/product.changes.ts'
import { renamedUnits, type ReferenceData } from '../products/product.ts'
import type { OrderedDocument } from './order.follow.ts'
import { nameUnitOfOrders } from './order.units.actions.ts'

/** What a kind of document decides about products and units. All of it is pure. */
export interface ProductRules<Document extends OrderedDocument> {
  readonly isOpen: (document: Document) => boolean
  /** Is a product or unit of use to it that has come? */
  readonly isHelped: (document: Document) => boolean
  /**
   * The document by what is known now.
   *
   * @param changed what is counted otherwise by now; left out where something has become known
   */
  readonly reconsider: (document: Document, referenceData: ReferenceData, changed?: CountingChange['of']) => Document
  /** Does it wait for the same as before, or for nothing as before? */
  readonly isAsBefore: (before: Document, after: Document) => boolean
  /** Is the same counted on it, and wanted of others, as before? */
  readonly isCountedAsBefore: (before: Document, after: Document) => boolean
  readonly waits: (document: Document) => boolean
}

/** What documents of a kind do when products or units become known, or other. */
export function productListenerOf<Document extends OrderedDocument, KindEvent>(
  kind: CarriedKind<Document, KindEvent, OrderedStore<Document>>,
  rules: ProductRules<Document>,
): ReferenceDataListener {
  const { store } = kind
  return {
    becameKnown: async (tx, keys) => {
      const ids = await store.waitingIds(tx, keys)
      await judgeAnew(tx, kind, ids, rules.isHelped, kind.namesOn, (document, referenceData) => {
        const after = rules.reconsider(document, referenceData)
        return rules.isAsBefore(document, after) ? 'already' : { document: after, notes: [noteOf(after, rules)] }
      })
    },
    countedOtherwise: async (tx, change) => {
      const ids = await store.idsNaming(tx, change.of)
      const notes = [{ what: 'product-changed', why: `${change.what.join('; ')}.` }]
      await judgeAnew(tx, kind, ids, rules.isOpen, kind.namesOn, (document, referenceData) => {
        const judged = rules.reconsider(document, referenceData, change.of)
        if (!rules.isCountedAsBefore(document, judged)) return { document: judged, notes }
        return change.concernsAll ? { document, notes } : 'already'
      })
    },
    unitNamed: (tx, naming) => unitNamed(tx, kind, rules, naming),
  }
}

/** Gives open documents of the source's orders the unit whose name converted to nothing. */
async function unitNamed<Document extends OrderedDocument, KindEvent>(
  tx: Tx,
  kind: CarriedKind<Document, KindEvent, OrderedStore<Document>>,
  rules: ProductRules<Document>,
  naming: UnitNaming,
): Promise<void> {
  const { alias, source, unit } = naming
  const ids = await kind.store.idsNaming(tx, { unit: alias })
  const orders = await nameUnitOfOrders(tx, await kind.store.orderIdsOf(tx, ids), naming)
  if (orders.size === 0) return
  const isOfSource = (document: Document) =>
    rules.isOpen(document) && document.orderId !== null && orders.has(document.orderId)
  const named = (document: Document) => [...kind.namesOn(document), ...document.lines.map(({ sku }) => ({ sku, unit }))]
  const notes = [{ what: 'unit-named', why: `${alias} of ${source} means ${unit}.` }]
  await judgeAnew(tx, kind, ids, isOfSource, named, (document, referenceData) => {
    const lines = renamedUnits(document.lines, naming, referenceData)
    if (lines.every((line, index) => line === document.lines[index])) return 'already'
    return { document: rules.reconsider({ ...document, lines }, referenceData), notes }
  })
}

/** Judges those of the documents that it concerns, by what is known of what they and others name. */
async function judgeAnew<Document extends OrderedDocument, KindEvent>(
  tx: Tx,
  kind: CarriedKind<Document, KindEvent>,
  ids: readonly string[],
  concerns: (document: Document) => boolean,
  named: (document: Document) => readonly Named[],
  judge: (document: Document, referenceData: ReferenceData) => Led<Document>,
): Promise<void> {
  await lookAgain(tx, kind, ids, {
    load: async (documents) => ({
      referenceData: await referenceDataForWaiting(tx, documents.filter(concerns).flatMap(named)),
    }),
    decide: (document, { referenceData }) => (concerns(document) ? judge(document, referenceData) : 'already'),
  })
}

function noteOf<Document extends OrderedDocument>(
  after: Document,
  { waits }: ProductRules<Document>,
): DocumentDecision<Document>['notes'][number] {
  if (after.status === 'cancelled') return { what: 'cancelled', why: 'Only services are left.' }
  if (waits(after)) return { what: 'still-waits', why: after.problem }
  return { what: 'problem-solved', why: 'All products and units are known.' }
}
