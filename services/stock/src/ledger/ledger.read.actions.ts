/** The ledger to read, for slices that show it in another form. */
export { findMoves, findQuants, isPosted } from './ledger.read.store.ts'
