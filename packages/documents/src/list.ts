/** Documents in lists: filtered, within the location scope, page by page. */
import { values } from '@stockline/contracts'
import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import { filtered, listQuery, refuse, Refused, type Filtered } from '@stockline/service-kit'
import { z } from 'zod'
import { columnName, foundBy } from './columns.ts'
import type { DocumentFields, DocumentKind, Listed, Reader } from './document.ts'
import type { Field, Fields } from './fields.ts'

/** Which page of a list. */
export interface ListPage {
  /** Seeing needs one of the document's locations inside; null is everywhere. */
  readonly scope: LocationScope
  /** The field that it is ordered by; with a minus before it from the last to the first. */
  readonly sort: string
  /** What the page before ended with: what it is ordered by, and the id. */
  readonly after: readonly [string, string] | undefined
  readonly limit: number
}

/** What a list was asked for: filters by the names of their fields. */
export type ListFilters = Readonly<Record<string, unknown>>

/** The part of a document that lists read, and what the list is ordered by, as text: the first part of the cursor. */
export type ListRow<Of extends { readonly head: Fields }> = Listed<Of> & { readonly sortedBy: string }

/** See {@link documentLists}. */
export interface DocumentLists<Row> {
  /** One page, and one document more when there is another. */
  readonly list: (db: Reader, filters: ListFilters, page: ListPage) => Promise<readonly Row[]>
}

/** What a cursor of each type may say: one of another order may hold any text. */
const cursorTexts = {
  text: z.string(),
  timestamptz: z
    .string()
    .transform((text) => `${text}Z`)
    .pipe(values.instant),
  int: z.string().regex(/^\d{1,9}$/),
}

/** What a list is sorted by, before the id: ids are made in the order of time, and break ties. */
interface Sorting {
  readonly by: string
  /** The same as text, for the cursor. */
  readonly text: string
  /** As what the cursor's text is compared. */
  readonly type: keyof typeof cursorTexts
}

/** The lists of a kind. */
export function documentLists<Of extends DocumentFields>(
  kind: DocumentKind<Of>,
  { heads, listed }: { readonly heads: string; readonly listed: string },
): DocumentLists<ListRow<Of>> {
  const head: Fields = kind.fields.head
  const sortings = new Map(kind.sorts.map((name) => [name, sortingOf(name, fieldOf(head, name))]))
  const found = kind.filters.map((name) => [name, `d.${foundBy(name, fieldOf(head, name))}`] as const)

  const pageStatement = (asked: ListFilters, { scope, sort, after, limit }: ListPage): Filtered => {
    const sorting = sortings.get(sort.replace('-', ''))
    if (sorting === undefined) throw new Error(`Documents cannot be sorted by ${sort}.`)
    const { by, text, type } = sorting
    const [direction, beyond] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>']
    const place = after === undefined ? undefined : placeOf(after[0], type)
    return filtered(({ all, value, when }) => {
      const conditions = all(
        ...found.map(([name, column]) => when(asked[name], (given) => `${column} = ${given}`)),
        isOpen(kind, asked['status']) ? 'd.open' : undefined,
        when(scope, seen),
        when(place, (given) => `(${by}, d.id) ${beyond} (${given}::${type}, ${value(after?.[1])}::uuid)`),
      )
      return `
        SELECT ${listed}, ${text} AS "sortedBy"
        FROM ${heads} d WHERE ${conditions}
        ORDER BY ${by} ${direction}, d.id ${direction} LIMIT ${value(limit + 1)}`
    })
  }

  return {
    list: async (db, filters, page) => {
      // Nothing is inside of nothing: that need not be looked for in all that there is.
      if (page.scope?.length === 0) return []
      const { statement, values: given } = pageStatement(filters, page)
      return db.query<ListRow<Of>>(statement, given)
    },
  }
}

/** The query of a list: what it can be asked for, and the fields that it can be sorted by, both ways. */
export function listQueryOf<Of extends DocumentFields, const Filter extends keyof Of['head'] & string>({
  fields,
  filters,
  sorts,
}: {
  readonly fields: Of
  readonly filters: readonly Filter[]
  readonly sorts: readonly (keyof Of['head'] & string)[]
}) {
  const shapes = filters.map((name) => {
    const { parts, filter } = fieldOf(fields.head, name)
    return [
      name,
      parts === undefined
        ? filter.optional()
        : filter.optional().meta({ description: `The ${name}'s ${parts[0] ?? ''}.` }),
    ]
  })
  const both: readonly string[] = sorts.flatMap((name) => [name, `-${name}`])
  return listQuery({
    ...(Object.fromEntries(shapes) as { readonly [Name in Filter]: z.ZodOptional<z.ZodType<string>> }),
    sort: z.enum(both).default('-createdAt'),
  })
}

function fieldOf(head: Fields, name: string): Field {
  const one = head[name]
  if (one === undefined) throw new Error(`A head has no field ${name}.`)
  return one
}

/** How a field is ordered, by the type of its column. */
function sortingOf(name: string, { column, words }: Field): Sorting {
  const by = `d.${columnName(name)}`
  if (words !== undefined) {
    // As documents live, from the first status to the last.
    const rank = `array_position('{${words.join(',')}}'::text[], ${by})`
    return { by: rank, text: `${rank}::text`, type: 'int' }
  }
  if (column === 'text') return { by: `${by} COLLATE "C"`, text: by, type: 'text' }
  if (column === 'int') return { by, text: `${by}::text`, type: 'int' }
  if (column === 'date') {
    const due = `coalesce(to_char(${by}, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C"`
    return { by: due, text: due, type: 'text' }
  }
  if (column !== 'timestamptz') throw new Error(`No list is sorted by ${column}: ${name}.`)
  // The time with its microseconds, which a Date does not keep.
  return { by, text: `to_char(${by} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`, type: 'timestamptz' }
}

const seen = (scope: string) =>
  `EXISTS (SELECT 1 FROM unnest(d.locations) AS at (code) WHERE ${withinSql('at.code', scope)})`

/** What is open has an index. A status has none, since it changes with each step. */
function isOpen({ endsAs = ['done', 'cancelled'] }: { readonly endsAs?: readonly string[] }, status: unknown): boolean {
  return typeof status === 'string' && !endsAs.includes(status)
}

function placeOf(text: string, type: Sorting['type']): string {
  const place = cursorTexts[type].safeParse(text)
  if (place.success) return place.data
  throw new Refused(
    refuse('cursor-unreadable', 'content', 'The cursor is not one that this order gave out. Start without a cursor.', [
      { pointer: '?cursor', message: 'is not a cursor of this order' },
    ]),
  )
}
