/** From a list of routes and reactions to a running service. */
import { setTimeout as delay } from 'node:timers/promises'
import type { PrismaPg } from '@prisma/adapter-pg'
import express from 'express'
import type { DestinationStream } from 'pino'
import type { z } from 'zod'
import { createAuthenticator, type KeySource } from '../http/auth.ts'
import { remoteKeys } from '../http/auth.keys.ts'
import { measureBackups } from './backup.metrics.ts'
import { buildOf } from '../runtime/build.ts'
import type { EventBus, TopicDeclaration } from '../bus/bus.ts'
import { CannotStart } from '../runtime/cannot-start.ts'
import type { Environment } from '../runtime/config.files.ts'
import { serviceConfig, type ServiceConfig } from './config.ts'
import { mountDocs } from '../http/docs-page.ts'
import { mount } from '../http/endpoint.mount.ts'
import type { Actor, NoFields } from '../http/endpoint.declarations.ts'
import type { Route } from '../http/endpoint.ts'
import { createFence, measureFence } from '../messaging/history/fence.ts'
import { checkHistory } from '../messaging/history/history.ts'
import { createHealth, mountHealth, type Health, type HealthCheck } from './health.ts'
import { sweepIdempotencyKeys } from '../http/idempotency.ts'
import { createLogger, createRequestLogger, type Logger } from '../runtime/logging.ts'
import type { Meet } from '../runtime/group-commit.ts'
import { createMetrics, watchInvariants, type Invariant, type Metrics } from './metrics.ts'
import { startMessaging, type Messaging } from '../messaging/messaging.ts'
import { messagingRoutes } from '../messaging/messaging.api.ts'
import { openApiDocument } from '../http/openapi.ts'
import type { AnyContract, Reaction } from '../messaging/reactions.ts'
import { keepRevocations } from '../messaging/revocations.ts'
import { beginOwnWork } from './own-work.ts'
import { stopper, type End } from './stopping.ts'
import { openBus, openServiceDatabase, patiently, prepareDatabase, watchVersion } from './open.ts'
import { listen, type Web } from './web.ts'
import { sql, type Database } from '../database/transaction.ts'

/** What a service is made of. Its `main.ts` hands this to {@link runService}, its tests to {@link startService}. */
export interface ServiceOptions<P, Own extends z.core.$ZodLooseShape = NoFields> {
  /** `stock`: prefix of its variables, group on the bus, source of its events (`/stockline/stock`). */
  readonly name: string
  /** Title and description of its reference. */
  readonly title: string
  readonly description: string
  /** Shape of the service's own variables, under their own names. */
  readonly config?: Own
  /** Makes the Prisma client over the kit's adapter, so that both share connections. */
  readonly prisma: (adapter: PrismaPg) => P
  /** Folder of the service's migrations, in Prisma's layout. */
  readonly migrations: string | URL
  /** The lowest version that takes the events which this one takes: older ones may not run on the database. Default: any. */
  readonly lowestBeside?: string
  readonly routes: (parts: ServiceParts<P, ServiceConfig & z.output<z.ZodObject<Own>>>) => readonly Route<P>[]
  readonly reactions?: (parts: ServiceParts<P, ServiceConfig & z.output<z.ZodObject<Own>>>) => readonly Reaction<P>[]
  /** Topics that it publishes to or reads: made at the start where missing. */
  readonly topics: readonly TopicDeclaration[]
  /** Its own events: what the database is compared by with the bus before anything is written. */
  readonly publishes?: readonly AnyContract[]
  /** Has the actor this right? `public`, `signed-in` and scopes are the kit's. */
  readonly mayDo: (actor: Actor, right: string) => boolean
  /** Keys that tokens are verified with. Default: identity's, fetched from its JWKS. */
  readonly keys?: (parts: ServiceParts<P, ServiceConfig & z.output<z.ZodObject<Own>>>) => KeySource
  /** The service's invariants: each a statement that gives the offending rows. */
  readonly invariants?: readonly Invariant[]
  /** Work of the service's own in the background. It returns how to stop it. */
  readonly started?: (
    parts: ServiceParts<P, ServiceConfig & z.output<z.ZodObject<Own>>>,
  ) => Promise<() => Promise<void>> | (() => Promise<void>)
}

