/** How values of PostgreSQL arrive: exact, never as floats, and dates without a time zone's help. */
import pg from 'pg'

const oid = { int8: 20, date: 1082, int8Array: 1016, dateArray: 1182, numericArray: 1231, textArray: 1009 } as const
const asIs = (text: string): string => text
const builtIn = pg.types.getTypeParser as (id: number, format?: 'text' | 'binary') => (text: string) => unknown
const texts = builtIn(oid.textArray) as (text: string) => (string | null)[]
const bigints = (text: string): (bigint | null)[] => texts(text).map((one) => (one === null ? null : BigInt(one)))

const parsers = new Map<number, (text: string) => unknown>([
  [oid.int8, BigInt],
  [oid.date, asIs],
  [oid.int8Array, bigints],
  [oid.dateArray, texts],
  [oid.numericArray, texts],
])

/** `int8` → bigint, `numeric` → string, `timestamptz` → Date, `date` → `YYYY-MM-DD`, `jsonb` → parsed; arrays alike. */
export const pgTypes: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') => {
    const own = format === 'binary' ? undefined : parsers.get(id)
    return own ?? builtIn(id, format)
  }) as pg.CustomTypesConfig['getTypeParser'],
}
