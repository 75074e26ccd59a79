/**
 * Array parameters as text, for `unnest`: the driver looks at every element for characters to escape, which costs more than to
 * decide about the rows.
 */

/** An array of numbers, ids and words without blanks, quotes and commas. */
export function plainArray(values: readonly (string | number | bigint | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

/** An array of any texts. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"${escaped(value)}"`)).join(',')}}`
}

/** An array of times. */
export function timeArray(values: readonly Date[]): string {
  return `{${values.map((value) => value.toISOString()).join(',')}}`
}

function escaped(text: string): string {
  return text.includes('"') || text.includes('\\') ? text.replaceAll(/["\\]/g, '\\$&') : text
}
