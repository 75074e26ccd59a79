/**
 * Makes the topics of all contracts on the Kafka in KAFKA_BROKERS, and ends. Topics that are there stay as they are, so
 * it may run before every deployment. It needs nothing but the packages, so that it runs in any service's image.
 */
import { topics } from '../../packages/contracts/src/topics.ts'
import { openKafkaBus } from '../../packages/service-kit/src/bus.kafka.ts'

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '')
if (brokers.length === 0) {
  console.error('KAFKA_BROKERS is missing: host:port, host:port …')
  process.exit(2)
}

const say = (details: object, message: string): void => console.log(message, JSON.stringify(details))
const logger = { info: say, warn: say, error: say, debug: () => undefined }

try {
  const bus = await openKafkaBus({ brokers, clientId: 'stockline-topics', topics, logger })
  await bus.close()
  console.log(`${topics.length} topics are there: ${topics.map((topic) => topic.name).join(', ')}`)
} catch (error) {
  console.error(`The topics could not be made: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
