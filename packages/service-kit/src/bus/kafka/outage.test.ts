/** Three brokers, of which one and then two are killed: what is lost is said plainly, and nothing is lost for good. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type SecuredKafka, securedKafkaMissing, startSecuredKafka, until } from '@stockline/test-kit'
import type { EventBus } from '../bus.ts'
import { openKafkaBus } from './kafka-bus.ts'

const missing = await securedKafkaMissing()
const topic = 'outage'
const said: string[] = []
const say = (_details: object, message: string): void => void said.push(message)
const logger = { info: say, warn: say, error: say }
const patienceMs = 120_000

if (missing !== undefined) test.skip(`no Kafka by Java: ${missing}`, () => undefined)
else
  describe('on three brokers', () => {
    let kafka: SecuredKafka
    let bus: EventBus
    const got: string[] = []
    const fatal: Error[] = []
    beforeAll(async () => {
      kafka = await startSecuredKafka({ brokers: 3 })
      bus = await until('the bus', () => open(kafka).catch(() => false as const), patienceMs, 500)
      const subscription = await bus.subscribe({
        group: topic,
        topics: [topic],
        handle: (messages) => {
          got.push(...messages.map((message) => String(message.value)))
          return Promise.resolve()
        },
        onFatal: (error) => void fatal.push(error),
      })
      await until('nothing waits', async () => (await subscription.lag().catch(() => -1n)) === 0n, patienceMs)
    }, 300_000)
    afterAll(async () => {
      await bus.close()
      await kafka.stop()
    })

    const open = ({ brokers }: SecuredKafka) =>
      openKafkaBus({
        brokers: brokers.split(','),
        clientId: 'outage',
        topics: [{ name: topic, partitions: 6 }],
        replication: 3,
        logger,
      })
    const publish = (text: string) =>
      bus.publish(
        [0, 1, 2, 3, 4, 5].map((n) => ({
          topic,
          message: { key: `${text}${String(n)}`, value: Buffer.from(`${text}${String(n)}`), headers: {} },
        })),
      )
    /** As a relay does: the same again until it is taken. */
    const publishedAtLast = (text: string) =>
      until(
        `"${text}" is taken`,
        () =>
          publish(text).then(
            () => true,
            () => false,
          ),
        patienceMs,
        200,
      )
    const read = (text: string) =>
      until(
        `"${text}" is read`,
        () => Promise.resolve([0, 1, 2, 3, 4, 5].every((n) => got.includes(`${text}${String(n)}`))),
        patienceMs,
      )
    const sentence = () =>
      bus.check().then(
        () => 'all is well',
        (error: unknown) => (error as Error).message,
      )

    test('with one killed, all is written and read, and all is well again', async () => {
      await publishedAtLast('three ')
      await read('three ')
      await kafka.kill(0)
      await publishedAtLast('two ')
      await read('two ')
      await until('all is well', async () => (await sentence()) === 'all is well', patienceMs, 200)
    }, 300_000)

    test('with two killed, nothing is taken for sent, and those that are away are named', async () => {
      await kafka.kill(1)
      const [first = '', second = ''] = kafka.brokers.split(',')
      await until(
        'it is said',
        async () => (await sentence()).startsWith('2 of 3 brokers do not answer'),
        patienceMs,
        200,
      )
      expect(await sentence()).toBe(
        `2 of 3 brokers do not answer (${first} ECONNREFUSED, ${second} ECONNREFUSED): ` +
          'what goes to partitions that they lead, or has too few copies without them, waits to be sent',
      )
      await expect(publish('none ')).rejects.toThrow()
    }, 300_000)

    test('with two killed, it writes a few lines into the log, however often it tries', async () => {
      const before = said.length
      const began = performance.now()
      while (performance.now() - began < 20_000) await publish('still none ').catch(() => sleep(50))
      // Of each sort of trouble one in half a minute.
      const lines = said.slice(before)
      const halfMinutes = 1 + Math.floor((performance.now() - began) / 30_000)
      const timesEach = [...Map.groupBy(lines, (line) => line).values()].map(({ length }) => length)
      expect(Math.max(0, ...timesEach)).toBeLessThanOrEqual(halfMinutes)
      expect(lines.length).toBeLessThan(40 * halfMinutes)
    }, 300_000)

    test('with all back, all is written and read by the same consumer', async () => {
      kafka.restart(0)
      kafka.restart(1)
      await publishedAtLast('again ')
      await read('again ')
      await until('all is well', async () => (await sentence()) === 'all is well', patienceMs, 200)
      expect(fatal).toEqual([])
      expect(said.filter((line) => line.includes('another takes its place'))).toEqual([])
    }, 300_000)
  })
