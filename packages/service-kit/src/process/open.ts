/** Opens what a service stands on: its database and its bus, with patience while they are not there yet. */
import { setTimeout as delay } from 'node:timers/promises'
import type { PrismaPg } from '@prisma/adapter-pg'
import type { Registry } from 'prom-client'
import { releaseVersion } from '../runtime/build.ts'
import type { EventBus, TopicDeclaration } from '../bus/bus.ts'
import { connectBus } from '../bus/connecting.ts'
import type { TopicDifference } from '../bus/kafka/topics.ts'
import { CannotStart } from '../runtime/cannot-start.ts'
import type { ServiceConfig } from './config.ts'
import { isFault } from '../runtime/fault.ts'
import { registerGauge } from '../runtime/gauges.ts'
import type { WriteGate } from '../database/write-gate.ts'
import type { Health } from './health.ts'
import type { Logger } from '../runtime/logging.ts'
import { checkVersionAgain } from '../database/migrate.lowest.ts'
import { migrate } from '../database/migrate.ts'
import { checkDatabase } from '../database/postgres.connect.ts'
import { refusalOf } from '../database/postgres.refusal.ts'
import { connectOptions } from '../database/transaction.connection.ts'
import type { Metrics } from './metrics.ts'
import { openDatabase, type Database } from '../database/transaction.ts'

const quietMs = 30_000

/** The pool of a service. */
export function openServiceDatabase<P>(
  options: { readonly name: string; readonly prisma: (adapter: PrismaPg) => P },
  config: ServiceConfig,
  log: Logger,
  gate?: WriteGate,
): Database<P> {
  return openDatabase({
    url: config.databaseUrl,
    service: options.name,
    prisma: options.prisma,
    size: config.poolSize,
    ...(gate === undefined ? {} : { gate }),
    onIdleError: (error) => log.warn({ err: error }, 'an idle connection to the database was lost'),
  })
}

/**
 * Makes sure that the database gives us sessions as we need them, and brings it up to date.
 *
 * @returns the names of the migrations that were applied
 * @throws CannotStart
 */
export async function prepareDatabase(
  config: ServiceConfig,
  { migrations, lowestBeside }: { readonly migrations: string | URL; readonly lowestBeside?: string | undefined },
  log: Logger,
): Promise<string[]> {
  await checkDatabase('The database', connectOptions({ url: config.databaseUrl, service: config.service }))
  const report = (sentence: string): void => {
    log.warn(sentence)
  }
  return migrate(config.databaseUrl, migrations, { report, lowestBeside })
}

/** Ends the service when another version has made a database of which it may not use any more. Gives back how to stop. */
export function watchVersion(db: Database, onFatal: (error: Error) => void, everyMs = 10_000): () => void {
  const timer = setInterval(() => {
    checkVersionAgain(db, releaseVersion()).catch((error: unknown) => {
      // That the database does not answer is reported elsewhere.
      if (error instanceof CannotStart) onFatal(error)
    })
  }, everyMs)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}

/** The bus that is configured, which may still be away: it is there when it answers. Its missing topics are made. */
export function openBus(
  config: ServiceConfig,
  topics: readonly TopicDeclaration[],
  log: Logger,
  { registry }: Pick<Metrics, 'registry'>,
): EventBus {
  const onTopicsCompared = config.bus.kind === 'kafka' ? measureTopics(registry) : () => undefined
  return connectBus(() => openBusNow(config, topics, log, onTopicsCompared), log)
}

/** The bus that is configured. Throws while it is away. `onTopicsCompared` gets what differs at Kafka's topics. */
export async function openBusNow(
  config: ServiceConfig,
  topics: readonly TopicDeclaration[],
  log: Logger,
  onTopicsCompared: (differences: readonly TopicDifference[]) => void = () => undefined,
): Promise<EventBus> {
  if (config.bus.kind === 'embedded') {
    const { openEmbeddedBus } = await import('../bus/embedded/embedded-bus.ts')
    return openEmbeddedBus({ url: config.bus.databaseUrl, topics, logger: log }).catch((error: unknown) => {
      throw refusalOf('the database of the embedded bus', error) ?? error
    })
  }
  // Loaded only where it is used: most installations run without it.
  const { openKafkaBus } = await import('../bus/kafka/kafka-bus.ts')
  const { kind: _kind, brokers, replication, ...security } = config.bus
  const wanted = { brokers, clientId: config.service, topics, security, replication }
  return openKafkaBus({ ...wanted, logger: log, onTopicsCompared })
}

/** Shows what differs at the topics. Nothing is shown before they were compared for the first time, nor when all is well. */
function measureTopics(registry: Registry): (differences: readonly TopicDifference[]) => void {
  let latest: readonly TopicDifference[] = []
  registerGauge(registry, {
    name: 'stockline_topic_differences',
    help: 'Settings of topics that are not as they should be.',
    labels: ['topic', 'setting'],
    read: () => Promise.resolve(latest.map(({ topic, setting }) => ({ labels: { topic, setting }, value: 1 }))),
  })
  return (differences) => {
    latest = differences
  }
}

/**
 * Tries again for as long as what it needs does not answer, and logs it: at first, and then twice a minute. Nothing is
 * gained by ending: a new process would only begin the same wait.
 *
 * @throws CannotStart at once where it is there and refuses us
 */
export async function patiently<T>(
  what: string,
  log: Logger,
  health: Pick<Health, 'hold'>,
  attempt: () => Promise<T>,
): Promise<T> {
  let loggedAtMs = Number.NEGATIVE_INFINITY
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    try {
      return await attempt()
    } catch (error) {
      const refusal = refusalOf(what, error)
      if (refusal !== undefined) throw refusal
      if (!isFault(error)) throw error
      const reason = error instanceof Error ? error.message : String(error)
      health.hold(`${what} does not answer yet: ${reason}`)
      if (performance.now() - loggedAtMs > quietMs) {
        log.warn({ reason }, `${what} does not answer yet; trying again`)
        loggedAtMs = performance.now()
      }
      await delay(pauseMs)
    }
  }
}
