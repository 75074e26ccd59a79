/** Where partitions begin and end, and where a group stands in them. */
import type { Admin } from 'kafkajs'
import type { PartitionState, Place } from '../bus.ts'

/** All partitions of these topics, with the group's places. */
export async function kafkaState(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<readonly PartitionState[]> {
  if (topics.length === 0) return []
  const [committed, ends] = await Promise.all([
    admin.fetchOffsets({ groupId, topics: [...topics] }),
    Promise.all(topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) }))),
  ])
  const taken = new Map(
    committed.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic}/${String(partition)}`, BigInt(offset)]),
    ),
  )
  return ends.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, low, high }) => {
      const at = taken.get(`${topic}/${String(partition)}`) ?? -1n
      return { topic, partition, first: BigInt(low), next: BigInt(high), taken: at < 0n ? undefined : at }
    }),
  )
}

/** Sets the group's places. The client refuses while the group has members. */
export async function rewindKafka(admin: Admin, groupId: string, places: readonly Place[]): Promise<void> {
  for (const [topic, of] of Map.groupBy(places, (place) => place.topic)) {
    const partitions = of.map(({ partition, offset }) => ({ partition, offset: String(offset) }))
    await admin.setOffsets({ groupId, topic, partitions })
  }
}
