/**
 * `pnpm kafka`: a local Apache Kafka 4.1, from a container or from Java and Maven, whatever KAFKA_BROKERS says. Ctrl-C stops
 * it.
 */
import { join, resolve } from 'node:path'
import { brokerAnswers, isAlive, kafkaMissing, startOwnKafka, type KafkaServer } from '@stockline/test-kit'

const port = Number(process.env['KAFKA_PORT'] ?? 9092)
const dataFolder = resolve(process.env['INIT_CWD'] ?? process.cwd(), process.env['DATA_DIR'] ?? '.data')
const folder = join(dataFolder, 'kafka')

console.log('Getting Apache Kafka ready…')
try {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`KAFKA_PORT is no port: "${process.env['KAFKA_PORT'] ?? ''}". Give a number from 1 to 65535.`)
  if (await brokerAnswers(`127.0.0.1:${port}`))
    throw new Error(`A Kafka runs on port ${port} already: use it, or choose another port with KAFKA_PORT.`)
  const missing = await kafkaMissing()
  if (missing !== undefined)
    throw new Error(`Apache Kafka cannot be started: ${missing}. It needs Docker, or Java 17 with Maven.`)
  const kafka = await startOwnKafka({ port, folder })
  // Before it is said: whoever reads it may interrupt at once.
  const interruption = interrupted()
  console.log(`${kafka.origin} is running.\n`)
  console.log(`KAFKA_BROKERS=${kafka.brokers}\n`)
  console.log('Run the system on it, in another terminal and with a data folder of its own:')
  console.log(`  KAFKA_BROKERS=${kafka.brokers} DATA_DIR=.data/on-kafka npx -y pnpm@10 start`)
  console.log('Ctrl-C stops it.')
  const ended = await Promise.race([interruption, gone(kafka)])
  await kafka.stop()
  if (ended === 'gone') throw new Error(`Kafka has ended by itself. What it said is in ${folder}.`)
  console.log('Kafka is stopped.')
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
process.exit()

/**
 * Resolves at the first SIGINT or SIGTERM. Later ones change nothing: Ctrl-C reaches every process of the terminal, and
 * pnpm hands on its own, so that the second would end us while the broker is being stopped.
 */
function interrupted(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('interrupted'))
  })
}

/** Resolves when the broker's process is no more. A container's engine looks after its own. */
function gone(kafka: KafkaServer): Promise<'gone'> {
  return new Promise((resolve) => {
    setInterval(() => {
      const pid = kafka.pid()
      if (pid !== undefined && !isAlive(pid)) resolve('gone')
    }, 500)
  })
}
