/** What differs at the topics is on `/metrics` of the service, by the name that alarms go by. On a real Kafka. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  kafkaMissing,
  type KafkaServer,
  startOwnKafka,
  testDatabase,
  type TestDatabase,
  until,
} from '@stockline/test-kit'
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { startService } from '../src/index.ts'
import { topicSettings } from '../src/bus/kafka/topics.ts'
import { things } from './things.ts'

const missing = await kafkaMissing()
const topic = things.topics[0]?.name ?? ''

if (missing !== undefined) test.skip(`no Kafka: ${missing}`, () => undefined)
else
  describe('the metric of changed topics', () => {
    let server: KafkaServer
    let database: TestDatabase
    let admin: Admin
    beforeAll(async () => {
      ;[server, database] = await Promise.all([startOwnKafka(), testDatabase('topics_metric')])
      admin = new Kafka({ clientId: 'mirror', brokers: [server.brokers], logLevel: logLevel.NOTHING }).admin()
      await admin.connect()
    }, 120_000)
    afterAll(async () => {
      await admin.disconnect()
      await Promise.all([server.stop(), database.drop()])
    })

    const alter = (changes: Readonly<Record<string, string>>) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name: topic,
            configEntries: Object.entries({ ...topicSettings, ...changes }).map(([name, value]) => ({ name, value })),
          },
        ],
      })

    /** The lines of the metric at a service that starts now, when there are so many. */
    const shown = async (count: number): Promise<readonly string[]> => {
      const service = await startService(
        things,
        {
          PORT: '0',
          THINGS_DATABASE_URL: database.url,
          IDENTITY_URL: 'http://127.0.0.1:9',
          KAFKA_BROKERS: server.brokers,
        },
        { logTo: { write: () => undefined } },
      )
      const lines = async () => {
        const text = await (await fetch(`${service.url}/metrics`)).text()
        return text.split('\n').filter((line) => line.startsWith('stockline_topic_differences{'))
      }
      try {
        await until('it is ready', async () => (await fetch(`${service.url}/health/ready`)).ok, 60_000, 100)
        if (count > 0) await until('it shows', async () => (await lines()).length === count, 30_000, 100)
        return await lines()
      } finally {
        await service.stop()
      }
    }
    const line = (setting: string) =>
      `stockline_topic_differences{topic="${topic}",setting="${setting}",service="things"} 1`

    test('shows nothing while all is as it should be', async () => {
      expect(await shown(0)).toEqual([])
    }, 120_000)

    test.each([
      [{ 'retention.ms': '604800000' }],
      [{ 'cleanup.policy': 'compact' }],
      [{ 'compression.type': 'lz4', 'retention.bytes': '1000' }],
    ])(
      'shows each setting that differs: %j',
      async (changes) => {
        await alter(changes)
        expect([...(await shown(Object.keys(changes).length))].sort()).toEqual(Object.keys(changes).sort().map(line))
        await alter({})
      },
      120_000,
    )

    test('shows partitions that were added', async () => {
      const [declared] = things.topics
      await admin.createPartitions({ topicPartitions: [{ topic, count: (declared?.partitions ?? 0) + 1 }] })
      expect(await shown(1)).toEqual([line('partitions')])
    }, 120_000)
  })
