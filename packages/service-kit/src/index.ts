export { serviceConfig, parseConfig, ConfigError, type ServiceConfig, type Environment } from './config.ts'
export {
  command,
  groupedCommand,
  query,
  operation,
  type Actor,
  type Asked,
  type Given,
  type Input,
  type OperationInput,
  type Right,
  type Route,
} from './endpoint.ts'
export { page, pageOf, listQuery, encodeCursor, decodeCursor, type Page } from './page.ts'
export {
  isRefusal,
  orThrow,
  refuse,
  Refused,
  versionRefusal,
  type FieldFault,
  type Refusal,
  type RefusalKind,
} from './refusal.ts'
export { decodedTextFault } from './texts.ts'
export { alone, type Alone } from './together.ts'
export { withFiles } from './config.files.ts'
export { startService, type Parts, type Running, type ServiceOptions, type StartHooks } from './service.ts'
export { runService } from './service.process.ts'
export { reconcileService } from './history.reconcile.process.ts'
export type { Restore, Restored } from './history.reconcile.ts'
export type { Told } from './history.compare.ts'
export { keptReader, type Heard } from './inbox.read.ts'
export { sessionRevocations, revokeSession } from './revocations.ts'
export type { KeySource } from './auth.ts'
export { cachedKeys, keysOf } from './auth.keys.ts'
export { timeOfDay } from './clock.ts'
export { createLogger, type Logger } from './logging.ts'
export { type Invariant, type Metrics } from './metrics.ts'
export { sql, type Database, type Origin, type Queryable, type Statement, type Tx } from './transaction.ts'
export { rememberedAt, rememberedById } from './remembered.ts'
export { assignments, columnNames, columnsOf } from './record.ts'
export { filtered, type Filtered, type Filters } from './filtered.ts'
export { event, publish, quietly, type Outgoing } from './outbox.ts'
export { revisionsAside, supersede, type RevisionAside } from './parking.revisions.ts'
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
} from './reactions.ts'
export { actingFor } from './inbox.apply.ts'
export { eventsEndpoint } from './intake.ts'
export type {
  BatchHandler,
  EventBus,
  IncomingMessage,
  OutgoingMessage,
  SubscribeOptions,
  Subscription,
  TopicDeclaration,
} from './bus.ts'
export { openDatabase, type DatabaseOptions } from './transaction.ts'
export { migrate } from './migrate.ts'