/** What the kit hands to the service's wiring. */
export interface ServiceParts<P, Config = ServiceConfig> {
  readonly db: Database<P>
  readonly config: Config
  readonly log: Logger
  readonly metrics: Metrics
  readonly meet?: Meet | undefined
}

/** A service that answers. */
export interface RunningService<P = unknown> {
  /** `http://127.0.0.1:43211`, without a prefix. */
  readonly url: string
  readonly db: Database<P>
  readonly bus: EventBus
  readonly config: ServiceConfig
  readonly log: Logger
  /** Stops taking work, ends what runs, closes everything; at most ten seconds. */
  stop(): Promise<void>
}

/** What the surroundings of a service may want to know. */
export interface StartHooks {
  /** The service cannot go on and should be started anew. Default: only logged. */
  readonly onFatal?: (error: Error) => void
  /** Where log lines go. Default: standard output. */
  readonly logTo?: DestinationStream
  /** What is waited for before each request that may be taken together with others. Default: nothing. */
  readonly meet?: Meet
}

const ping = sql('select 1')

/**
 * Starts a service and resolves when it serves requests. While it waits for its database and migrates, it answers that
 * it lives and is not ready. It does not wait for its bus, nor for identity: it serves without them, keeps its events in
 * the outbox, and joins when they are there. `/health/ready` shows what is still missing.
 *
 * @param environment stands for the process's own
 * @throws ConfigError naming every variable that is wrong
 * @throws CannotStart in one sentence where what it stands on refuses it
 */
export async function startService<P, Own extends z.core.$ZodLooseShape = NoFields>(
  options: ServiceOptions<P, Own>,
  environment: Environment = process.env,
  hooks: StartHooks = {},
): Promise<RunningService<P>> {
  const config = serviceConfig(options.name, options.config ?? ({} as Own), environment, options.keys === undefined)
  const log = createLogger(options.name, config.logLevel, hooks.logTo)
  const requestLog = createRequestLogger(options.name, config.logLevel, hooks.logTo)
  const build = buildOf(environment)
  const metrics = createMetrics(options.name, build)
  log.info({ ...build, node: process.version }, 'starting')
  const checks: Record<string, HealthCheck> = {}
  const health = createHealth(checks)
  const isReady = async () => ((await health.ready()).ready ? 1 : 0)
  metrics.gauge('stockline_ready', '1 where /health/ready is 200, else 0.', isReady)
  const web = await listen(config, health, metrics)
  const ends: End[] = []
  const stop = stopper(ends, health, web, log)
  const onFatal = (error: Error): void => {
    health.hold('broken')
    if (error instanceof CannotStart) log.fatal(error.message)
    else log.fatal({ err: error }, 'the service cannot go on')
    hooks.onFatal?.(error)
  }
  try {
    const { meet } = hooks
    return await assemble(options, { config, log, requestLog, metrics, meet, checks, health, web, ends, stop, onFatal })
  } catch (error) {
    await stop()
    throw error
  }
}

interface Assembly<Own extends z.core.$ZodLooseShape> {
  readonly requestLog: Logger
  readonly config: ServiceConfig & z.output<z.ZodObject<Own>>
  readonly log: Logger
  readonly metrics: Metrics
  readonly meet: Meet | undefined
  readonly checks: Record<string, HealthCheck>
  readonly health: Health
  readonly web: Web
  readonly ends: End[]
  readonly stop: () => Promise<void>
  readonly onFatal: (error: Error) => void
}

