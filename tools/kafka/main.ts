/** `pnpm kafka`: a local Apache Kafka 4.1, from a container or from Java and Maven. Ctrl-C stops it. */
import { once } from 'node:events'
import { join } from 'node:path'
import { startKafka } from '@stockline/test-kit'

const port = Number(process.env['KAFKA_PORT'] ?? 9092)
const folder = join(import.meta.dirname, '../../.data/kafka')

console.log('Getting Apache Kafka ready…')
try {
  const kafka = await startKafka({ port, folder })
  console.log(`${kafka.origin} is running.\n`)
  console.log(`KAFKA_BROKERS=${kafka.brokers}\n`)
  console.log('Run the system on it, in another terminal and with a data folder of its own:')
  console.log(`  KAFKA_BROKERS=${kafka.brokers} DATA_DIR=.data/on-kafka npx -y pnpm@10 start`)
  console.log('Ctrl-C stops it.')
  const stayAlive = setInterval(() => undefined, 60_000)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  clearInterval(stayAlive)
  await kafka.stop()
  console.log('Kafka is stopped.')
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
