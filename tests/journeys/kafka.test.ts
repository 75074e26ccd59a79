import { describe, test } from '@jest/globals'
import { kafkaMissing, startKafka } from '@stockline/test-kit'
import { describeJourneys } from './journeys.ts'

const missing = await kafkaMissing()

if (missing === undefined) describeJourneys('Kafka', async () => (await startKafka()).brokers)
else describe('on the Kafka bus', () => test.skip(`no Kafka: ${missing}`, () => undefined))
