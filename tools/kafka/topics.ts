/**
 * Makes the topics of all contracts on the Kafka that the KAFKA_… variables name, and ends. Topics that are there stay as they are, so
 * it may run before every deployment. It needs nothing but the packages, so that it runs in any service's image.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { topics } from '../../packages/contracts/src/topics.ts'
import { openKafkaBus } from '../../packages/service-kit/src/bus/kafka/kafka-bus.ts'
import { kafkaConfig } from '../../packages/service-kit/src/bus/kafka/config.ts'

const patienceMs = 30_000
const brokers = (process.env['KAFKA_BROKERS'] ?? '')
  .split(',')
  .map((broker) => broker.trim())
  .filter((broker) => broker !== '')
const { config, faults } = kafkaConfig(process.env)
const wrong = [...(brokers.length === 0 ? ['KAFKA_BROKERS is missing: host:port, host:port …'] : []), ...faults]
if (wrong.length > 0) {
  console.error(wrong.join('\n'))
  process.exit(2)
}

const say = (details: object, message: string): void => console.log(message, JSON.stringify(details))
const logger = { info: say, warn: say, error: say, debug: () => undefined }
const { replication, ...security } = config

try {
  await makeTopics(Date.now() + patienceMs)
  console.log(`${topics.length} topics are there: ${topics.map((topic) => topic.name).join(', ')}`)
} catch (error) {
  console.error(`The topics could not be made: ${textOf(error)}`)
  process.exitCode = 1
}

/** Tries again for half a minute: brokers may still be starting. */
async function makeTopics(until: number): Promise<void> {
  for (let told = ''; ;) {
    try {
      const bus = await openKafkaBus({ brokers, clientId: 'stockline-topics', topics, logger, security, replication })
      await bus.close()
      return
    } catch (error) {
      if (Date.now() > until) throw error
      if (textOf(error) !== told) console.log(`Not yet: ${textOf(error)}`)
      told = textOf(error)
      await sleep(1_000)
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
