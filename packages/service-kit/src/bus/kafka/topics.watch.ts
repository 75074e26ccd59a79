/** Topics compared again and again while the service runs. */
import type { Admin } from 'kafkajs'
import type { TopicDeclaration } from '../bus.ts'
import { topicDifferences, type TopicDifference } from './topics.ts'
import type { BusLogger } from '../logger.ts'

/** What watching needs. */
export interface TopicWatchOptions {
  readonly use: <T>(work: (admin: Admin) => Promise<T>) => Promise<T>
  readonly topics: readonly TopicDeclaration[]
  readonly copies: number | undefined
  readonly logger: BusLogger
  /** Called after each comparison. */
  readonly onCompared: (differences: readonly TopicDifference[]) => void
  /** Default: two minutes. */
  readonly everyMs?: number
}

/**
 * Compares the topics with what they should be, at once and every few minutes: a mirror tool, or a hand, changes them
 * without a word. A difference is logged once for as long as it stays. Returns how to stop.
 */
export function watchTopics(options: TopicWatchOptions): () => void {
  const { use, topics, copies, logger, onCompared, everyMs = 120_000 } = options
  let logged = new Set<string>()
  const compare = async (): Promise<void> => {
    try {
      const differences = await use((admin) => topicDifferences(admin, topics, copies))
      const sentences = new Map(differences.map((one) => [sentenceOf(one), one]))
      for (const [sentence, one] of sentences) if (!logged.has(sentence)) logger.error({ ...one }, sentence)
      if (logged.size > 0 && sentences.size === 0) logger.info({}, 'all topics are again as they should be')
      logged = new Set(sentences.keys())
      onCompared(differences)
    } catch (error) {
      logger.warn({ err: error }, 'the topics could not be compared with what they should be; they are later')
    }
  }
  void compare()
  const timer = setInterval(() => void compare(), everyMs).unref()
  return () => {
    clearInterval(timer)
  }
}

function sentenceOf({ topic, setting, is, shouldBe }: TopicDifference): string {
  return `the topic ${topic} is not as it should be: ${setting} is ${is}, and should be ${shouldBe}`
}
