/** Rows of deliveries, and what they mean. */
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import { rowsOfDetails } from '../orders/order.details.ts'
import { putsBack } from './delivery.put-back.ts'
import { locationsOf, type Delivery, type DeliveryLine, type DeliveryStatus, type Pick } from './delivery.ts'

/** The head as it is read. */
export interface HeadRow {
  id: string
  number: string
  warehouse: string
  status: DeliveryStatus
  order_id: string | null
  order_source: string | null
  order_revision: number | null
  source: string | null
  customer_code: string | null
  customer_name: string | null
  scheduled_date: string | null
  priority: number
  allow_partial: boolean
  ordered_at: Date
  details: Delivery['details']
  problem: string | null
  waits_for: readonly string[]
  picked_by: readonly string[]
  scan_location: string | null
  need_revision: number
  remainder: Delivery['remainder']
  effective_at: Date | null
  attempt: number
  returns_to: Delivery['returnsTo']
  backorder_of: string | null
  position: bigint | null
  version: number
  created_at: Date
}

/** A line inside JSON: amounts travel as text, since JSON would make floats of them. */
export interface LineJson {
  line: number
  sku: string
  order_line: number | null
  quantity: string
  unit: string
  needed: string | null
  picks: readonly PickJson[]
}

interface PickJson {
  location: string
  lot: string | null
  expiresOn: string | null
  pickSequence: number
  quantity: string
  picked: string | null
  /** Only while stock is asked. */
  before?: string | null
}

/** The delivery out of its rows. */
export function toDelivery(row: HeadRow, lines: readonly LineJson[]): Delivery {
  return {
    id: row.id,
    number: row.number,
    warehouse: row.warehouse,
    status: row.status,
    orderId: row.order_id,
    orderSource: row.order_source,
    orderRevision: row.order_revision,
    source: row.source,
    customer: row.customer_code === null ? null : { code: row.customer_code, name: row.customer_name ?? '' },
    scheduledDate: row.scheduled_date,
    priority: row.priority,
    allowPartial: row.allow_partial,
    orderedAt: row.ordered_at,
    details: row.details,
    problem: row.problem,
    waitsFor: row.waits_for,
    pickedBy: row.picked_by,
    scanLocation: row.scan_location,
    needRevision: row.need_revision,
    remainder: row.remainder,
    effectiveAt: row.effective_at,
    attempt: row.attempt,
    returnsTo: row.returns_to,
    backorderOf: row.backorder_of,
    position: row.position,
    version: row.version,
    createdAt: row.created_at,
    lines: lines.map(toLine),
  }
}

function toLine(row: LineJson): DeliveryLine {
  return {
    line: row.line,
    sku: row.sku,
    orderLine: row.order_line,
    quantity: parseQuantity(row.quantity),
    unit: row.unit,
    needed: row.needed === null ? null : parseQuantity(row.needed),
    picks: row.picks.map(toPick),
  }
}

function toPick({ before, ...row }: PickJson): Pick {
  return {
    ...row,
    quantity: parseQuantity(row.quantity),
    picked: row.picked === null ? null : parseQuantity(row.picked),
    ...(before === undefined ? {} : { before: before === null ? null : parseQuantity(before) }),
  }
}

/** The head as it is written. */
export function headOf(
  delivery: Delivery,
): Omit<HeadRow, 'position'> & { position: string | null; locations: readonly string[]; puts_back: boolean } {
  return {
    id: delivery.id,
    number: delivery.number,
    warehouse: delivery.warehouse,
    status: delivery.status,
    order_id: delivery.orderId,
    order_source: delivery.orderSource,
    order_revision: delivery.orderRevision,
    source: delivery.source,
    customer_code: delivery.customer?.code ?? null,
    customer_name: delivery.customer?.name ?? null,
    scheduled_date: delivery.scheduledDate,
    priority: delivery.priority,
    allow_partial: delivery.allowPartial,
    ordered_at: delivery.orderedAt,
    details: delivery.details,
    locations: locationsOf(delivery),
    problem: delivery.problem,
    waits_for: delivery.waitsFor,
    picked_by: delivery.pickedBy,
    scan_location: delivery.scanLocation,
    need_revision: delivery.needRevision,
    puts_back: putsBack(delivery),
    remainder: delivery.remainder,
    effective_at: delivery.effectiveAt,
    attempt: delivery.attempt,
    returns_to: delivery.returnsTo,
    backorder_of: delivery.backorderOf,
    position: delivery.position === null ? null : delivery.position.toString(),
    version: delivery.version,
    created_at: delivery.createdAt,
  }
}

/** A line as it is written. */
export function lineOf(deliveryId: string, line: DeliveryLine): LineJson & { delivery_id: string } {
  return {
    delivery_id: deliveryId,
    line: line.line,
    sku: line.sku,
    order_line: line.orderLine,
    quantity: formatQuantity(line.quantity),
    unit: line.unit,
    needed: line.needed === null ? null : formatQuantity(line.needed),
    picks: line.picks.map((pick) => ({
      location: pick.location,
      lot: pick.lot,
      expiresOn: pick.expiresOn,
      pickSequence: pick.pickSequence,
      quantity: formatQuantity(pick.quantity),
      picked: pick.picked === null ? null : formatQuantity(pick.picked),
      ...(pick.before === undefined ? {} : { before: pick.before === null ? null : formatQuantity(pick.before) }),
    })),
  }
}

/** Lines and picks: what a delivery weighs in memory. */
export function rowsOf({ lines, details }: Delivery): number {
  return lines.reduce((sum, { picks }) => sum + 1 + picks.length, rowsOfDetails(details))
}
