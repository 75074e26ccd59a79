/** How amounts and arrays travel to PostgreSQL and back without detours. */
import { formatQuantity, quantity } from '@stockline/amounts'

/** `numeric(20,6)` always has six decimals: without the point it is millionths. */
export function millionths(text: string): bigint {
  return BigInt(text.replace('.', ''))
}

/** Millionths as `numeric` text. */
export function decimal(q: bigint): string {
  return formatQuantity(quantity(q))
}

/** An array parameter of what needs no quotes (ids, numbers, dates): `pg` would escape each element. */
export function plainArray(values: readonly (string | number | bigint | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

let lastMs = Number.NaN
let lastText = ''

/** Epoch milliseconds as a timestamp parameter. A batch has the same time in many rows. */
export function timestamp(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastText
}

/** A date that stands for "none" at the end of an order. */
export const never = 'infinity'
