/** SQL for the columns of fields. Rows come and go under the names of the fields, so that most of a row is the document already. */
import type { Field, Fields } from './fields.ts'

/** SQL for some fields. `from` names the row that they are of. */
export interface Columns {
  /** The columns: `order_id, vendor_code, vendor_name`. */
  readonly names: string
  /** What they are read as: `d.order_id AS "orderId"`. */
  readonly read: (from: string) => string
  /** The same for a JSON object. Numerics and long integers are text there, since JSON would make floats of them. */
  readonly json: (from: string) => string
  /** Columns of a record as it comes in: `"orderId" uuid, "vendor" json`. */
  readonly record: string
  /** Their values, in the order of the columns: `h."orderId", h."vendor" ->> 'code'`. */
  readonly values: (from: string) => string
  /** What an UPDATE sets: `order_id = h."orderId"`. */
  readonly assigned: (from: string) => string
}

/** SQL for all fields, or for those that are wanted. */
export function columnsFor(of: Fields, isWanted: (one: Field) => boolean = () => true): Columns {
  const wanted = Object.entries(of).filter(([, one]) => isWanted(one))
  const each = (write: (name: string, one: Field) => string | readonly string[]) =>
    wanted.flatMap(([name, one]) => write(name, one)).join(', ')
  const valuesOf = (from: string, name: string, { parts }: Field) =>
    parts === undefined ? [`${from}."${name}"`] : parts.map((part) => `${from}."${name}" ->> '${part}'`)
  return {
    names: each(columnsOfField),
    read: (from) => each((name, one) => `${readSql(from, name, one)} AS "${name}"`),
    json: (from) =>
      each(
        (name, one) =>
          `'${name}', ${readSql(from, name, one)}${one.column === 'numeric' || one.column === 'bigint' ? '::text' : ''}`,
      ),
    record: each((name, { column }) => `"${name}" ${column}`),
    values: (from) => each((name, one) => valuesOf(from, name, one)),
    assigned: (from) =>
      each((name, one) => {
        const given = valuesOf(from, name, one)
        return columnsOfField(name, one).map((column, index) => `${column} = ${given[index] ?? ''}`)
      }),
  }
}

/** What a column is called: `orderId` is `order_id`. */
export function columnName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The columns of one field. */
function columnsOfField(name: string, { parts }: Field): readonly string[] {
  const column = columnName(name)
  return parts === undefined ? [column] : parts.map((part) => `${column}_${part}`)
}

/** What a field is found by: its column, or the first of its columns. */
export function foundBy(name: string, one: Field): string {
  return columnsOfField(name, one)[0] ?? ''
}

/** The expression that gives a field's value. */
export function readSql(from: string, name: string, { parts }: Field): string {
  const column = `${from}.${columnName(name)}`
  if (parts === undefined) return column
  const pairs = parts.map((part) => `'${part}', coalesce(${column}_${part}, '')`)
  return `CASE WHEN ${column}_${parts[0] ?? ''} IS NOT NULL THEN json_build_object(${pairs.join(', ')}) END`
}
