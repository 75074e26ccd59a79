/** From a list of routes and reactions to a running service. */
import type { EventContract } from '@stockline/contracts/envelope'
import type { z } from 'zod'
import type { KeySource } from './auth.ts'
import type { EventBus, TopicDeclaration } from './bus.ts'
import type { Environment, ServiceConfig } from './config.ts'
import type { Actor, Route } from './endpoint.ts'
import type { Logger } from './logging.ts'
import type { Invariant, Metrics } from './metrics.ts'
import type { Reaction } from './reactions.ts'
import type { Database } from './transaction.ts'

/** What a service is made of. Its `main.ts` hands this to {@link runService}, its tests to {@link startService}. */
export interface ServiceOptions<P, Own extends z.core.$ZodLooseShape = Record<never, never>> {
  /** `stock`: prefix of its variables, group on the bus, source of its events (`/stockline/stock`). */
  readonly name: string
  /** Title and description of its reference. */
  readonly title: string
  readonly description?: string
  /** Shape of the service's own variables, under their own names. */
  readonly config?: Own
  /** Makes the Prisma client over the kit's adapter, so that both share connections. */
  readonly prisma: (adapter: PrismaAdapter) => P
  /** Folder of the service's migrations, in Prisma's layout. */
  readonly migrations: string | URL
  readonly routes: (parts: Parts<P, ServiceConfig & z.output<z.ZodObject<Own>>>) => readonly Route<P>[]
  readonly reactions?: (parts: Parts<P, ServiceConfig & z.output<z.ZodObject<Own>>>) => readonly Reaction<P>[]
  /** Topics that it publishes to or reads: made at the start where missing. */
  readonly topics: readonly TopicDeclaration[]
  /** Has the actor this right? `public`, `signed-in` and scopes are the kit's. */
  readonly mayDo: (actor: Actor, right: string) => boolean
  /** The event that revokes a session, where the service learns of it from the bus. */
  readonly sessionRevoked?: EventContract<{ readonly sessionId: string }>
  /** Keys that tokens are verified with. Default: identity's, fetched from its JWKS. */
  readonly keys?: (parts: Parts<P, ServiceConfig & z.output<z.ZodObject<Own>>>) => KeySource
  /** The service's invariants: each a statement that gives the offending rows. */
  readonly invariants?: readonly Invariant[]
  /** Work of the service's own in the background. It returns how to stop it. */
  readonly started?: (
    parts: Parts<P, ServiceConfig & z.output<z.ZodObject<Own>>>,
  ) => Promise<() => Promise<void>> | (() => Promise<void>)
}

/** The driver adapter that `new PrismaClient({ adapter })` takes. */
export type PrismaAdapter = import('@prisma/adapter-pg').PrismaPg

/** What the kit hands to the service's wiring. */
export interface Parts<P, Config = ServiceConfig> {
  readonly db: Database<P>
  readonly config: Config
  readonly log: Logger
  readonly metrics: Metrics
}

/** A service that answers. */
export interface Running<P = unknown> {
  /** `http://127.0.0.1:43211`, without a prefix. */
  readonly url: string
  readonly db: Database<P>
  readonly bus: EventBus
  readonly config: ServiceConfig
  readonly log: Logger
  /** Stops taking work, ends what runs, closes everything; at most ten seconds. */
  stop(): Promise<void>
}

/** Starts a service and resolves when it is ready. `environment` stands for the process's own. */
export function startService<P, Own extends z.core.$ZodLooseShape = Record<never, never>>(
  _options: ServiceOptions<P, Own>,
  _environment: Environment = process.env,
): Promise<Running<P>> {
  return Promise.reject(new Error('being written'))
}

/** The whole life of a service's process: start, signals, end. Never returns with a service half alive. */
export async function runService<P, Own extends z.core.$ZodLooseShape = Record<never, never>>(
  options: ServiceOptions<P, Own>,
): Promise<void> {
  await startService(options)
}
