/** The bus without our client: bytes as any program may write them, at places that are known. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import type { System } from '@stockline/test-kit/load/system'
import { inputTopics } from './mutations.events.ts'
import type { Bytes } from './mutations.ts'

/** Where a message lies. */
export interface Place {
  readonly partition: number
  readonly offset: bigint
}

export interface RawBus {
  /** Spreads the messages over the topic's partitions. Nobody else may publish on it meanwhile. */
  publish(topic: string, messages: readonly Bytes[]): Promise<readonly Place[]>
  /** Messages on the input topics that their readers have not taken yet. */
  lag(): Promise<number>
  close(): Promise<void>
}

const readers = { 'purchasing.orders': 'picking', 'sales.orders': 'picking', 'catalog.products': 'stock' } as const

/** Opens the bus of a running system. */
export function openRawBus(system: System): Promise<RawBus> {
  return system.brokers === undefined ? openRawLog(system.dataFolder) : openRawKafka(system.brokers.split(','))
}

async function openRawKafka(brokers: string[]): Promise<RawBus> {
  const kafka = new Kafka({ clientId: 'anybody', brokers, logLevel: logLevel.NOTHING })
  const [producer, admin] = [
    kafka.producer({
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    }),
    kafka.admin(),
  ]
  await Promise.all([producer.connect(), admin.connect()])
  return {
    publish: async (topic, messages) => {
      const partitions = (await admin.fetchTopicOffsets(topic)).length
      const spread = messages.map((message, index) => ({ message, partition: index % partitions }))
      const sent = spread.map(({ message, partition }) => ({ ...message, partition, headers: { ...message.headers } }))
      const answers = await producer.send({ topic, acks: -1, messages: sent })
      const next = new Map(answers.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? 0)]))
      return spread.map(({ partition }) => placed(next, partition))
    },
    lag: async () => {
      let lag = 0n
      for (const topic of inputTopics) {
        const [ends, taken] = await Promise.all([
          admin.fetchTopicOffsets(topic),
          admin.fetchOffsets({ groupId: readers[topic], topics: [topic] }),
        ])
        const done = new Map(taken[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
        for (const { partition, low, high } of ends) {
          const at = done.get(partition) ?? -1n
          lag += BigInt(high) - (at > BigInt(low) ? at : BigInt(low))
        }
      }
      return Number(lag)
    },
    close: async () => {
      await Promise.all([producer.disconnect(), admin.disconnect()])
    },
  }
}

async function openRawLog(dataFolder: string): Promise<RawBus> {
  const { owners } = JSON.parse(readFileSync(join(dataFolder, 'databases.json'), 'utf8')) as { owners: { bus: string } }
  const client = new pg.Client({ connectionString: owners.bus })
  await client.connect()
  return {
    publish: async (topic, messages) => {
      const { rows } = await client.query<{ id: number; topic_id: number; number: number; next_offset: string }>(
        `select p.id, p.topic_id, p.number, p.next_offset::text
         from bus.partition p join bus.topic t on t.id = p.topic_id where t.name = $1 order by p.number`,
        [topic],
      )
      const next = new Map(rows.map((row) => [row.number, BigInt(row.next_offset)]))
      const spread = messages.map((message, index) => ({ message, row: rows[index % rows.length] }))
      const payload: Buffer[] = []
      let length = 0
      const slice = (bytes: Buffer | null): [number | null, number | null] => {
        if (bytes === null) return [null, null]
        payload.push(bytes)
        length += bytes.length
        return [length - bytes.length + 1, bytes.length]
      }
      const slices = spread.map(({ message }) => ({ key: slice(message.key), value: slice(message.value) }))
      await client.query(
        `select bus.append($1::int[], $2::int[], $3::int[], $4::int[], $5::int[], $6::text[], $7::bytea, $8::int[], $9::text[])`,
        [
          spread.map(({ row }) => row?.id),
          slices.map(({ key }) => key[0]),
          slices.map(({ key }) => key[1]),
          slices.map(({ value }) => value[0]),
          slices.map(({ value }) => value[1]),
          spread.map(({ message }) => headerText(message)),
          Buffer.concat(payload),
          [rows[0]?.topic_id],
          [''],
        ],
      )
      return spread.map(({ row }) => placed(next, row?.number ?? 0))
    },
    lag: async () => {
      const { rows } = await client.query<{ lag: string }>(
        `select coalesce(sum(p.next_offset - coalesce(taken.next_offset, 0)), 0)::text as lag
         from unnest($1::text[], $2::text[]) as reads (topic, reader)
         join bus.topic t on t.name = reads.topic join bus.partition p on p.topic_id = t.id
         join bus.consumer_group g on g.name = reads.reader
         left join bus.group_offset taken on taken.group_id = g.id and taken.partition_id = p.id`,
        [Object.keys(readers), Object.values(readers)],
      )
      return Number(rows[0]?.lag ?? 0)
    },
    close: () => client.end(),
  }
}

/** Headers of the embedded bus are JSON; a text column holds no NUL. */
function headerText({ headers }: Bytes): string {
  return JSON.stringify(Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString()])))
}

function placed(next: Map<number, bigint>, partition: number): Place {
  const offset = next.get(partition) ?? 0n
  next.set(partition, offset + 1n)
  return { partition, offset }
}
