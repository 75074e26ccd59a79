/** Lists of columns as `json_to_recordset` takes them, `id uuid, locations text[]`, and what else SQL needs of them. */

/** The columns of a list. Throws where a column is not a name and a type of one word. */
export function columnsOf(list: string): readonly { readonly name: string; readonly type: string }[] {
  return list.split(',').map((column) => {
    const [name, type, ...more] = column.trim().split(/\s+/)
    if (name === undefined || type === undefined || more.length > 0)
      throw new Error(`A column is a name and a type of one word; this is not one: "${column.trim()}".`)
    return { name, type }
  })
}

/** Their names: `id, locations`. */
export function columnNames(list: string): string {
  return columnsOf(list)
    .map(({ name }) => name)
    .join(', ')
}

/** What an UPDATE sets from rows named `from`: `status = h.status, version = h.version`. */
export function assignments(list: string, from: string): string {
  return columnsOf(list)
    .map(({ name }) => `${name} = ${from}.${name}`)
    .join(', ')
}
