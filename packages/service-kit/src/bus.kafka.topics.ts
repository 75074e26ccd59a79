import type { Admin } from 'kafkajs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicDeclaration } from './bus.ts'

const leadersLimitMs = 15_000
const leadersPollMs = 300

/**
 * Makes the topics that are not there. Data is kept for ever: the log is what a consumer can be rebuilt from. What this or
 * another process has just made is waited for until it has its leaders.
 *
 * @throws when a topic cannot be made, or has no leader yet
 */
export async function createTopics(admin: Admin, topics: readonly TopicDeclaration[]): Promise<void> {
  await createMissing(admin, topics)
  for (const deadline = performance.now() + leadersLimitMs; ;) {
    const leaderless = await leaderlessOf(admin, topics)
    if (leaderless.length === 0) return
    if (performance.now() > deadline) throw new Error(`no leader yet: ${leaderless.join(', ')}`)
    await sleep(leadersPollMs)
  }
}

/**
 * What every topic is made with, and must have: data is kept for ever and as it was sent. `producer` keeps each batch in the
 * compression it came in, all of which are read here; our own events are not compressed, so that everybody reads them. A
 * broker's own default would compress them too.
 */
export const topicSettings: Readonly<Record<string, string>> = {
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'cleanup.policy': 'delete',
  'compression.type': 'producer',
}
async function leaderlessOf(admin: Admin, topics: readonly TopicDeclaration[]): Promise<readonly string[]> {
  try {
    const described = await admin.fetchTopicMetadata({ topics: topics.map((topic) => topic.name) })
    return described.topics
      .filter(({ partitions }) => partitions.some(({ leader }) => leader < 0))
      .map(({ name }) => name)
  } catch (error) {
    // The broker that answers has not heard of it yet.
    if (error instanceof Error && 'type' in error && notYet.has(String(error.type))) return ['a topic just made']
    throw error
  }
}

const notYet = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])

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
        ...Object.entries(topicSettings).map(([name, value]) => ({ name, value })),
        { name: 'min.insync.replicas', value: String(Math.max(1, replicas - 1)) },
      ],
    })),
  })
}
