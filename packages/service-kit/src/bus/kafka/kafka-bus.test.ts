import { describe, test } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import { kafkaMissing, startKafka, startOwnKafka } from '@stockline/test-kit'
import { describeBus } from '@stockline/test-kit/bus-conformance'
import { Kafka, logLevel } from 'kafkajs'
import { openKafkaBus } from './kafka-bus.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const missing = await kafkaMissing()
const given = (process.env['KAFKA_BROKERS'] ?? '') !== ''

if (missing === undefined || given) {
  describeBus('Kafka', async () => {
    // A broker of our own may be killed; one that was given may not.
    const server = await (missing === undefined ? startOwnKafka() : startKafka())
    const brokers = server.brokers.split(',')
    return {
      open: (topics) => openKafkaBus({ brokers, clientId: 'conformance', topics, logger: quiet }),
      writeForeign: async (topic, message) => {
        const producer = new Kafka({ clientId: 'foreign', brokers, logLevel: logLevel.NOTHING }).producer()
        await producer.connect()
        await producer.send({ topic, messages: [message] })
        await producer.disconnect()
      },
      environment: { KAFKA_BROKERS: server.brokers },
      memberProgram: fileURLToPath(new URL('../../../test/bus-member.ts', import.meta.url)),
      broker: missing === undefined ? server : undefined,
      stop: () => server.stop(),
    }
  })
} else {
  describe(`the bus (Kafka) is skipped, because there is no Kafka: ${missing}`, () => {
    test.skip('the conformance suite on Kafka', () => undefined)
  })
}
