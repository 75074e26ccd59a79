/** Topics as they should be, and what is told when somebody has changed them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { kafkaMissing, type KafkaServer, startOwnKafka, until } from '@stockline/test-kit'
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { openKafkaBus } from './kafka-bus.ts'
import type { TopicDifference } from './topics.ts'

const missing = await kafkaMissing()

if (missing !== undefined) test.skip(`no Kafka: ${missing}`, () => undefined)
else
  describe('the topics on Kafka', () => {
    let server: KafkaServer
    let admin: Admin
    beforeAll(async () => {
      server = await startOwnKafka()
      admin = new Kafka({ clientId: 'mirror', brokers: [server.brokers], logLevel: logLevel.NOTHING }).admin()
      await admin.connect()
    }, 120_000)
    afterAll(async () => {
      await admin.disconnect()
      await server.stop()
    })

    const said: string[] = []
    const say = (_details: object, message: string): void => void said.push(message)
    const logger = { info: say, warn: say, error: say }
    const open = (topic: string, more: Partial<Parameters<typeof openKafkaBus>[0]> = {}) =>
      openKafkaBus({
        brokers: [server.brokers],
        clientId: 'topics',
        topics: [{ name: topic, partitions: 2 }],
        logger,
        ...more,
      })

    test('are never made with fewer copies than were asked for', async () => {
      await expect(open('wide', { replication: 3 })).rejects.toThrow(
        'the topic wide should have 3 copies (KAFKA_REPLICATION), and 1 brokers are up: it waits until there are enough',
      )
      expect(await admin.listTopics()).not.toContain('wide')
    })

    test('have the copies of the broker where none were asked for, and all settings', async () => {
      let compared: readonly TopicDifference[] | undefined
      const bus = await open('as-it-should-be', { onTopicsCompared: (differences) => (compared = differences) })
      await until('they are compared', () => Promise.resolve(compared !== undefined))
      expect(compared).toEqual([])
      await bus.close()
    })

    test.each<[string, readonly [string, string][], readonly Omit<TopicDifference, 'topic'>[]]>([
      [
        'a mirror tool takes the retention',
        [['retention.ms', '604800000']],
        [{ setting: 'retention.ms', is: '604800000', shouldBe: '-1' }],
      ],
      [
        'a mirror tool compacts',
        [['cleanup.policy', 'compact']],
        [{ setting: 'cleanup.policy', is: 'compact', shouldBe: 'delete' }],
      ],
      [
        'a mirror tool compresses and bounds the size',
        [
          ['compression.type', 'lz4'],
          ['retention.bytes', '1000'],
        ],
        [
          { setting: 'retention.bytes', is: '1000', shouldBe: '-1' },
          { setting: 'compression.type', is: 'lz4', shouldBe: 'producer' },
        ],
      ],
    ])('%s, and it is told while the bus runs, once, until it is mended', async (name, changes, differences) => {
      const topic = name.replaceAll(' ', '-').replace(',', '')
      let compared: readonly TopicDifference[] = []
      const bus = await open(topic, {
        compareEveryMs: 200,
        onTopicsCompared: (found) => (compared = found),
      })
      const alter = (configEntries: { name: string; value: string }[]) =>
        admin.alterConfigs({
          validateOnly: false,
          resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
        })
      const kept = { 'retention.ms': '-1', 'retention.bytes': '-1', 'cleanup.policy': 'delete' }
      const all = { ...kept, 'compression.type': 'producer', ...Object.fromEntries(changes) }
      await alter(Object.entries(all).map(([setting, value]) => ({ name: setting, value })))
      await until('it is told', () => Promise.resolve(compared.length === differences.length))
      expect(new Set(compared)).toEqual(new Set(differences.map((one) => ({ topic, ...one }))))
      const mended = { ...kept, 'compression.type': 'producer' }
      await alter(Object.entries(mended).map(([setting, value]) => ({ name: setting, value })))
      await until('it is mended', () => Promise.resolve(compared.length === 0))
      await bus.close()
      for (const { setting, is, shouldBe } of differences)
        expect(said).toContain(
          `the topic ${topic} is not as it should be: ${setting} is ${is}, and should be ${shouldBe}`,
        )
      expect(said.filter((line) => line.includes(topic))).toHaveLength(differences.length)
    })

    test('that have fewer copies than were asked for are told of', async () => {
      await (await open('thin')).close()
      let compared: readonly TopicDifference[] = []
      const bus = await open('thin', { replication: 2, onTopicsCompared: (found) => (compared = found) })
      await until('it is told', () => Promise.resolve(compared.length > 0))
      expect(compared).toContainEqual({ topic: 'thin', setting: 'copies', is: '1', shouldBe: '2' })
      await bus.close()
    })

    test('may get partitions while they are read: told of, and read within 30 s', async () => {
      const topic = 'wider'
      let compared: readonly TopicDifference[] = []
      const bus = await open(topic, { compareEveryMs: 500, onTopicsCompared: (found) => (compared = found) })
      const got: number[] = []
      await bus.subscribe({
        group: topic,
        topics: [topic],
        handle: (messages) => {
          got.push(...messages.map((message) => message.partition))
          return Promise.resolve()
        },
        onFatal: () => undefined,
      })
      await bus.publish([{ topic, message: { key: 'k', value: Buffer.from('before'), headers: {} } }])
      await until('the first message', () => Promise.resolve(got.length === 1), 30_000)

      await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
      const foreign = new Kafka({ clientId: 'foreign', brokers: [server.brokers], logLevel: logLevel.NOTHING })
      const producer = foreign.producer()
      await producer.connect()
      await until('the new partition takes messages', async () => {
        await producer.send({ topic, messages: [{ partition: 3, value: 'after' }] })
        return true
      })
      await until('it is read', () => Promise.resolve(got.includes(3)), 60_000)
      await until('it is told', () => Promise.resolve(compared.length > 0))
      expect(compared).toEqual([{ topic, setting: 'partitions', is: '4', shouldBe: '2' }])
      await producer.disconnect()
      await bus.close()
    }, 120_000)
  })
