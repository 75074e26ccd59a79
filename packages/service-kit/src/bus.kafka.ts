import { type Admin, type ISocketFactoryArgs, Kafka, type LogEntry, logLevel } from 'kafkajs'
import { connect, type Socket } from 'node:net'
import type { EventBus, Subscription, TopicDeclaration } from './bus.ts'
import { rewindTo, stateOf } from './bus.kafka.places.ts'
import { subscribeKafka } from './bus.kafka.subscription.ts'
import { createPublisher } from './bus.kafka.publisher.ts'
import { createReader } from './bus.kafka.reader.ts'
import { createTopics } from './bus.kafka.topics.ts'
import type { BusLogger } from './bus.logger.ts'

/** What the bus on Kafka needs. */
export interface KafkaBusOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly topics: readonly TopicDeclaration[]
  readonly logger: BusLogger
}

/** The bus on Apache Kafka. Topics that are missing are made; those that are there stay as they are. */
export async function openKafkaBus(options: KafkaBusOptions): Promise<EventBus> {
  const log = createLog(options.logger)
  const settings = {
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    logLevel: logLevel.WARN,
    logCreator: () => log,
    socketFactory: openSocket,
  }
  const kafka = new Kafka({ ...settings, retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 500 } })
  // A consumer that only retries stays the same member; beginning anew, it would wait for its old self to time out.
  const patient = new Kafka({ ...settings, retry: { retries: 60, initialRetryTime: 100, maxRetryTime: 500 } })
  const administration = createAdministration(kafka)
  await administration
    .use((admin) => createTopics(admin, options.topics))
    .catch(async (error: unknown) => {
      await administration.close()
      throw error
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
        lag,
        lastPollAt: consumer.lastPollAt,
        stop: async () => {
          subscriptions.delete(subscription)
          await consumer.stop()
        },
      }
      subscriptions.add(subscription)
      return subscription
    },
    rewind: (groupId, topic) =>
      administration.use(async (admin) => {
        await admin.resetOffsets({ groupId, topic, earliest: true })
      }),
    stateOf: async (group, topics) => {
      await publisher.settled()
      return administration.use((admin) => stateOf(admin, group, topics))
    },
    read: reader.read,
    rewindTo: (group, places) => administration.use((admin) => rewindTo(admin, group, places)),
    check: () => administration.use(describe),
    close: async () => {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await publisher.close()
      await reader.close()
      await administration.close()
    },
  }
}

/** Small requests go at once: kafkajs leaves Nagle's algorithm on, which holds them back for an acknowledgment. */
function openSocket({ host, port, onConnect }: ISocketFactoryArgs): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 })
  return socket.once('connect', onConnect)
}

const quietMs = 5_000

/**
 * The client calls each lost connection an error and goes on, many times a second: one line of a sort in five seconds.
 * What really ends a consumer comes to us by `onFatal`.
 */
function createLog(logger: BusLogger): (entry: LogEntry) => void {
  const said = new Map<string, number>()
  return ({ namespace, log: { message, timestamp: _timestamp, stack: _stack, ...details } }) => {
    const now = performance.now()
    if (now - (said.get(message) ?? 0) < quietMs) return
    if (said.size > 100) said.clear()
    said.set(message, now)
    logger.warn({ ...details, part: namespace }, `kafka: ${message}`)
  }
}

async function describe(admin: Admin): Promise<void> {
  const { brokers } = await admin.describeCluster()
  if (brokers.length === 0) throw new Error('Kafka has no broker')
}

interface Administration {
  use<T>(work: (admin: Admin) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** One connection for questions, made anew after any error: the client does not always mend it by itself. */
function createAdministration(kafka: Kafka): Administration {
  let current: Promise<Admin> | undefined
  const discard = async (): Promise<void> => {
    const admin = current
    current = undefined
    await admin?.then((connected) => connected.disconnect()).catch(() => undefined)
  }
  const connect = async (): Promise<Admin> => {
    const admin = kafka.admin()
    await admin.connect()
    return admin
  }
  return {
    use: async (work) => {
      current ??= connect()
      try {
        return await work(await current)
      } catch (error) {
        await discard()
        throw error
      }
    },
    close: discard,
  }
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
