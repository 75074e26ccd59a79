/** Receipts in the database. */
import { orderedDocuments } from '../documents/document.actions.ts'
import { receiptKind } from './receipt.fields.ts'
import { locationsOf } from './receipt.ts'

/** Receipts as they are kept. */
export const storedReceipts = orderedDocuments({ ...receiptKind, locationsOf })
