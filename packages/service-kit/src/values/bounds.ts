/**
 * Bounds of what an answer repeats of its request: without them a body of 1 MB could cause an answer of many.
 * Pure.
 */
import type { FieldError } from '../refusal.ts'

/** An error answer, headers left out, has at most this many bytes. */
export const maxProblemBytes = 65_536

/** The rest of `maxProblemBytes` is for detail, title and what another standard adds. */
const maxErrorBytes = 48 * 1024
const maxPointerLength = 256
const maxMessageLength = 512
const maxDetailLength = 1_500
/** Of one fault within a sentence. */
const maxNamedLength = 200
const namedErrors = 5

/** As many faults as fit, and how many there are besides. */
export interface BoundedErrors {
  readonly faults: readonly FieldError[]
  readonly more: number
}

/** The first of the faults, each cut, that together have at most 48 KiB as JSON. */
export function boundedErrors(all: readonly FieldError[]): BoundedErrors {
  const faults: FieldError[] = []
  let bytes = 0
  for (const { pointer, message } of all) {
    const fault = { pointer: cut(pointer, maxPointerLength), message: cut(message, maxMessageLength) }
    bytes += Buffer.byteLength(JSON.stringify(fault)) + 1
    if (bytes > maxErrorBytes) break
    faults.push(fault)
  }
  return { faults, more: all.length - faults.length }
}

/** A sentence for a person, of at most 1,500 characters. */
export function boundedDetail(detail: string): string {
  return cut(detail, maxDetailLength)
}

/** The first five faults in words, and how many more there are: `/name is missing; /lines must be a list and 3 more`. */
export function errorsInWords(all: readonly FieldError[]): string {
  const named = all
    .slice(0, namedErrors)
    .map(({ pointer, message }) => cut(`${pointer === '' ? 'the body' : pointer} ${message}`, maxNamedLength))
  return `${named.join('; ')}${all.length > namedErrors ? ` and ${all.length - namedErrors} more` : ''}`
}

/** The text, or its beginning and `…`; never half of a surrogate pair. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const kept = text.slice(0, maxLength - 1)
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`
}
