import type { Admin } from 'kafkajs'
import type { TopicDeclaration } from './bus.ts'

/**
 * Makes the topics that are not there. Data is kept for ever: the log is what a consumer can be rebuilt from. Throws while
 * one that another process is just making has no leader yet: try again.
 */
export async function createTopics(admin: Admin, topics: readonly TopicDeclaration[]): Promise<void> {
  await createMissing(admin, topics)
  const described = await admin.fetchTopicMetadata({ topics: topics.map((topic) => topic.name) })
  const leaderless = described.topics.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0))
  if (leaderless.length > 0) throw new Error(`no leader yet: ${leaderless.map((topic) => topic.name).join(', ')}`)
}

async function createMissing(admin: Admin, topics: readonly TopicDeclaration[]): Promise<void> {
  const present = new Set(await admin.listTopics())
  const missing = topics.filter((topic) => !present.has(topic.name))
  if (missing.length === 0) return
  const { brokers } = await admin.describeCluster()
  const replicas = Math.min(3, brokers.length)
  // False means that another process was faster with some of them, and that those are as it wanted them.
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map((topic) => ({
      topic: topic.name,
      numPartitions: topic.partitions,
      replicationFactor: replicas,
      configEntries: [
        { name: 'retention.ms', value: '-1' },
        { name: 'retention.bytes', value: '-1' },
        { name: 'cleanup.policy', value: 'delete' },
        { name: 'min.insync.replicas', value: String(Math.max(1, replicas - 1)) },
      ],
    })),
  })
}
