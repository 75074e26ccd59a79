/** `pnpm kafka`: a local Apache Kafka 4.1, from a container or from Java and Maven. Ctrl-C stops it. */
import { join, resolve } from 'node:path'
import { startKafka } from '@stockline/test-kit'

const port = Number(process.env['KAFKA_PORT'] ?? 9092)
const dataFolder = resolve(process.env['INIT_CWD'] ?? process.cwd(), process.env['DATA_DIR'] ?? '.data')
const folder = join(dataFolder, 'kafka')

console.log('Getting Apache Kafka ready…')
try {
  const kafka = await startKafka({ port, folder })
  console.log(`${kafka.origin} is running.\n`)
  console.log(`KAFKA_BROKERS=${kafka.brokers}\n`)
  console.log('Run the system on it, in another terminal and with a data folder of its own:')
  console.log(`  KAFKA_BROKERS=${kafka.brokers} DATA_DIR=.data/on-kafka npx -y pnpm@10 start`)
  console.log('Ctrl-C stops it.')
  await interrupted()
  await kafka.stop()
  console.log('Kafka is stopped.')
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

/**
 * Resolves at the first SIGINT or SIGTERM. Later ones change nothing: Ctrl-C reaches every process of the terminal, and
 * pnpm hands on its own, so that the second would end us while the broker is being stopped.
 */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stayAlive = setInterval(() => undefined, 60_000)
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        clearInterval(stayAlive)
        resolve()
      })
  })
}
