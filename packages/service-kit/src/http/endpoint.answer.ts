/** Writes answers: JSON or another form, problems, and the headers that belong to them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RouteOutcome } from './endpoint.command.ts'
import type { Route } from './endpoint.ts'
import { isFault } from '../runtime/fault.ts'
import { HistoryUnsure } from '../database/write-gate.ts'
import type { Logger } from '../runtime/logging.ts'
import { HttpProblem, problemBody, problemMediaType, problemOfRefusal, type ProblemExtras } from './problem.ts'
import { Refused } from '../refusal.ts'

const jsonMediaType = 'application/json; charset=utf-8'

/** Sends what came out of a route. */
export function sendAnswer<P>(
  request: IncomingMessage,
  response: ServerResponse,
  route: Route<P>,
  outcome: RouteOutcome,
  correlationId: string,
  publicPrefix: string,
): void {
  const { value, status } = outcome
  const headers: Record<string, string> = {}
  const version = versionIn(value)
  if (version !== undefined) headers['ETag'] = `"${version}"`
  if ((status === 201 || status === 202) && route.location !== undefined && value !== undefined)
    headers['Location'] = publicPrefix + route.location(value)
  if (outcome.waited !== undefined) headers['Preference-Applied'] = `wait=${outcome.waited}`
  if (status === 204 || value === undefined) {
    send(response, status === 200 ? 204 : status, headers, undefined, '', correlationId)
    return
  }
  const format = formatOf(request, route)
  if (format === undefined)
    send(response, status, headers, jsonMediaType, outcome.text ?? JSON.stringify(value), correlationId)
  else send(response, status, headers, `${format.mediaType}; charset=utf-8`, format.render(value), correlationId)
}

function versionIn(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('version' in value)) return undefined
  return typeof value.version === 'number' ? value.version : undefined
}

/** The first media type in `Accept` that the route can give. */
function formatOf<P>(request: IncomingMessage, route: Route<P>) {
  if (route.formats === undefined) return undefined
  for (const part of (request.headers.accept ?? '').split(',')) {
    const mediaType = part.split(';')[0]?.trim().toLowerCase() ?? ''
    if (mediaType === 'application/json') return undefined
    // `Accept: __proto__` names no format of ours.
    const render = Object.hasOwn(route.formats, mediaType) ? route.formats[mediaType] : undefined
    if (render !== undefined) return { mediaType, render }
  }
  return undefined
}

/** Sends a "no": a problem or refusal as it is, a fault as 503, anything else as 500 with its stack in the log. */
export function sendProblem(
  error: unknown,
  response: ServerResponse,
  correlationId: string,
  log: Logger,
  extras: ((problem: HttpProblem) => ProblemExtras) | undefined,
): void {
  const problem = problemOf(error, correlationId, log)
  if (response.headersSent) {
    response.destroy()
    return
  }
  const more = extras?.(problem)
  const body = { ...problemBody(problem, correlationId), ...more?.members }
  const headers = { ...problem.headers, ...more?.headers }
  send(response, problem.status, headers, problemMediaType, JSON.stringify(body), correlationId)
}

function problemOf(error: unknown, correlationId: string, log: Logger): HttpProblem {
  if (error instanceof HttpProblem) return error
  if (error instanceof Refused) return problemOfRefusal(error.refusal)
  if (error instanceof HistoryUnsure)
    return new HttpProblem(503, 'history-unsure', error.message, { headers: { 'Retry-After': '5' } })
  if (isFault(error)) {
    log.warn({ err: error, correlationId }, 'fault')
    return new HttpProblem(
      503,
      'temporarily-unavailable',
      'Something this needs is not answering. Try again shortly.',
      {
        headers: { 'Retry-After': '2' },
      },
    )
  }
  log.error({ err: error, correlationId }, 'bug')
  return new HttpProblem(500, 'internal-error', 'This should not have happened. It is logged under the correlation id.')
}

/** Sends a problem where there is no route. */
export function sendWithoutRoute(response: ServerResponse, problem: HttpProblem, correlationId: string): void {
  const body = JSON.stringify(problemBody(problem, correlationId))
  send(response, problem.status, { ...problem.headers }, problemMediaType, body, correlationId)
}

/** Writes head and body in one go. */
export function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  mediaType: string | undefined,
  text: string,
  correlationId?: string,
): void {
  if (mediaType !== undefined) headers['Content-Type'] = mediaType
  if (status !== 204) headers['Content-Length'] = String(Buffer.byteLength(text))
  if (correlationId !== undefined) headers['X-Correlation-Id'] = correlationId
  headers['X-Content-Type-Options'] = 'nosniff'
  headers['Cache-Control'] = 'no-store'
  response.writeHead(status, headers)
  response.end(mediaType === undefined ? undefined : text)
}
