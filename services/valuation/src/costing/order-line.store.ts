/** Lines of orders that something is carried over on, in the database. Few have any: see `order-line.ts`. */
import { formatMoney, type ExactValue } from '@stockline/amounts'
import { sql, type Queryable } from '@stockline/service-kit'
import { plainArray, textArray } from '../database.ts'
import { orderLineKey, type OrderPart } from '../inputs/input.ts'
import { kept, type Company } from '../journal/entry.ts'
import type { OrderLine } from './order-line.ts'

interface OrderLineRow {
  readonly productId: string
  readonly orderNumber: string
  readonly orderLine: number
  readonly source: string
  readonly openedBy: string
  readonly exactNumerator: string
  readonly exactDenominator: string
  readonly countedNumerator: string
  readonly countedDenominator: string
  readonly value: string
}

const columns = `line.product_id as "productId", line.order_number as "orderNumber", line.order_line as "orderLine",
  line.source, line.opened_by as "openedBy", line.exact_numerator as "exactNumerator",
  line.exact_denominator as "exactDenominator", line.counted_numerator as "countedNumerator",
  line.counted_denominator as "countedDenominator", line.value`

const wantedLines = sql(`
  select ${columns} from unnest($1::uuid[], $2::text[], $3::int[], $4::text[])
    as wanted (product_id, order_number, order_line, source)
  join order_lines as line using (product_id, order_number, order_line, source)`)
const saveLines = sql(`
  insert into order_lines (product_id, order_number, order_line, source, opened_by, exact_numerator, exact_denominator,
    counted_numerator, counted_denominator, value)
  select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::uuid[], $6::numeric[], $7::numeric[],
    $8::numeric[], $9::numeric[], $10::numeric[])
  on conflict (product_id, order_number, order_line, source) do update set
    exact_numerator = excluded.exact_numerator, exact_denominator = excluded.exact_denominator,
    counted_numerator = excluded.counted_numerator, counted_denominator = excluded.counted_denominator,
    value = excluded.value`)
const linePage = sql(`
  select ${columns} from order_lines as line
  where (product_id, order_number, order_line, source) > ($1::uuid, $2::text, $3::int, $4::text)
  order by product_id, order_number, order_line, source limit $5`)

/** Those of these parts' order lines that something is carried over on, by key: one statement for all. */
export async function orderLinesOf(
  tx: Queryable,
  parts: readonly OrderPart[],
  company: Company,
): Promise<Map<string, OrderLine>> {
  if (parts.length === 0) return new Map()
  const wanted = [...new Map(parts.map((part) => [part.key, part])).values()]
  const rows = await tx.query<OrderLineRow>(wantedLines, keyColumns(wanted))
  return new Map(rows.map((row) => orderLineFrom(row, company)).map((line) => [line.key, line]))
}

/** Writes lines of orders as they are now. */
export async function keepOrderLines(tx: Queryable, lines: readonly OrderLine[], company: Company): Promise<void> {
  if (lines.length === 0) return
  await tx.query(saveLines, [
    ...keyColumns(lines),
    plainArray(lines.map(({ openedBy }) => openedBy)),
    plainArray(lines.map(({ exact }) => exact.numerator)),
    plainArray(lines.map(({ exact }) => exact.denominator)),
    plainArray(lines.map(({ counted }) => counted.numerator)),
    plainArray(lines.map(({ counted }) => counted.denominator)),
    plainArray(lines.map(({ value }) => formatMoney(value, company.minorDigits))),
  ])
}

/** All of them, page by page, in a fixed order. */
export async function orderLinesAfter(
  db: Queryable,
  after: Pick<OrderPart, 'productId' | 'orderNumber' | 'orderLine' | 'source'>,
  limit: number,
  company: Company,
): Promise<OrderLine[]> {
  const { productId, orderNumber, orderLine, source } = after
  const rows = await db.query<OrderLineRow>(linePage, [productId, orderNumber, orderLine, source, limit])
  return rows.map((row) => orderLineFrom(row, company))
}

function keyColumns(lines: readonly Pick<OrderPart, 'productId' | 'orderNumber' | 'orderLine' | 'source'>[]) {
  return [
    plainArray(lines.map(({ productId }) => productId)),
    textArray(lines.map(({ orderNumber }) => orderNumber)),
    plainArray(lines.map(({ orderLine }) => orderLine)),
    textArray(lines.map(({ source }) => source)),
  ]
}

function orderLineFrom(row: OrderLineRow, company: Company): OrderLine {
  const { productId, orderNumber, orderLine, source, openedBy } = row
  return {
    ...{ productId, orderNumber, orderLine, source, openedBy },
    key: orderLineKey(row),
    exact: fraction(row.exactNumerator, row.exactDenominator),
    counted: fraction(row.countedNumerator, row.countedDenominator),
    value: kept(row.value, company),
  }
}

function fraction(numerator: string, denominator: string): ExactValue {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) }
}
