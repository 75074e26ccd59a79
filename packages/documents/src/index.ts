/** Documents of any kind: how they are stored, cached, numbered and listed. How they are declared: `declaration.ts`. */
export { shapesOfKind } from './answers.ts'
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
export { conclude, decideEach, type Asking, type DocumentRequest, type Outcome } from './carry.ts'
export { endpointsOf, type Making, type Shown, type StepDeclaration } from './endpoints.ts'
export { historyAnswer, whoIs, type HistoryStep, type Note, type Who } from './history.ts'
export { documentInvariants, type InvariantKind } from './invariants.ts'
export { listQueryOf, type ListRow } from './list.ts'
export { numberParts, takeNumbers } from './numbers.ts'
export { writeRestored, type Made } from './write-restored.ts'
export {
  saveDocuments,
  savedKind,
  type ChangeWithEvents,
  type SavedDocument,
  type SavedKind,
  type Source,
  type Work,
} from './save.ts'
export { manyOf, reasonBody } from './shapes.ts'
export { documentStore, idsOf, type DocumentStore } from './store.ts'
