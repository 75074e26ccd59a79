/** Lines of orders that something is carried over on, in the database. Few have any: see `order-line.ts`. */
import { formatMoney, type ExactValue, type AmountsAsText, storedMoney } from '@stockline/amounts'
import { sql, type Queryable, plainArray, textArray } from '@stockline/service-kit'
import type { OrderData } from '../inputs/input.ts'
import type { Company } from '../journal/entry.ts'
import { orderLineKey, type OrderLineValue, type OrderLineName } from './order-line.ts'

type Columns = AmountsAsText<Omit<OrderLineValue, 'exact' | 'counted'>> & {
  readonly exactNumerator: string
  readonly exactDenominator: string
  readonly countedNumerator: string
  readonly countedDenominator: string
}

const columns = `line.product_id as "productId", line.order_number as "orderNumber", line.order_line as "orderLine",
  line.source, line.opened_by as "openedBy", line.exact_numerator as "exactNumerator",
  line.exact_denominator as "exactDenominator", line.counted_numerator as "countedNumerator",
  line.counted_denominator as "countedDenominator", line.value`

const linesOfOrders = sql(`
  select ${columns} from unnest($1::text[], $2::text[]) as wanted (order_number, source)
  join order_lines as line using (order_number, source)`)
const saveLines = sql(`
  insert into order_lines (product_id, order_number, order_line, source, opened_by, exact_numerator, exact_denominator,
    counted_numerator, counted_denominator, value)
  select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::uuid[], $6::numeric[], $7::numeric[],
    $8::numeric[], $9::numeric[], $10::numeric[])
  on conflict (order_number, source, order_line, product_id) do update set
    exact_numerator = excluded.exact_numerator, exact_denominator = excluded.exact_denominator,
    counted_numerator = excluded.counted_numerator, counted_denominator = excluded.counted_denominator,
    value = excluded.value`)
const linePage = sql(`
  select ${columns} from order_lines as line
  where (order_number, source, order_line, product_id) > ($1::text, $2::text, $3::int, $4::uuid)
  order by order_number, source, order_line, product_id limit $5`)

/** Those lines of the orders that something is carried over on, by key: one statement for all, one look-up for an order. */
export async function orderLinesOf(
  tx: Queryable,
  orders: readonly OrderData[],
  company: Company,
): Promise<Map<string, OrderLineValue>> {
  if (orders.length === 0) return new Map()
  const rows = await tx.query<Columns>(linesOfOrders, [
    textArray(orders.map(({ orderNumber }) => orderNumber)),
    textArray(orders.map(({ source }) => source)),
  ])
  return new Map(rows.map((row) => orderLineFrom(row, company)).map((line) => [orderLineKey(line), line]))
}

/** Writes lines of orders as they are now. */
export async function keepOrderLines(tx: Queryable, lines: readonly OrderLineValue[], company: Company): Promise<void> {
  if (lines.length === 0) return
  await tx.query(saveLines, [
    plainArray(lines.map(({ productId }) => productId)),
    textArray(lines.map(({ orderNumber }) => orderNumber)),
    plainArray(lines.map(({ orderLine }) => orderLine)),
    textArray(lines.map(({ source }) => source)),
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
  after: OrderLineName,
  limit: number,
  company: Company,
): Promise<OrderLineValue[]> {
  const { productId, orderNumber, orderLine, source } = after
  const rows = await db.query<Columns>(linePage, [orderNumber, source, orderLine, productId, limit])
  return rows.map((row) => orderLineFrom(row, company))
}

function orderLineFrom(row: Columns, company: Company): OrderLineValue {
  const { productId, orderNumber, orderLine, source, openedBy } = row
  return {
    ...{ productId, orderNumber, orderLine, source, openedBy },
    exact: fraction(row.exactNumerator, row.exactDenominator),
    counted: fraction(row.countedNumerator, row.countedDenominator),
    value: storedMoney(row.value, company.minorDigits),
  }
}

function fraction(numerator: string, denominator: string): ExactValue {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) }
}
