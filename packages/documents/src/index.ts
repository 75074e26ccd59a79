/** Documents of any kind: how they are stored, cached, numbered and listed. How they are declared: `declaration.ts`. */
export type { Fields, ValueOf } from './fields.ts'
export type {
  AnyDocument,
  Change,
  DocumentFields,
  DocumentKind,
  DocumentOf,
  LineOf,
  Listed,
  NewDocument,
  Stored,
} from './document.ts'
export { historyAnswer, whoIs, type HistoryStep, type Note, type Who } from './history.ts'
export { documentInvariants, type InvariantKind } from './invariants.ts'
export { listQueryOf, type ListRow } from './list.ts'
export { numberParts, restoreNumbers, takeNumbers } from './numbers.ts'
export { documentStore, idsOf, type DocumentStore } from './store.ts'
