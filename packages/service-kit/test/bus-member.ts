/**
 * A member of a group in a process of its own, for the conformance suite to kill: opens the bus that the environment
 * names and prints each message it is given as a JSON line. With HANG it never returns from its first batch.
 */
import { openEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import { openKafkaBus } from '../src/bus/kafka/kafka-bus.ts'

const { BUS_DATABASE_URL, KAFKA_BROKERS, GROUP = '', TOPIC = '', PARTITIONS = '1', HANG } = process.env
const topics = [{ name: TOPIC, partitions: Number(PARTITIONS) }]
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
const bus =
  BUS_DATABASE_URL === undefined
    ? await openKafkaBus({ brokers: (KAFKA_BROKERS ?? '').split(','), clientId: 'member', topics, logger })
    : await openEmbeddedBus({ url: BUS_DATABASE_URL, topics, logger })

const subscription = await bus.subscribe({
  group: GROUP,
  topics: [TOPIC],
  handle: async (messages) => {
    for (const { key, partition, offset, value } of messages) {
      process.stdout.write(`${JSON.stringify({ key, partition, offset: String(offset), value: value?.toString() })}\n`)
    }
    if (HANG !== undefined) await new Promise(() => undefined)
  },
  onFatal: (error) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  },
})
process.stdout.write('{"ready":true}\n')
process.on('SIGTERM', () => {
  void subscription
    .stop()
    .then(() => bus.close())
    .then(() => process.exit(0))
})
