/** The embedded bus: publishing, subscribing, lag and check over a log in PostgreSQL. */
import type pg from 'pg'
import type { EventBus, OutgoingMessage, TopicDeclaration } from '../bus.ts'
import type { BusLogger } from '../logger.ts'
import { encodeMessages } from './append-notification.ts'
import { embeddedState, readStretches, rewindEmbedded } from './places.ts'
import { declareTopics, migrateBus, type Partition, partitionsOf } from './schema.ts'
import { subscribeEmbedded } from './subscription.ts'
import type { DatabaseAddress } from '../../database/postgres.address.ts'
import { checkDatabase, openPool, type ConnectOptions } from '../../database/postgres.connect.ts'

/** What the embedded bus needs. */
export interface EmbeddedBusOptions {
  /** A PostgreSQL database of its own. */
  readonly url: DatabaseAddress
  readonly topics: readonly TopicDeclaration[]
  readonly logger: BusLogger
  /** After which a connection is renewed. Default: half an hour. */
  readonly longestLifeMs?: number
}

/** What publishes. What it has acknowledged is on the disk, whatever the server's default is. */
function connectOptions(address: DatabaseAddress): ConnectOptions {
  return {
    address,
    name: 'stockline-bus',
    settings: { synchronous_commit: 'on', jit: 'off' },
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    keepAlive: true,
  }
}

type TopicMessage = Parameters<EventBus['publish']>[0][number]

const appendStatement = {
  name: 'bus_append',
  text: `select bus.append($1::int[], $2::int[], $3::int[], $4::int[], $5::int[], $6::text[], $7::bytea,
                           $8::int[], $9::text[])`,
}

/** A durable log in PostgreSQL with Kafka's meaning: partitions, groups, offsets, replay. */
export async function openEmbeddedBus(options: EmbeddedBusOptions): Promise<EventBus> {
  const { url, topics, logger } = options
  const life = options.longestLifeMs === undefined ? {} : { longestLifeMs: options.longestLifeMs }
  await checkDatabase('The database of the embedded bus', connectOptions(url))
  const pool = openPool({
    ...connectOptions(url),
    max: 3,
    ...life,
    onIdleError: (error) => logger.warn({ err: error }, 'the bus lost an idle connection'),
  })
  const partitions = await prepare(pool, topics).catch(async (error: unknown) => {
    await pool.end()
    throw error
  })
  const subscriptions = new Set<{ stop(): Promise<void> }>()
  let lastPublish: Promise<unknown> = Promise.resolve()

  return {
    publish: (messages) => {
      const sent = lastPublish.then(() => append(pool, partitions, messages))
      lastPublish = sent.catch(() => undefined)
      return sent
    },
    subscribe: async (wanted) => {
      const owned = wanted.topics.flatMap((topic) => [...partitionsNamed(partitions, topic)])
      const subscription = await subscribeEmbedded({ ...wanted, url, logger, ...life, partitions: owned })
      subscriptions.add(subscription)
      return {
        lag: () => lagOf(pool, wanted.group, owned),
        lastPollAt: subscription.lastPollAt,
        stop: async () => {
          subscriptions.delete(subscription)
          await subscription.stop()
        },
      }
    },
    stateOf: async (group, names) => {
      await lastPublish
      return embeddedState(
        pool,
        group,
        names.flatMap((topic) => partitionsNamed(partitions, topic)),
      )
    },
    read: (stretches) =>
      readStretches(pool, stretches, (topic, number) => partitionNumbered(partitions, topic, number)),
    rewind: async (group, places) => {
      const wanted = places.map(({ topic, partition, offset }) => ({
        id: partitionNumbered(partitions, topic, partition).id,
        offset,
      }))
      await rewindEmbedded(pool, group, wanted)
    },
    check: async () => {
      await pool.query('select 1')
    },
    close: async () => {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await lastPublish
      await pool.end()
    },
  }
}

type PartitionsByTopic = ReadonlyMap<string, readonly Partition[]>

async function prepare(pool: pg.Pool, topics: readonly TopicDeclaration[]): Promise<PartitionsByTopic> {
  const client = await pool.connect()
  try {
    await migrateBus(client)
    await declareTopics(client, topics)
    return await partitionsOf(
      client,
      topics.map((topic) => topic.name),
    )
  } finally {
    client.release()
  }
}

function partitionsNamed(partitions: PartitionsByTopic, topic: string): readonly Partition[] {
  const found = partitions.get(topic)
  if (!found) throw new Error(`no topic ${topic} was declared`)
  return found
}

function partitionNumbered(partitions: PartitionsByTopic, topic: string, number: number): Partition {
  const found = partitionsNamed(partitions, topic).find((one) => one.number === number)
  if (!found) throw new Error(`${topic} has no partition ${String(number)}`)
  return found
}

async function append(pool: pg.Pool, partitions: PartitionsByTopic, messages: readonly TopicMessage[]): Promise<void> {
  if (messages.length === 0) return
  const routed = messages.map(({ topic, message }) => ({
    partition: partitionFor(partitionsNamed(partitions, topic), message),
    message,
  }))
  const keys = slices()
  const values = slices()
  const chunks: Buffer[] = []
  let length = 0
  const add = (bytes: Buffer, to: Slices): void => {
    to.starts.push(length + 1) // SQL counts from one
    to.lengths.push(bytes.length)
    length += bytes.length
    chunks.push(bytes)
  }
  for (const { message } of routed) {
    add(Buffer.from(message.key), keys)
    add(message.value, values)
  }
  const ids = routed.map(({ partition }) => partition.id)
  const headers = routed.map(({ message }) => JSON.stringify(message.headers))
  const payload = Buffer.concat(chunks, length)
  const byTopic = Map.groupBy(routed, ({ partition }) => partition.topicId)
  const encoded = [...byTopic.values()].map(encodeMessages)
  const columns = [
    ids,
    keys.starts,
    keys.lengths,
    values.starts,
    values.lengths,
    headers,
    payload,
    [...byTopic.keys()],
    encoded,
  ]
  await pool.query({ ...appendStatement, values: columns })
}

interface Slices {
  readonly starts: number[]
  readonly lengths: number[]
}

function slices(): Slices {
  return { starts: [], lengths: [] }
}

function partitionFor(partitions: readonly Partition[], message: OutgoingMessage): Partition {
  const partition = partitions[stableHash(message.key) % partitions.length]
  if (!partition) throw new Error('a topic has at least one partition')
  return partition
}

/** FNV-1a. Must never change: a key's messages would move to another partition and lose their order. */
function stableHash(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

async function lagOf(pool: pg.Pool, group: string, partitions: readonly Partition[]): Promise<bigint> {
  const found = await pool.query<{ lag: string }>({
    name: 'bus_lag',
    text: `select coalesce(sum(p.next_offset - coalesce(taken.next_offset, 0)), 0)::text as lag
           from bus.partition p
           left join (bus.group_offset taken join bus.consumer_group g on g.id = taken.group_id and g.name = $1)
             on taken.partition_id = p.id
           where p.id = any($2::int[])`,
    values: [group, partitions.map((partition) => partition.id)],
  })
  return BigInt(found.rows[0]?.lag ?? 0)
}
