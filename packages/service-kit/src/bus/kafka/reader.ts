/**
 * Reads stretches of partitions by their offsets, beside any group. kafkajs offers this nowhere in public: its consumer always
 * joins a group, which takes seconds. So the client's own cluster is used, with the settings that the client was made with.
 */
import type { FetchedPartition, Kafka } from 'kafkajs'
import type { IncomingMessage, Stretch } from '../bus.ts'
import { createFetchReader, type ReadMessage } from './fetched.ts'
import { reconnecting } from './reconnecting.ts'

interface PartitionData {
  readonly partition: number
  readonly highWatermark: string
  readonly abortedTransactions: FetchedPartition['abortedTransactions']
  /** Bytes as they came. */
  readonly messages: Buffer
}

interface FetchRequest {
  readonly isolationLevel: number
  readonly maxWaitTime: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly topics: readonly {
    readonly topic: string
    readonly partitions: readonly {
      readonly partition: number
      readonly fetchOffset: string
      readonly maxBytes: number
    }[]
  }[]
}

interface FetchResponse {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly PartitionData[] }[]
}

/** What of the client's cluster is used. */
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>
  findBroker(wanted: { readonly nodeId: string }): Promise<{ fetch(request: FetchRequest): Promise<FetchResponse> }>
}

const readCommitted = 1
const partitionBytes = 1024 * 1024
const fetchBytes = 16 * 1024 * 1024
const fetchWaitMs = 500
/** Fetches in a row that bring nothing: what cannot be read is looked at twice. */
const mostIdle = 3

/** A stretch that is not read to its end yet. */
interface Reading extends Stretch {
  next: bigint
}

/** Reads stretches. Its connection is made on first use, and anew after any error. */
export interface StretchReader {
  readonly read: (stretches: readonly Stretch[]) => Promise<readonly IncomingMessage[]>
  close(): Promise<void>
}

/** Makes the reader of one client. */
export function createReader(kafka: Kafka): StretchReader {
  const cluster = reconnecting(() => connect(kafka))
  return {
    read: async (stretches) =>
      stretches.length === 0 ? [] : cluster.use((connected) => readAll(connected, stretches)),
    close: cluster.close,
  }
}

async function connect(kafka: Kafka): Promise<Cluster> {
  const symbol = Object.getOwnPropertySymbols(kafka).find((one) => one.description === 'private:Kafka:createCluster')
  if (symbol === undefined) throw new Error('This version of kafkajs is not known: see bus/kafka/reader.ts.')
  const create = Reflect.get(kafka, symbol) as (options: object) => Cluster
  const cluster = create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: readCommitted })
  await cluster.connect()
  return cluster
}

async function readAll(cluster: Cluster, stretches: readonly Stretch[]): Promise<readonly IncomingMessage[]> {
  await cluster.addMultipleTargetTopics([...new Set(stretches.map((one) => one.topic))])
  const found: IncomingMessage[] = []
  const readFetched = createFetchReader()
  let open: readonly Reading[] = stretches.map((one) => ({ ...one, next: one.from }))
  let idle = 0
  while (idle < mostIdle && (open = open.filter(({ next, to }) => next < to)).length > 0) {
    const answers = await Promise.all(
      [...byLeader(cluster, open)].map(([nodeId, of]) => fetch(cluster, nodeId, of, readFetched)),
    )
    const got = answers.flat()
    found.push(...got.flatMap(({ messages }) => messages))
    idle = got.every(({ moved }) => !moved) ? idle + 1 : 0
  }
  return found.sort(inPlace)
}

function byLeader(cluster: Cluster, open: readonly Reading[]): ReadonlyMap<string, readonly Reading[]> {
  const leaders = new Map<string, Reading[]>()
  for (const one of open) {
    const leader = Object.keys(cluster.findLeaderForPartitions(one.topic, [one.partition]))[0]
    if (leader === undefined) throw new Error(`${one.topic} has no partition ${String(one.partition)}`)
    leaders.set(leader, [...(leaders.get(leader) ?? []), one])
  }
  return leaders
}

/** One fetch from one broker; each stretch moves on by what came of it. */
async function fetch(
  cluster: Cluster,
  nodeId: string,
  open: readonly Reading[],
  readFetched: ReturnType<typeof createFetchReader>,
): Promise<readonly { readonly messages: readonly IncomingMessage[]; readonly moved: boolean }[]> {
  const broker = await cluster.findBroker({ nodeId })
  const answer = await broker.fetch({
    isolationLevel: readCommitted,
    maxWaitTime: fetchWaitMs,
    minBytes: 1,
    maxBytes: fetchBytes,
    topics: open.map(({ topic, partition, next }) => ({
      topic,
      partitions: [{ partition, fetchOffset: String(next), maxBytes: partitionBytes }],
    })),
  })
  const fetched = answer.responses.flatMap(({ topicName, partitions }) =>
    partitions.flatMap((data) => {
      const reading = open.find((one) => one.topic === topicName && one.partition === data.partition)
      return reading === undefined ? [] : { reading, data: fetchedOf(reading, data) }
    }),
  )
  readFetched(fetched.map(({ data }) => data))
  return fetched.map(({ reading, data }) => take(reading, data.messages as readonly ReadMessage[]))
}

function fetchedOf({ topic, partition, next }: Reading, data: PartitionData): FetchedPartition {
  const { highWatermark, abortedTransactions, messages: bytes } = data
  return { topic, partition, fetchOffset: String(next), highWatermark, abortedTransactions, bytes, messages: [] }
}

function take(
  reading: Reading,
  read: readonly ReadMessage[],
): { messages: readonly IncomingMessage[]; moved: boolean } {
  const { next, to } = reading
  const messages = read.flatMap(({ taken }) => taken ?? []).filter(({ offset }) => offset >= next && offset < to)
  const last = read.at(-1)
  if (last !== undefined) reading.next = BigInt(last.offset) + 1n
  return { messages, moved: last !== undefined }
}

function inPlace(one: IncomingMessage, other: IncomingMessage): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1
  return one.partition - other.partition || (one.offset < other.offset ? -1 : 1)
}
