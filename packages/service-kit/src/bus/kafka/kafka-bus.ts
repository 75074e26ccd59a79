/** The bus on Apache Kafka: publishing, subscribing, lag and check over kafkajs. */
import { type Admin, Kafka, type LogEntry, logLevel } from 'kafkajs'
import type { EventBus, Subscription, TopicDeclaration } from '../bus.ts'
import { brokersAway } from './away.ts'
import { answered, checkPartitions } from './check.ts'
import { kafkaState, rewindKafka } from './places.ts'
import { saslOptions } from './sasl.ts'
import { createSockets } from './sockets.ts'
import { subscribeKafka } from './subscription.ts'
import { createPublisher } from './publisher.ts'
import { explainConnection } from './probe.ts'
import { createReader } from './reader.ts'
import { reconnecting } from './reconnecting.ts'
import { createTopics, type TopicDifference } from './topics.ts'
import { watchTopics } from './topics.watch.ts'
import { type BusLogger, createLogThrottle } from '../logger.ts'
import type { KafkaSecurity } from './config.ts'

/** What the bus on Kafka needs. */
export interface KafkaBusOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly topics: readonly TopicDeclaration[]
  readonly logger: BusLogger
  /** TLS and login; without it plain connections. */
  readonly security?: KafkaSecurity
  /** Copies of each partition of a topic that is made; without it as many as the broker makes by default. */
  readonly replication?: number | undefined
  /** Gets what differs at the topics, at the start and every few minutes. */
  readonly onTopicsCompared?: (differences: readonly TopicDifference[]) => void
  /** How often they are compared. Default: two minutes. */
  readonly compareEveryMs?: number
}

/**
 * The bus on Apache Kafka. Topics that are missing are made; those that are there stay as they are, and what differs about
 * them is logged.
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<EventBus> {
  const log = createLog(options.logger)
  const { security = {} } = options
  const explain = (error: unknown): Promise<Error> => explained(options.brokers, security, error)
  const soon = <T>(lost: string, answer: Promise<T>): Promise<T> => answered(options.brokers, lost, answer, explain)
  const wrong = await explainConnection(options.brokers, security)
  if (wrong !== undefined) throw new Error(wrong)
  const sockets = createSockets(security, options.logger)
  const settings = {
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    logLevel: logLevel.WARN,
    logCreator: () => log,
    socketFactory: sockets.open,
    ...(security.sasl === undefined ? {} : { sasl: saslOptions(security.sasl) }),
  }
  const kafka = new Kafka({ ...settings, retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 500 } })
  // A consumer that only retries stays the same member; beginning anew, it would wait for its old self to time out.
  const patient = new Kafka({ ...settings, retry: { retries: 60, initialRetryTime: 100, maxRetryTime: 500 } })
  const administration = reconnecting(async () => {
    const admin = kafka.admin()
    await admin.connect()
    return admin
  })
  await administration
    .use((admin) => createTopics(admin, options.topics, options.replication))
    .catch(async (error: unknown) => {
      sockets.stop()
      await administration.close()
      throw await explain(error)
    })
  const stopWatching = watchTopics({
    use: administration.use,
    topics: options.topics,
    copies: options.replication,
    logger: options.logger,
    onCompared: options.onTopicsCompared ?? (() => undefined),
    ...(options.compareEveryMs === undefined ? {} : { everyMs: options.compareEveryMs }),
  })
  const declared = new Set(options.topics.map((topic) => topic.name))
  const publisher = createPublisher(kafka, declared)
  const reader = createReader(kafka)
  const subscriptions = new Set<Subscription>()
  return {
    publish: publisher.publish,
    subscribe: async (wanted) => {
      const unknown = wanted.topics.find((topic) => !declared.has(topic))
      if (unknown !== undefined) throw new Error(`no topic ${unknown} was declared`)
      const lag = (): Promise<bigint> => administration.use((admin) => lagOf(admin, wanted.group, wanted.topics))
      const consumer = await subscribeKafka(patient, wanted, options.logger, lag)
      const subscription: Subscription = {
        lag: () => soon('partitions that they lead are not read', lag()),
        lastPollAt: consumer.lastPollAt,
        stop: async () => {
          subscriptions.delete(subscription)
          await consumer.stop()
        },
      }
      subscriptions.add(subscription)
      return subscription
    },
    stateOf: async (group, topics) => {
      await publisher.settled()
      return administration.use((admin) => kafkaState(admin, group, topics))
    },
    read: reader.read,
    rewind: (group, places) => administration.use((admin) => rewindKafka(admin, group, places)),
    check: () =>
      soon(
        'what goes to partitions that they lead, or has too few copies without them, waits to be sent',
        administration.use((admin) => checkPartitions(admin, options.topics, options.replication)),
      ),
    close: async () => {
      stopWatching()
      sockets.stop()
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await publisher.close()
      await reader.close()
      await administration.close()
    },
  }
}

/**
 * The client calls each lost connection an error and goes on, many times a second. What really ends a consumer comes to us by
 * `onFatal`.
 */
function createLog(logger: BusLogger): (entry: LogEntry) => void {
  const isDue = createLogThrottle()
  return ({ namespace, log: { message, timestamp: _timestamp, stack: _stack, ...details } }) => {
    if (isDue(message)) logger.warn({ ...details, part: namespace }, `kafka: ${message}`)
  }
}

/** What a person can do something about; else the error as it is. */
async function explained(brokers: readonly string[], security: KafkaSecurity, error: unknown): Promise<Error> {
  const wrong = await explainConnection(brokers, security).catch(() => undefined)
  if (wrong !== undefined) return new Error(wrong, { cause: error })
  const away = await brokersAway(brokers)
  if (away !== undefined) return new Error(away, { cause: error })
  const { sasl } = security
  const text = error instanceof Error ? error.message : String(error)
  if (sasl === undefined || !(error instanceof Error) || error.name !== 'KafkaJSSASLAuthenticationError')
    return error instanceof Error ? error : new Error(text)
  if (sasl.mechanism === 'OAUTHBEARER') return new Error(`the brokers refuse our token: ${text}`, { cause: error })
  return new Error(
    `the brokers refuse the user ${sasl.username} by ${sasl.mechanism}: wrong password, or no such user`,
    { cause: error },
  )
}

async function lagOf(admin: Admin, groupId: string, topics: readonly string[]): Promise<bigint> {
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
  const lags = await Promise.all(
    committed.map(async ({ topic, partitions }) => {
      const ends = await admin.fetchTopicOffsets(topic)
      const taken = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
      return ends.map(({ partition, low, high }) => waiting(BigInt(low), BigInt(high), taken.get(partition) ?? -1n))
    }),
  )
  return lags.flat().reduce((sum, lag) => sum + lag, 0n)
}

/** A group that has not begun (-1) starts at the beginning. */
function waiting(low: bigint, high: bigint, taken: bigint): bigint {
  return high - (taken > low ? taken : low)
}
