/** Times as parameters of statements. */

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
