/**
 * Puts declared routes on Express. This is the path of every request: it has no middleware, checks in the fixed order,
 * and answers every error as problem+json.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Express, NextFunction, Request, Response } from 'express'
import type { Authenticator } from './auth.ts'
import { authenticate, checkRight } from './endpoint.access.ts'
import { commandTaker, runCommand, type CommandTaker, type RouteOutcome } from './endpoint.command.ts'
import {
  bySpecificity,
  checkedParams,
  checkedQuery,
  checkedShape,
  checkRoutes,
  checkWithin,
  shapesOf,
  type RouteShapes,
} from './endpoint.checks.ts'
import type { Actor, RequestInput, Method } from './endpoint.declarations.ts'
import type { Route } from './endpoint.ts'
import {
  addressOf,
  correlationIdOf,
  parseBody,
  preferredWaitOf,
  readBody,
  traceparentOf,
  versionOf,
} from './endpoint.request.ts'
import { digestOfRequest } from '../values/digest.ts'
import { sendAnswer, sendProblem } from './endpoint.answer.ts'
import { settledPoller, type SettledPoller } from './endpoint.wait.ts'
import { keyHeaderOf } from './idempotency.ts'
import type { Logger } from '../runtime/logging.ts'
import type { Meet } from '../runtime/group-commit.ts'
import { meaningBySchema, type Meaning } from '../values/meaning.ts'
import type { Metrics } from '../process/metrics.ts'
import { HttpProblem, problemOfRefusal, type ProblemExtras } from './problem.ts'
import { isRefusal } from '../refusal.ts'
import type { Database, Origin } from '../database/transaction.ts'

/** What the routes need to run. */
export interface MountOptions<P> {
  readonly routes: readonly Route<P>[]
  readonly db: Database<P>
  readonly authenticator: Authenticator
  readonly mayDo: (actor: Actor, right: string) => boolean
  readonly log: Logger
  /** Gets one line per request. */
  readonly requestLog: Logger
  readonly metrics: Metrics
  readonly publicPrefix: string
  readonly trustedForwarders: ReadonlySet<string>
  readonly meet?: Meet | undefined
}

/** A route with everything prepared that can be. */
interface Mounted<P> extends RouteShapes {
  readonly route: Route<P>
  /** Of the body, where a repeat is known by it. */
  readonly meaning: Meaning | undefined
  readonly poller: SettledPoller | undefined
  /** Set for commands. */
  readonly take: CommandTaker | undefined
}

/** One request on its way. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly pathParams: unknown
  readonly correlationId: string
  readonly startedAtMs: number
  readonly route: string
  actor: Actor
}

const anonymous: Actor = { id: 'anonymous', name: 'anonymous', groups: [], scopes: [], kind: 'anonymous' }

/**
 * Mounts the routes, and 404 and 405 for everything else. Paths that are spelled out come before those with
 * parameters, whatever the order of declaration.
 *
 * @returns how to let waiting requests go at the end
 */
export function mount<P>(app: Express, options: MountOptions<P>): { readonly stop: () => void } {
  checkRoutes(options.routes)
  // Throws on a right that no table knows: a misspelled one must not start.
  for (const { right } of options.routes) options.mayDo(anonymous, right)
  const pollers: SettledPoller[] = []
  const methods = new Map<string, Method[]>()
  for (const route of [...options.routes].sort(bySpecificity)) {
    const mounted = prepare(route, options)
    if (mounted.poller !== undefined) pollers.push(mounted.poller)
    methods.set(route.path, [...(methods.get(route.path) ?? []), route.method])
    app[route.method](route.path, (request, response) => {
      const exchange = begin(request, response, route.path)
      void serve(mounted, exchange, options)
    })
  }
  for (const [path, allowed] of methods)
    app.all(path, (request, response) => {
      refuseMethod(begin(request, response, path), allowed, options)
    })
  app.use((request, response) => {
    const problem = new HttpProblem(404, 'not-found', 'There is nothing at this address.')
    fail(problem, begin(request, response, '(unknown)'), options)
  })
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const malformed = new HttpProblem(404, 'not-found', 'The address is not readable.')
    fail(error instanceof URIError ? malformed : error, begin(request, response, '(unknown)'), options)
  })
  return {
    stop: () => {
      for (const poller of pollers) poller.stop()
    },
  }
}

function prepare<P>(route: Route<P>, options: MountOptions<P>): Mounted<P> {
  return {
    route,
    ...shapesOf(route),
    meaning: route.body === undefined || route.idempotency === 'none' ? undefined : meaningBySchema(route.body),
    poller: route.settled === undefined ? undefined : settledPoller(options.db, route.settled, options.log),
    take: route.kind === 'command' ? commandTaker(route, options.db, options.log, options.meet) : undefined,
  }
}

