/** Deliveries in the database. */
import { documentStore } from '../documents/document.actions.ts'
import { headOf, lineOf, rowsOf, toDelivery } from './delivery.rows.store.ts'

/** Deliveries as they are kept. */
export const storedDeliveries = documentStore({
  heads: 'deliveries',
  lines: 'delivery_lines',
  parent: 'delivery_id',
  numberType: 'OUT',
  fixed: 'ordered_at timestamptz',
  changing: `customer_code text, customer_name text, priority int, allow_partial boolean, picked_by text[],
    scan_location text, need_revision int, puts_back boolean`,
  lineColumns: 'sku text, order_line int, quantity numeric, unit text, needed numeric, picks jsonb',
  openWhile: ['draft', 'waiting', 'ready', 'in_progress'],
  helpedWhile: ['draft'],
  fromRows: toDelivery,
  headOf,
  lineOf,
  rowsOf,
})
