export { serviceConfig, parseConfig, type ServiceConfig } from './process/config.ts'
export type { Actor, DeepReadonly, Right } from './http/endpoint.declarations.ts'
export { command, groupedCommand, operation, query, type Route } from './http/endpoint.ts'
export { foundElsewhere } from './http/elsewhere.ts'
export { ownSource } from './http/sources.ts'
export { page, pageOf, listQuery, encodeCursor, decodeCursor, type FiltersOf } from './http/page.ts'
export { isRefusal, orThrow, refuse, Refused, versionRefusal, type FieldError, type Refusal } from './refusal.ts'
export { decodedTextError } from './values/texts.ts'
export { retryIndividually, type RetryIndividually } from './runtime/group-commit.ts'
export { withFiles } from './runtime/config.files.ts'
export {
  startService,
  type ServiceParts,
  type RunningService,
  type ServiceOptions,
  type StartHooks,
} from './process/service.ts'
export { runService } from './process/run-service.ts'
export { reconcileService } from './process/reconcile.ts'
export type { Restore, Restored } from './messaging/history/reconcile.ts'
export type { PublishedEvent } from './messaging/history/compare.ts'
export { storedEventReader, type IncomingEvent } from './messaging/inbox.read.ts'
export { sessionRevocations, revokeSession } from './messaging/revocations.ts'
export type { KeySource } from './http/auth.ts'
export { cachedKeys, keysOf } from './http/auth.keys.ts'
export { timeOfDay } from './runtime/clock.ts'
export { pauser } from './runtime/linger.ts'
export { createLogger, type Logger } from './runtime/logging.ts'
export { type Invariant, type Metrics } from './process/metrics.ts'
export { plainArray, textArray, timeArray } from './database/arrays.ts'
export {
  openDatabase,
  sql,
  systemOrigin,
  transactionWith,
  type Database,
  type Origin,
  type Queryable,
  type Statement,
  type Tx,
} from './database/transaction.ts'
export { epochCache, versionedCache } from './database/versioned-cache.ts'
export { filtered, type Filtered, type Filters } from './database/filtered.ts'
export { event, publish, type EventOptions, type Outgoing } from './messaging/outbox.ts'
export { parkedRevisions, supersede } from './messaging/parking.revisions.ts'
export {
  batchReaction,
  isWait,
  reaction,
  superseded,
  waitFor,
  waitForAny,
  wake,
  wakeAny,
  type Reaction,
  type Superseded,
  type Superseding,
  type Wait,
} from './messaging/reactions.ts'
export { actingFor } from './messaging/inbox.apply.ts'
export { eventsEndpoint } from './messaging/intake.ts'
export type { EventBus, IncomingMessage, OutgoingMessage, SubscribeOptions, TopicDeclaration } from './bus/bus.ts'
export { serviceLocks } from './database/locks.ts'
export { migrate } from './database/migrate.ts'
