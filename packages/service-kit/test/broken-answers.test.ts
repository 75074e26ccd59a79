/** Connections to Kafka that break in the middle of an answer, at whatever byte: no process ends, and nothing is lost. */
import { afterAll, describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, kafkaMissing, startOwnKafka, until } from '@stockline/test-kit'
import { openKafkaBus } from '../src/bus/kafka/kafka-bus.ts'
import { type Break, breakAnswers } from './records/breaking-proxy.ts'
import { type Random, randomFrom } from './records/spoil.ts'

const missing = await kafkaMissing()
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const topic = 'broken'
const wanted = 40
const patienceMs = 120_000
const breakingMs = 15_000

/** Sizes, as answers begin with one: below zero, nothing, less than a number, and those of another protocol. */
const other = [
  Buffer.from('ffffffff00000001', 'hex'),
  Buffer.alloc(64),
  Buffer.from('00000003010203', 'hex'),
  Buffer.from('8000000000000000', 'hex'),
  Buffer.from('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
  randomBytes(4_000),
]

if (missing !== undefined) test.skip(`no Kafka: ${missing}`, () => undefined)
else
  describe.each<[string, (random: Random) => Break]>([
    ['break off', (random) => ({ after: 1 + random(3_000) })],
    [
      'go on with other bytes',
      (random) => ({ after: 1 + random(300), instead: other[random(other.length)] ?? other[0] }),
    ],
  ])('answers that %s', (_name, next) => {
    const ends: (() => Promise<unknown>)[] = []
    afterAll(async () => {
      for (const end of ends.reverse()) await end()
    })

    test('end no process, and all that was taken is read', async () => {
      const [port, random] = [await freePort(), randomFrom(23)]
      let breaking = false
      const proxy = await breakAnswers(port, () => (breaking && random(10) < 6 ? next(random) : undefined))
      ends.push(() => proxy.close())
      const server = await startOwnKafka({ port, advertisedPort: proxy.port })
      ends.push(() => server.stop())
      const bus = await openKafkaBus({
        brokers: [`127.0.0.1:${proxy.port}`],
        clientId: topic,
        topics: [{ name: topic, partitions: 3 }],
        logger: quiet,
      })
      ends.push(() => bus.close())
      const got = new Set<string>()
      const fatal: Error[] = []
      await bus.subscribe({
        group: topic,
        topics: [topic],
        handle: (messages) => {
          for (const { value } of messages) got.add(String(value))
          return Promise.resolve()
        },
        onFatal: (error) => void fatal.push(error),
      })
      breaking = true
      proxy.cutAll()
      const taken: string[] = []
      for (const end = performance.now() + breakingMs; proxy.broken() < wanted && performance.now() < end;) {
        const text = `${taken.length} ${'x'.repeat(300)}`
        const message = { topic, message: { key: String(taken.length), value: Buffer.from(text), headers: {} } }
        await bus.publish([message]).then(
          () => void taken.push(text),
          () => sleep(20),
        )
      }
      breaking = false
      expect(proxy.broken()).toBeGreaterThan(0)
      const all = () => Promise.resolve(taken.every((text) => got.has(text)))
      await until('all that was taken is read', all, patienceMs)
      expect(fatal).toEqual([])
    }, 400_000)
  })
