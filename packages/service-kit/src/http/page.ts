/** Lists: `?limit=` and `?cursor=` in, `{ items, nextCursor }` out. */
import { z } from 'zod'
import { readJsonBytes } from '../values/json.ts'
import { Refused, refuse } from '../refusal.ts'
import { textErrors } from '../values/texts.ts'

/** One page of a list. `nextCursor` is null on the last one. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

/**
 * Cuts a page out of rows that were read with `limit + 1`, so that the extra one shows whether more follow.
 *
 * @param cursorOf the cursor that continues after an item; see {@link encodeCursor}
 */
export function page<Item>(rows: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> {
  const items = rows.length > limit ? rows.slice(0, limit) : rows
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}

/** Schema of a page, for `answers`. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** Query of a list: `limit` (1 to 200, default 50), `cursor`, and the filters given. */
export function listQuery<Shape extends z.core.$ZodLooseShape>(filters: Shape) {
  return z.object({
    ...filters,
    limit: z
      .string()
      .regex(/^\d{1,3}$/, 'must be a number from 1 to 200')
      .transform(Number)
      .pipe(z.number().min(1, 'must be at least 1').max(200, 'must be at most 200'))
      .default(50)
      .meta({
        description: 'Items on one page.',
        override: ({ jsonSchema }) => {
          for (const name of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, name)
          Object.assign(jsonSchema, { type: 'integer', minimum: 1, maximum: 200, default: 50 })
        },
      }),
    cursor: z.string().max(1000).optional().meta({ description: '`nextCursor` of the page before.' }),
  })
}

/** The filters of a list, out of its query. */
export type FiltersOf<Query extends z.ZodType> = Omit<z.output<Query>, 'limit' | 'cursor'>

/** An opaque cursor over the values that a list is ordered by. */
export function encodeCursor(...values: readonly (string | number | bigint | null)[]): string {
  return Buffer.from(
    JSON.stringify(values.map((value) => (typeof value === 'bigint' ? String(value) : value))),
  ).toString('base64url')
}

/** The values back, by the shape they must have; undefined without a cursor. A cursor that is none of ours is refused. */
export function decodeCursor<Shape extends z.ZodType>(
  cursor: string | undefined,
  shape: Shape,
): z.output<Shape> | undefined {
  if (cursor === undefined) return undefined
  const read = readJsonBytes(Buffer.from(cursor, 'base64url'))
  const parsed = shape.safeParse('wrong' in read ? undefined : read.value)
  if (parsed.success && textErrors(parsed.data).length === 0) return parsed.data
  throw new Refused(
    refuse('cursor-unreadable', 'content', 'The cursor is not one that this list gave out. Start without a cursor.', [
      { pointer: '?cursor', message: 'is not a cursor of this list' },
    ]),
  )
}
