import { type Admin, Kafka, logLevel } from 'kafkajs'
import type { EventBus, Subscription, TopicDeclaration } from './bus.ts'
import { subscribeKafka } from './bus.kafka.consumer.ts'
import { createPublisher } from './bus.kafka.publisher.ts'
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
  const kafka = new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      // The client calls each lost connection an error and goes on; what ends it comes to us by `onFatal`.
      const { message, timestamp: _timestamp, ...details } = entry.log
      options.logger.warn(details, `kafka: ${message}`)
    },
  })
  const administration = createAdministration(kafka)
  await administration.use((admin) => createTopics(admin, options.topics))
  const publisher = createPublisher(kafka, new Set(options.topics.map((topic) => topic.name)))
  const subscriptions = new Set<Subscription>()
  return {
    publish: publisher.publish,
    subscribe: async (wanted) => {
      const consumer = await subscribeKafka(kafka, wanted, options.logger, () => administration.use(describe))
      const subscription: Subscription = {
        lag: () => administration.use((admin) => lagOf(admin, wanted.group, wanted.topics)),
        lastPollAt: consumer.lastPollAt,
        stop: async () => {
          subscriptions.delete(subscription)
          await consumer.stop()
        },
      }
      subscriptions.add(subscription)
      return subscription
    },
    rewind: (groupId, topic) => administration.use((admin) => admin.resetOffsets({ groupId, topic, earliest: true })),
    check: () => administration.use(describe),
    close: async () => {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await publisher.close()
      await administration.close()
    },
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
    const admin = kafka.admin({ retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500 } })
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
