/** Every "no" has one form: problem+json (RFC 9457), with the refusal's code as its `type`. */
import { boundedDetail, boundedErrors } from '../values/bounds.ts'
import type { FieldError, Refusal, RefusalKind } from '../refusal.ts'

export const problemMediaType = 'application/problem+json'

/** The body of an error answer. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly errors?: readonly FieldError[]
  /** Wrong fields besides those in `errors`; absent where these are all. */
  readonly moreErrors?: number
  readonly correlationId: string
}

/** What another standard wants to see in a "no" besides the problem itself. */
export interface ProblemExtras {
  readonly members: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A "no" of the HTTP side itself, thrown from any depth of a request. Its detail and errors are cut to what an answer may
 * hold (`values/bounds.ts`), however much they repeat of the request.
 */
export class HttpProblem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: readonly FieldError[] | undefined
  readonly moreErrors: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { readonly errors?: readonly FieldError[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(boundedDetail(detail))
    this.name = 'Problem'
    this.status = status
    this.code = code
    const bounded = more.errors === undefined ? undefined : boundedErrors(more.errors)
    this.errors = bounded?.faults
    this.moreErrors = bounded?.more ?? 0
    this.headers = more.headers ?? {}
  }
}

const statuses: Readonly<Record<RefusalKind, number>> = {
  state: 409,
  content: 422,
  unknown: 404,
  forbidden: 403,
  stale: 412,
  versionMissing: 428,
  unauthenticated: 401,
  throttled: 429,
}

/** A rule's refusal as an answer. */
export function problemOfRefusal(refusal: Refusal): HttpProblem {
  return new HttpProblem(statuses[refusal.kind], refusal.refused, refusal.detail, {
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
    headers: refusal.kind === 'throttled' ? { 'Retry-After': String(refusal.retryAfterSeconds ?? 60) } : {},
  })
}

/** The body to send. */
export function problemBody(problem: HttpProblem, correlationId: string): ProblemBody {
  return {
    type: problem.code,
    title: titleOf(problem.code),
    status: problem.status,
    detail: problem.message,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    ...(problem.moreErrors === 0 ? {} : { moreErrors: problem.moreErrors }),
    correlationId,
  }
}

/** `receipt-is-empty` reads "Receipt is empty". */
function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
