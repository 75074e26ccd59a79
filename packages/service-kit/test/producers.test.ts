/** What every producer sends is read from a real Kafka, and what is spoilt on its way stops nobody. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { freePort, kafkaMissing, type KafkaServer, sendByJava, startOwnKafka, until } from '@stockline/test-kit'
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import type { EventBus, IncomingMessage } from '../src/bus/bus.ts'
import { openKafkaBus } from '../src/bus/kafka/kafka-bus.ts'
import { topicSettings } from '../src/bus/kafka/topics.ts'
import { spoilFetches, type SpoilingProxy } from './records/spoiling-proxy.ts'

const missing = await kafkaMissing()
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** All that arrives. */
async function listen(bus: EventBus, topics: readonly string[]) {
  const got: IncomingMessage[] = []
  const fatal: Error[] = []
  const subscription = await bus.subscribe({
    group: `reads-${topics.join('-')}`,
    topics,
    onFatal: (error) => fatal.push(error),
    handle: (messages) => {
      got.push(...messages)
      return Promise.resolve()
    },
  })
  return { got, fatal, subscription }
}

if (missing !== undefined) test.skip(`no Kafka: ${missing}`, () => undefined)
else
  describe('on a real Kafka', () => {
    let server: KafkaServer
    let proxy: SpoilingProxy
    let bus: EventBus
    const topics = ['orders', 'packed', 'spoilt'].map((name) => ({ name, partitions: 2 }))
    /** Every third batch of one topic. */
    const isBad = (_: number, offset: bigint): boolean => offset % 3n === 1n

    beforeAll(async () => {
      const port = await freePort()
      proxy = await spoilFetches(port, 'spoilt', isBad)
      server = await startOwnKafka({ port, advertisedPort: proxy.port })
      bus = await openKafkaBus({ brokers: [`127.0.0.1:${proxy.port}`], clientId: 'reader', topics, logger: quiet })
    }, 180_000)
    afterAll(async () => {
      await bus.close()
      await proxy.close()
      await server.stop()
    })

    /** The settings of a topic, and a change of them. */
    async function administrate<T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
      const kafka = new Kafka({ clientId: 'admin', brokers: [`127.0.0.1:${proxy.port}`], logLevel: logLevel.NOTHING })
      const admin = kafka.admin()
      await admin.connect()
      return work(admin).finally(() => admin.disconnect())
    }

    test('topics are made with settings that are named', async () => {
      const { resources } = await administrate((admin) =>
        admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: ConfigResourceTypes.TOPIC, name: 'orders' }],
        }),
      )
      const entries = resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? []
      expect(Object.fromEntries(entries)).toMatchObject(topicSettings)
    })

    test("by Java's client: every codec, idempotent and transactional; a transaction that was taken back is not read", async () => {
      const hows = [
        'none',
        'gzip',
        'snappy',
        'aborted',
        'lz4',
        'zstd',
        'idempotent',
        'transactional',
        'aborted',
        'none',
      ] as const
      const value = (how: string, index: number): string => `${how} ${index} ${'again and '.repeat(50)}`
      const messages = hows.map((how, index) => ({ how, topic: 'orders', key: 'key', value: value(how, index) }))
      const { got, fatal, subscription } = await listen(bus, ['orders'])
      if ((await sendByJava(server.brokers, messages)) !== undefined) return
      await until('all that was not taken back', () => Promise.resolve(got.length >= 8))
      expect(got.map((message) => message.value?.toString())).toEqual(
        hows.flatMap((how, index) => (how === 'aborted' ? [] : value(how, index))),
      )
      await until('no lag, also behind the end of a transaction', async () => (await subscription.lag()) === 0n)
      expect(fatal).toEqual([])
    })

    test.each(['gzip', 'snappy', 'lz4', 'zstd'])(
      'our own messages where the broker packs them: %s',
      async (codec) => {
        const configEntries = Object.entries({ ...topicSettings, 'compression.type': codec }).map(([name, value]) => ({
          name,
          value,
        }))
        await administrate((admin) =>
          admin.alterConfigs({
            validateOnly: false,
            resources: [{ type: ConfigResourceTypes.TOPIC, name: 'packed', configEntries }],
          }),
        )
        const { got, fatal, subscription } = await listen(bus, ['packed'])
        const texts = Array.from({ length: 100 }, (_, index) => `${codec} ${index} ${'again and '.repeat(50)}`)
        await bus.publish(
          texts.map((text, at) => ({
            topic: 'packed',
            message: { key: `${at % 7}`, value: Buffer.from(text), headers: { codec } },
          })),
        )
        await until('all of them', () =>
          Promise.resolve(got.filter(({ headers }) => headers['codec'] === codec).length >= 100),
        )
        await subscription.stop()
        expect(new Set(got.map(({ value }) => value?.toString()))).toEqual(new Set(texts))
        expect(fatal).toEqual([])
      },
      60_000,
    )

    test('a proxy that spoils every third batch: each good one arrives, each bad one is seen, nothing stops', async () => {
      const count = 600
      for (let at = 0; at < count; at += 50)
        for (let index = at; index < at + 50; index += 1)
          await bus.publish([
            { topic: 'spoilt', message: { key: `${index}`, value: Buffer.from(`text ${index}`), headers: {} } },
          ])
      const { got, fatal, subscription } = await listen(bus, ['spoilt'])
      await until('the end', async () => (await subscription.lag()) === 0n, 60_000)
      expect(fatal).toEqual([])
      expect(proxy.spoilt.size).toBeGreaterThan(150)
      // Every message was sent in a batch of its own, so that a place is a batch. A spoilt one may claim a place far behind.
      const isGood = ({ partition, offset, value }: IncomingMessage): boolean =>
        offset < count && !isBad(partition, offset) && value?.toString().startsWith('text ') === true
      const good = new Set(got.filter(isGood).map(({ partition, offset }) => `${partition}/${offset}`))
      expect(good.size).toBe(count - proxy.spoilt.size)
      expect(got.length - good.size).toBeGreaterThanOrEqual(proxy.spoilt.size)
      expect(got.filter(({ undecodable }) => undecodable !== undefined).length).toBeGreaterThan(50)
      await subscription.stop()
    }, 120_000)
  })
