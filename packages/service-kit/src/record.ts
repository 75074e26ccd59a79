/** Columns of rows that travel as JSON and are read by `json_to_recordset`. */

/** The names in a column list: `id uuid, locations text[]` gives `id, locations`. */
export function columnNames(record: string): string {
  return namesIn(record).join(', ')
}

/** What an UPDATE sets from rows named `from`: `status = h.status, version = h.version`. */
export function assignments(record: string, from: string): string {
  return namesIn(record)
    .map((name) => `${name} = ${from}.${name}`)
    .join(', ')
}

function namesIn(record: string): readonly string[] {
  return record.split(',').map((column) => {
    const [name, type, ...more] = column.trim().split(/\s+/)
    if (name === undefined || type === undefined || more.length > 0)
      throw new Error(`A column is a name and a type of one word; this is not one: "${column.trim()}".`)
    return name
  })
}
