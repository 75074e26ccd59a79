/** Receipts in the database. */
import { documentStore } from '../documents/document.actions.ts'
import { headOf, lineOf, rowsOf, toReceipt } from './receipt.rows.store.ts'

/** Receipts as they are kept. */
export const storedReceipts = documentStore({
  heads: 'receipts',
  lines: 'receipt_lines',
  parent: 'receipt_id',
  numberType: 'IN',
  fixed: 'destination text',
  changing: 'vendor_code text, vendor_name text, currency text, counted_by text[]',
  lineColumns: `sku text, order_line int, expected numeric, unit text, received numeric, unit_price numeric,
    unit_cost numeric, entries jsonb`,
  openWhile: ['draft', 'in_progress', 'in_review'],
  helpedWhile: ['draft', 'in_progress', 'in_review'],
  fromRows: toReceipt,
  headOf,
  lineOf,
  rowsOf,
})