function begin(request: Request, response: Response, route: string): Exchange {
  return {
    request,
    response,
    route,
    pathParams: request.params,
    correlationId: correlationIdOf(request),
    startedAtMs: performance.now(),
    actor: anonymous,
  }
}

async function serve<P>(mounted: Mounted<P>, exchange: Exchange, options: MountOptions<P>): Promise<void> {
  try {
    const outcome = await answer(mounted, exchange, options)
    sendAnswer(
      exchange.request,
      exchange.response,
      mounted.route,
      outcome,
      exchange.correlationId,
      options.publicPrefix,
    )
    finish(exchange, options)
  } catch (error) {
    fail(error, exchange, options, mounted.route.problemExtras)
  }
}

/** The checks, in the order that `api.md` fixes, then the action. */
async function answer<P>(mounted: Mounted<P>, exchange: Exchange, options: MountOptions<P>): Promise<RouteOutcome> {
  const { route } = mounted
  const { request } = exchange
  if (route.right !== 'public') {
    exchange.actor = await authenticate(request, options.authenticator)
    checkRight(exchange.actor, route.right, options.mayDo)
  }
  const params = checkedParams(mounted, request.url ?? '', exchange.pathParams)
  const query = checkedQuery(mounted, request)
  await checkWithin(route, params, query, exchange.actor, options.db)
  const key = route.idempotency === 'required' ? keyHeaderOf(request) : undefined
  const version = route.version === undefined ? undefined : versionOf(request)
  const rawBody =
    mounted.body === undefined && key === undefined && route.kind !== 'operation' ? noBytes : await readBody(request)
  const sent =
    mounted.body === undefined
      ? undefined
      : parseBody(rawBody, request, route.accepts ?? 'application/json', route.keepsNothing)
  const input: RequestInput<unknown, unknown, unknown> = {
    params,
    ...checkedShape(mounted, query, sent),
    actor: exchange.actor,
    version,
    address: addressOf(request, options.trustedForwarders),
  }
  if (route.read !== undefined) return plain(await route.read(options.db, input), route.status)
  const origin = originOf(exchange)
  if (route.operate !== undefined)
    return plain(await route.operate(options.db, { ...input, headers: request.headers, rawBody, origin }), route.status)
  if (mounted.take === undefined) throw new Error(`${route.path} has no action.`)
  const idempotencyKey =
    key === undefined
      ? undefined
      : {
          actor: exchange.actor.id,
          route: `${route.method} ${route.path}`,
          key,
          request: digestOfRequest(request.url ?? '', rawBody, meaningOfBody(mounted, sent)),
        }
  return runCommand(
    options.db,
    { ...input, origin, key: idempotencyKey },
    {
      take: mounted.take,
      again: route.again,
      completed: route.completed,
      waitSeconds: mounted.poller === undefined ? undefined : preferredWaitOf(request),
      waits: route.waits,
      poller: mounted.poller,
    },
  )
}

const noBytes = Buffer.alloc(0)

function plain(value: unknown, status: number): RouteOutcome {
  if (isRefusal(value)) throw problemOfRefusal(value)
  return { value, status }
}

/** What was sent, as it was sent: what a body that is left out stands for is the same request. */
function meaningOfBody<P>({ meaning }: Mounted<P>, sent: unknown): (() => string) | undefined {
  return meaning === undefined ? undefined : () => meaning(sent ?? {})
}

function originOf(exchange: Exchange): Origin {
  const { actor } = exchange
  return {
    actor: actor.kind === 'anonymous' ? null : { id: actor.id, name: actor.name },
    correlationId: exchange.correlationId,
    traceparent: traceparentOf(exchange.request),
  }
}

function refuseMethod<P>(exchange: Exchange, allowed: readonly Method[], options: MountOptions<P>): void {
  const allow = allowed.map((method) => method.toUpperCase()).join(', ')
  fail(
    new HttpProblem(405, 'method-not-allowed', `This address takes ${allow}.`, { headers: { Allow: allow } }),
    exchange,
    options,
  )
}

function fail<P>(
  error: unknown,
  exchange: Exchange,
  options: MountOptions<P>,
  extras?: (problem: HttpProblem) => ProblemExtras,
): void {
  sendProblem(error, exchange.response, exchange.correlationId, options.log.child({ route: exchange.route }), extras)
  finish(exchange, options)
}

function finish<P>(exchange: Exchange, options: MountOptions<P>): void {
  const durationMs = performance.now() - exchange.startedAtMs
  const { statusCode } = exchange.response
  const method = exchange.request.method ?? ''
  options.metrics.observeRequest(exchange.route, method, statusCode, durationMs / 1000)
  options.requestLog.info(
    {
      route: exchange.route,
      method,
      status: statusCode,
      durationMs: Math.round(durationMs * 100) / 100,
      correlationId: exchange.correlationId,
      actor: exchange.actor.id,
    },
    'request',
  )
}
