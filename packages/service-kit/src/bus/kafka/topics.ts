/** Topics on Kafka: made where missing, and compared with the settings that they must have. */
import { createRequire } from 'node:module'
import type * as Client from 'kafkajs'
import type { Admin } from 'kafkajs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicDeclaration } from '../bus.ts'

/** The client is CommonJS, and Node finds only the first of its exports by name. */
const { ConfigResourceTypes } = createRequire(import.meta.url)('kafkajs') as typeof Client

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

const leadersLimitMs = 15_000
const leadersPollMs = 300

/**
 * Makes the topics that are not there. What this or another process has just made is waited for until it has its leaders.
 *
 * @param copies of each partition; undefined for as many as the broker makes by default
 * @throws in one sentence when fewer brokers are up than copies are configured, or when a topic has no leader yet
 */
export async function createTopics(
  admin: Admin,
  topics: readonly TopicDeclaration[],
  copies: number | undefined,
): Promise<void> {
  await createMissing(admin, topics, copies)
  for (const deadline = performance.now() + leadersLimitMs; ;) {
    const leaderless = await leaderlessOf(admin, topics)
    if (leaderless.length === 0) return
    if (performance.now() > deadline) throw new Error(`no leader yet: ${leaderless.join(', ')}`)
    await sleep(leadersPollMs)
  }
}

async function leaderlessOf(admin: Admin, topics: readonly TopicDeclaration[]): Promise<readonly string[]> {
  try {
    const described = await admin.fetchTopicMetadata({ topics: topics.map((topic) => topic.name) })
    return described.topics
      .filter(({ partitions }) => partitions.some(({ leader }) => leader < 0))
      .map(({ name }) => name)
  } catch (error) {
    // The broker that answers does not know it yet.
    if (notYet.has(typeOf(error))) return ['a topic just made']
    throw error
  }
}

const notYet = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])

async function createMissing(
  admin: Admin,
  topics: readonly TopicDeclaration[],
  copies: number | undefined,
): Promise<void> {
  const present = new Set(await admin.listTopics())
  const missing = topics.filter((topic) => !present.has(topic.name))
  if (missing.length === 0) return
  const configEntries = Object.entries(settingsFor(copies)).map(([name, value]) => ({ name, value }))
  try {
    // False means that another process was faster with some of them, and that those are as it wanted them.
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: copies ?? brokersDefault,
        configEntries,
      })),
    })
  } catch (error) {
    if (!isTooFewBrokers(error)) throw error
    const { brokers } = await admin.describeCluster()
    throw new Error(
      `${named(missing)} should have ${copies === undefined ? "the broker's default of" : String(copies)} copies ` +
        `(KAFKA_REPLICATION), and ${brokers.length} brokers are up: it waits until there are enough`,
      { cause: error },
    )
  }
}

/** The broker takes it for its `default.replication.factor`. */
const brokersDefault = -1

/** With configured copies, an event counts as sent when all but one have it. */
function settingsFor(copies: number | undefined): Readonly<Record<string, string>> {
  if (copies === undefined) return topicSettings
  return { ...topicSettings, 'min.insync.replicas': String(fewestInSync(copies)) }
}

/** So many copies must be in step for a partition to be written to; 1 where the broker decides. */
export function fewestInSync(copies: number | undefined): number {
  return Math.max(1, (copies ?? 1) - 1)
}

function named(topics: readonly TopicDeclaration[]): string {
  const [first] = topics
  return topics.length === 1 && first ? `the topic ${first.name}` : `each of ${topics.length} topics`
}

/** The client puts the errors of several topics into one. */
function isTooFewBrokers(error: unknown): boolean {
  const parts: readonly unknown[] =
    error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [error]
  return parts.some((one) => typeOf(one) === 'INVALID_REPLICATION_FACTOR')
}

function typeOf(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : ''
}

/** Something about a topic that is not as it should be. */
export interface TopicDifference {
  readonly topic: string
  /** A setting by Kafka's name, or `copies`, `partitions`. */
  readonly setting: string
  readonly is: string
  readonly shouldBe: string
}

/**
 * What differs at the topics that are there. More partitions than declared differ as well: they were added by hand. More copies
 * than the broker's default do not, where none are configured.
 */
export async function topicDifferences(
  admin: Admin,
  topics: readonly TopicDeclaration[],
  copies: number | undefined,
): Promise<readonly TopicDifference[]> {
  const wanted = settingsFor(copies)
  const configNames = Object.keys(wanted)
  const [{ resources }, metadata, atLeast] = await Promise.all([
    admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name, configNames })),
    }),
    admin.fetchTopicMetadata({ topics: topics.map((topic) => topic.name) }),
    copies === undefined ? defaultCopies(admin) : undefined,
  ])
  const settings = resources.flatMap(({ resourceName, configEntries }) =>
    configEntries.flatMap(({ configName, configValue }) =>
      differs(resourceName, configName, configValue, wanted[configName] ?? configValue),
    ),
  )
  const shapes = metadata.topics.flatMap(({ name, partitions }) => {
    const declared = topics.find((topic) => topic.name === name)?.partitions ?? partitions.length
    const fewest = Math.min(...partitions.map(({ replicas }) => replicas.length))
    return [
      ...differs(name, 'partitions', String(partitions.length), String(declared)),
      ...differs(name, 'copies', String(fewest), String(copies ?? Math.max(fewest, atLeast ?? fewest))),
    ]
  })
  return [...settings, ...shapes]
}

function differs(topic: string, setting: string, is: string, shouldBe: string): readonly TopicDifference[] {
  return is === shouldBe ? [] : [{ topic, setting, is, shouldBe }]
}

/** What the brokers make by default; undefined where that is unknown. */
async function defaultCopies(admin: Admin): Promise<number | undefined> {
  try {
    const { brokers } = await admin.describeCluster()
    const [first] = brokers
    if (first === undefined) return undefined
    const name = 'default.replication.factor'
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.BROKER, name: String(first.nodeId), configNames: [name] }],
    })
    return Number(resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue ?? Number.NaN)
  } catch {
    return undefined
  }
}
