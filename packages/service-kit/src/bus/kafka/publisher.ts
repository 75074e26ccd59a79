/** Sends to Kafka so that nothing is lost and order stays, though messages may come twice. */
import { type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs'
import type { EventBus } from '../bus.ts'
import { reconnecting } from './reconnecting.ts'

type TopicMessage = Parameters<EventBus['publish']>[0][number]

/** Kafka takes a megabyte at once by default; some room for what it adds. */
const largestSend = 950_000
const mostMessages = 1_000

/** Sends, one request at a time. */
export interface Publisher {
  readonly publish: EventBus['publish']
  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void>
  close(): Promise<void>
}

/**
 * Never idempotent: after one lost acknowledgment kafkajs answers the next idempotent send with success and the broker
 * drops it. Without it a lost acknowledgment costs a duplicate, which the consumers' inbox removes. After any error the
 * producer is thrown away, so that nothing of it can be sent later.
 */
export function createPublisher(kafka: Kafka, topics: ReadonlySet<string>): Publisher {
  const producer = reconnecting(() => connect(kafka))
  let lastPublish: Promise<unknown> = Promise.resolve()

  const send = async (messages: readonly TopicMessage[]): Promise<void> => {
    const unknown = messages.find(({ topic }) => !topics.has(topic))
    if (unknown) throw new Error(`no topic ${unknown.topic} was declared`)
    await producer.use(async (connected) => {
      for (const part of partsOf(messages))
        await connected.sendBatch({ acks: -1, timeout: 10_000, topicMessages: byTopic(part) })
    })
  }

  return {
    publish: (messages) => {
      const sent = lastPublish.then(() => send(messages))
      lastPublish = sent.catch(() => undefined)
      return sent
    },
    settled: async () => {
      await lastPublish
    },
    close: async () => {
      await lastPublish
      await producer.close()
    },
  }
}

async function connect(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    idempotent: false,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    // The caller sends again, with a new producer: no second layer of retries below.
    retry: { retries: 0 },
  })
  await producer.connect()
  return producer
}

/** Cuts where a request would become too large for the broker; order is kept, since the parts go one by one. */
function* partsOf(messages: readonly TopicMessage[]): Generator<readonly TopicMessage[]> {
  let part: TopicMessage[] = []
  let size = 0
  for (const message of messages) {
    const added = sizeOf(message)
    if (part.length > 0 && (size + added > largestSend || part.length >= mostMessages)) {
      yield part
      part = []
      size = 0
    }
    part.push(message)
    size += added
  }
  if (part.length > 0) yield part
}

function sizeOf({ message }: TopicMessage): number {
  const headers = Object.entries(message.headers).reduce(
    (sum, [name, value]) => sum + name.length + value.length + 8,
    0,
  )
  return message.value.length + message.key.length + headers + 32
}

function byTopic(messages: readonly TopicMessage[]): TopicMessages[] {
  const topics = Map.groupBy(messages, ({ topic }) => topic)
  return [...topics].map(([topic, of]) => ({
    topic,
    messages: of.map(({ message }) => ({ ...message, headers: { ...message.headers } })),
  }))
}
