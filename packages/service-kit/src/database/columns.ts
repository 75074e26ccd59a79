/** Rows as `unnest` takes them. */

/** The values of these fields: one list for each field, in the order of the rows. Absent values arrive as NULL. */
export function columns<Row, Name extends keyof Row>(rows: readonly Row[], ...names: readonly Name[]): Row[Name][][] {
  return names.map((name) => rows.map((row) => row[name]))
}
