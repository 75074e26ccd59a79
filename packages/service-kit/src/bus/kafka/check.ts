/** Can everything of ours be written and read? An answer of one broker is no answer of those that lead the partitions. */
import type { Admin, PartitionMetadata } from 'kafkajs'
import type { TopicDeclaration } from '../bus.ts'
import { brokersAway } from './away.ts'
import { inTime } from '../../runtime/deadline.ts'
import { fewestInSync } from './topics.ts'

/** Readiness gives a check two seconds, and finding the reason takes half a one. */
const answerLimitMs = 1_400

/**
 * Looks whether each partition has a leader, which answers, and enough copies to be written to.
 *
 * @param copies as they are configured; undefined where the broker's default holds
 * @throws in one sentence, where the cluster itself reports what is missing
 */
export async function checkPartitions(
  admin: Admin,
  topics: readonly TopicDeclaration[],
  copies: number | undefined,
): Promise<void> {
  const described = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) })
  const partitions = described.topics.flatMap(({ name, partitions: of }) => of.map((one) => ({ topic: name, ...one })))
  refuse('without a leader, and neither written nor read', partitions, ({ leader }) => leader < 0)
  const fewest = fewestInSync(copies)
  const tooFew = `with fewer than ${String(fewest)} copies in step, not written`
  refuse(tooFew, partitions, ({ isr }) => isr.length < fewest)
  for (const topic of oneOfEachLeader(partitions)) await admin.fetchTopicOffsets(topic)
}

interface PlacedPartition extends PartitionMetadata {
  readonly topic: string
}

function refuse(what: string, partitions: readonly PlacedPartition[], isSo: (one: PlacedPartition) => boolean): void {
  const wrong = partitions.filter(isSo)
  const [first] = wrong
  if (first === undefined) return
  const others = wrong.length === 1 ? '' : ` and ${String(wrong.length - 1)} more`
  throw new Error(
    `${String(wrong.length)} of ${String(partitions.length)} partitions are ${what}: ${nameOf(first)}${others}`,
  )
}

function nameOf({ topic, partitionId }: PlacedPartition): string {
  return `${topic}/${String(partitionId)}`
}

/** As few topics as have a partition of each leader. */
function oneOfEachLeader(partitions: readonly PlacedPartition[]): readonly string[] {
  const leaders = new Set<number>()
  const topics = new Set<string>()
  for (const { leader, topic } of partitions) {
    if (leaders.has(leader)) continue
    for (const other of partitions) if (other.topic === topic) leaders.add(other.leader)
    topics.add(topic)
  }
  return [...topics]
}

/**
 * The answer, or why there is none: where brokers are away, that is the reason, whatever the client reports.
 *
 * @param lost what cannot be done with partitions that such brokers lead
 * @throws in one sentence, soon enough for a check of readiness
 */
export async function answered<T>(
  brokers: readonly string[],
  lost: string,
  answer: Promise<T>,
  explain: (error: unknown) => Promise<Error>,
): Promise<T> {
  try {
    return await inTime(answer, answerLimitMs, `Kafka does not answer within ${String(answerLimitMs)} ms`)
  } catch (error) {
    const away = await brokersAway(brokers)
    if (away !== undefined) throw new Error(`${away}: ${lost}`, { cause: error })
    // The client's own words when its connection is closed while it waits for an answer.
    if (error instanceof TypeError) throw new Error('the connection to Kafka is made anew', { cause: error })
    throw await explain(error)
  }
}