async function assemble<P, Own extends z.core.$ZodLooseShape>(
  options: ServiceOptions<P, Own>,
  assembly: Assembly<Own>,
): Promise<RunningService<P>> {
  const { config, log, metrics, meet, checks, health, web, ends, stop, onFatal } = assembly
  const applied = await patiently('the database', log, health, () => prepareDatabase(config, options, log))
  if (applied.length > 0) log.info({ applied }, 'migrated')
  health.hold('starting')

  const fence = config.historyFence ? createFence() : undefined
  const db = openServiceDatabase(options, config, log, fence)
  ends.unshift({ name: 'database', end: () => db.close() })
  checks['database'] = () => db.query(ping).then(() => undefined)

  const bus = openBus(config, options.topics, log, metrics)
  ends.unshift({ name: 'bus', end: () => bus.close() })

  const parts = { db, config, log, metrics, meet }
  const messaging = await startMessaging({
    service: options.name,
    db,
    bus,
    log,
    metrics,
    reactions: options.reactions?.(parts) ?? [],
    publishes: [...new Set((options.publishes ?? []).flatMap((contract) => contract.topics))],
    ...(fence === undefined ? {} : { fence }),
    onFatal,
  })
  ends.unshift({ name: 'messaging', end: () => messaging.stop() })
  ends.unshift({ name: 'http', end: () => web.close() })
  checks['bus'] = () => bus.check()
  checks['consumers'] = () => consuming(messaging)
  checks['history'] = async () => {
    await fence?.check()
    return checkHistory(db)
  }
  measureFence(metrics.registry, fence, log)
  measureBackups(metrics.registry, db, log)
  ends.unshift(await beginOwnWork(options, parts, onFatal))

  await serveRoutes(options, parts, assembly)
  health.release()
  log.info({ url: web.url }, 'serving')
  void logReady(health, log, web.url)
  return { url: web.url, db, bus, config, log, stop }
}

const readyPollMs = 250

/** Logs once when all checks pass for the first time, however long the bus lets us wait. Ends with the process. */
async function logReady(health: Health, log: Logger, url: string): Promise<void> {
  while (!(await health.ready()).ready) {
    if (health.isHeld()) return
    await delay(readyPollMs, undefined, { ref: false })
  }
  log.info({ url }, 'ready')
}

/** A consumer that has not polled for twice the session's time is not alive, whatever else it reports. */
const watchdogMs = 12_000

async function consuming(messaging: Pick<Messaging, 'lag' | 'lastPollAt'>): Promise<{ readonly lag: string }> {
  const lag = String(await messaging.lag())
  const last = messaging.lastPollAt()
  const silentMs = last === undefined ? 0 : performance.now() - last
  if (silentMs > watchdogMs) throw new Error(`no messages were asked for since ${Math.round(silentMs / 1000)} s`)
  return { lag }
}

/** From here on requests are answered by the routes. */
async function serveRoutes<P, Own extends z.core.$ZodLooseShape>(
  options: ServiceOptions<P, Own>,
  parts: ServiceParts<P, ServiceConfig & z.output<z.ZodObject<Own>>>,
  { requestLog, health, web, ends, onFatal }: Assembly<Own>,
): Promise<void> {
  const { db, config, log, metrics, meet } = parts
  const routes = [...options.routes(parts), ...messagingRoutes]
  const { publicPrefix } = config
  const { title, description, mayDo } = options
  const revocations = await keepRevocations(db, log)
  const app = express().disable('x-powered-by').disable('etag')
  mountHealth(app, health, metrics)
  mountDocs(app, title, () => openApiDocument({ title, description, publicPrefix, routes }))
  const authenticator = createAuthenticator({
    keys: options.keys?.(parts) ?? remoteKeys(config.identityUrl ?? '', log),
    issuer: config.tokenIssuer,
    audience: config.tokenAudience,
    isRevoked: (sessionId) => revocations.isRevoked(sessionId),
  })
  const trustedForwarders = new Set(config.trustedForwarders)
  const shared = { db, log, requestLog, metrics, publicPrefix, meet }
  const mounted = mount(app, { ...shared, routes, authenticator, mayDo, trustedForwarders })
  const timers = [
    mounted.stop,
    () => {
      revocations.stop()
    },
    sweepIdempotencyKeys(db, log),
    watchInvariants(db, options.invariants ?? [], metrics, log),
    watchVersion(db, onFatal),
  ]
  ends.unshift({
    name: 'timers',
    end: () => {
      for (const stop of timers) stop()
      return Promise.resolve()
    },
  })
  web.serve(app)
}
