/**
 * A rule's refusal. It is a value, not an error: rules return it, and from whatever depth it rolls the
 * transaction back and becomes the answer. Pure: rules may import this file and nothing else of the kit.
 */

/** What a refusal is about, and with it the HTTP status: 409, 422, 404, 403, 412, 428, 401, 429. */
export type RefusalKind =
  'state' | 'content' | 'unknown' | 'forbidden' | 'stale' | 'versionMissing' | 'unauthenticated' | 'throttled'

/** One wrong field. `pointer` is a JSON pointer into the body, `/lines/0/quantity`, or `?name` for the query. */
export interface FieldError {
  readonly pointer: string
  readonly message: string
}

export interface Refusal {
  /** A stable code for programs, in kebab case: `receipt-is-empty`. */
  readonly refused: string
  readonly kind: RefusalKind
  /** What is wrong, where, and what to do, for a person. */
  readonly detail: string
  readonly errors?: readonly FieldError[]
  /** Replaces detail and errors where nothing at all is taken: an event that is taken in part may stand in a batch that is undone. */
  readonly undone?: { readonly detail: string; readonly errors?: readonly FieldError[] }
  /** Becomes `Retry-After`, where waiting helps. */
  readonly retryAfterSeconds?: number
}

/** Makes a refusal. */
export function refuse(refused: string, kind: RefusalKind, detail: string, errors?: readonly FieldError[]): Refusal {
  return errors === undefined ? { refused, kind, detail } : { refused, kind, detail, errors }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value && 'kind' in value && 'detail' in value
}

/** Carries a refusal up through callers that have no part in it. */
export class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(`${refusal.refused}: ${refusal.detail}`)
    this.name = 'Refused'
    this.refusal = refusal
  }
}

/** The value, or the refusal thrown. */
export function orThrow<T>(value: T | Refusal): T {
  if (isRefusal(value)) throw new Refused(value)
  return value
}

/**
 * Checks `If-Match`. Call it after "already through this step", so that a second tap is no error.
 *
 * @param given the version from `If-Match`, or undefined when the header was missing
 */
export function versionRefusal(current: number, given: number | undefined): Refusal | undefined {
  if (given === undefined)
    return refuse('version-missing', 'versionMissing', `Send If-Match: "${String(current)}" with the version you read.`)
  if (given !== current)
    return refuse(
      'version-stale',
      'stale',
      `This was changed since you read it (you have version ${String(given)}, it is now ${String(current)}). Read it again.`,
    )
  return undefined
}
