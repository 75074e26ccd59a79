import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { IncomingMessage } from '@stockline/service-kit'
import { describeFaults } from './bus-conformance.faults.ts'
import { describePace } from './bus-conformance.pace.ts'
import { describeReading } from './bus-conformance.places.ts'
import {
  type BusUnderTest,
  type WithFixture,
  say,
  type Fixture,
  textOf,
  withFixture,
} from './bus-conformance.fixture.ts'
import { until } from './client.ts'

/** The suite that every adapter of the bus passes. */
export function describeBus(name: string, start: () => Promise<BusUnderTest & { stop(): Promise<void> }>): void {
  describe(`the bus (${name})`, () => {
    let under: Awaited<ReturnType<typeof start>>
    beforeAll(async () => {
      under = await start()
    }, 120_000)
    afterAll(() => under.stop())

    const onFixture =
      (partitions: number, play: (fixture: Fixture) => Promise<void>): (() => Promise<void>) =>
      () =>
        withFixture(under, partitions, play)
    describeOrder(onFixture)
    describeContent(onFixture, () => under)
    describeRetries(onFixture)
    describePlaces(onFixture)
    describeReading(onFixture)
    describePace(onFixture, () => under)
    describeFaults(onFixture, () => under)
  })
}

function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

function describeOrder(onFixture: WithFixture): void {
  test(
    'messages of one key arrive in the order in which they were published, in batches of many',
    onFixture(4, async ({ bus, topic, listen }) => {
      const got = new Map<string, number[]>()
      const places = new Map<string, Set<number>>()
      let count = 0
      await listen({
        maxBatch: 7,
        handle: (messages) => {
          expect(messages.length).toBeLessThanOrEqual(7)
          for (const message of messages) {
            const key = message.key ?? ''
            got.set(key, [...(got.get(key) ?? []), Number(textOf(message))])
            places.set(key, (places.get(key) ?? new Set()).add(message.partition))
            count += 1
          }
          return Promise.resolve()
        },
      })
      for (const from of [0, 100, 200]) {
        await bus.publish(numbers(from, 100).map((number) => say(topic, `key-${number % 9}`, String(number))))
      }
      await until('all messages', () => Promise.resolve(count >= 300))
      expect(count).toBe(300)
      for (const [key, values] of got) {
        expect(values).toEqual([...values].sort((one, other) => one - other))
        expect(places.get(key)?.size).toBe(1)
      }
      expect(new Set([...places.values()].flatMap((partitions) => [...partitions])).size).toBeGreaterThan(1)
    }),
  )

  test(
    'each group gets every message, also those from before it began',
    onFixture(2, async ({ bus, topic, listen }) => {
      await bus.publish(numbers(0, 20).map((number) => say(topic, String(number), String(number))))
      const seen: Record<string, Set<string>> = { one: new Set(), two: new Set() }
      for (const [group, texts] of Object.entries(seen)) {
        await listen({
          group: `${group}-${topic}`,
          handle: (messages) => {
            for (const message of messages) texts.add(textOf(message))
            return Promise.resolve()
          },
        })
      }
      await bus.publish(numbers(20, 20).map((number) => say(topic, String(number), String(number))))
      await until('both groups', () => Promise.resolve(seen['one']?.size === 40 && seen['two']?.size === 40))
    }),
  )
}

function describeContent(onFixture: WithFixture, under: () => BusUnderTest): void {
  test(
    'bytes and headers travel untouched, whatever they are',
    onFixture(1, async ({ bus, topic, listen }) => {
      const got: IncomingMessage[] = []
      await listen({
        handle: (messages) => {
          got.push(...messages)
          return Promise.resolve()
        },
      })
      const bytes = Buffer.from([0, 255, 254, 10, 13, 0, 128])
      const headers = { 'ce-id': 'ä "quoted" \\ back', empty: '' }
      await bus.publish([
        { topic, message: { key: 'schlüssel\u0000', value: bytes, headers } },
        { topic, message: { key: '', value: Buffer.alloc(0), headers: {} } },
      ])
      await under().writeForeign(topic, { key: null, value: null })
      await under().writeForeign(topic, { key: 'foreign', value: Buffer.from('{not json') })
      await until('four messages', () => Promise.resolve(got.length === 4))
      expect(got.map(({ key, value }) => [key, value])).toEqual([
        ['schlüssel\u0000', bytes],
        ['', Buffer.alloc(0)],
        [null, null],
        ['foreign', Buffer.from('{not json')],
      ])
      expect(got[0]?.headers).toEqual(headers)
      expect(got[2]?.headers).toEqual({})
    }),
  )

  test(
    'messages of 900 KB pass, several in one call',
    onFixture(2, async ({ bus, topic, listen }) => {
      const big = ['a', 'b', 'c', 'd', 'e'].map((letter) => Buffer.alloc(900 * 1024, letter))
      const got: (Buffer | null)[] = []
      await listen({
        handle: (messages) => {
          got.push(...messages.map((message) => message.value))
          return Promise.resolve()
        },
      })
      await bus.publish(big.map((value) => ({ topic, message: { key: 'big', value, headers: {} } })))
      await until('the big messages', () => Promise.resolve(got.length === big.length))
      expect(got.every((value, index) => value !== null && big[index]?.equals(value))).toBe(true)
    }),
  )

  test(
    'a topic that was not declared is refused',
    onFixture(1, async ({ bus, topic, listen }) => {
      await expect(bus.publish([say(`${topic}.unknown`, 'a', 'b')])).rejects.toThrow(/unknown/)
      await expect(listen({ topics: [`${topic}.unknown`], handle: () => Promise.resolve() })).rejects.toThrow(/unknown/)
      await bus.publish([say(topic, 'a', 'b')])
      await bus.publish([])
    }),
  )
}

function describeRetries(onFixture: WithFixture): void {
  for (const fault of [new Error('the database is away'), new TypeError('undefined is not a function')]) {
    test(
      `a batch whose handler throws a ${fault.name} comes again, and the other partitions go on`,
      onFixture(4, async ({ bus, topic, listen }) => {
        let attempts = 0
        const others = new Set<string>()
        await listen({
          handle: async (messages) => {
            const texts = messages.map(textOf)
            if (texts.includes('poison')) {
              attempts += 1
              // Until the others have passed it fails, however often it is called.
              if (others.size < 3 || attempts < 4) throw fault
            }
            for (const text of texts) others.add(text)
            await Promise.resolve()
          },
        })
        await bus.publish([say(topic, 'sick', 'poison')])
        await until('a first failure', () => Promise.resolve(attempts > 0))
        await bus.publish(numbers(0, 40).map((number) => say(topic, `key-${number}`, String(number))))
        await until('the others and the retries', () => Promise.resolve(others.size >= 3 && attempts >= 4))
        await bus.publish([say(topic, 'sick', 'after')])
        await until('all of them', () => Promise.resolve(others.size === 42))
      }),
    )
  }

  test(
    'of a batch that fails, each partition is tried by itself, and only the bad one waits',
    onFixture(4, async ({ bus, topic, listen }) => {
      const healthy = numbers(0, 40).map((number) => say(topic, `key-${number}`, String(number)))
      await bus.publish([...healthy, say(topic, 'sick', 'poison')])
      const passed = new Map<number, number>()
      let sick = -1
      await listen({
        handle: async (messages) => {
          await Promise.resolve()
          const bad = messages.find((message) => textOf(message) === 'poison')
          if (bad) sick = bad.partition
          if (bad) throw new Error('there is a bad one among them')
          for (const { partition } of messages) passed.set(partition, (passed.get(partition) ?? 0) + 1)
        },
      })
      await until('the other partitions', () => Promise.resolve(passed.size === 3))
      expect([...passed.keys()]).not.toContain(sick)
    }),
  )
}

function describePlaces(onFixture: WithFixture): void {
  test(
    'stop lets the running batch end, and the next member goes on after it',
    onFixture(1, async ({ bus, topic, listen }) => {
      const taken: string[] = []
      const entered = Promise.withResolvers<undefined>()
      const first = await listen({
        maxBatch: 1,
        handle: async (messages) => {
          entered.resolve(undefined)
          await new Promise((resolve) => setTimeout(resolve, 300))
          taken.push(...messages.map(textOf))
        },
      })
      await bus.publish(['1', '2', '3'].map((text) => say(topic, 'key', text)))
      await entered.promise
      await first.stop()
      expect(taken).toEqual(['1'])
      await listen({
        handle: (messages) => {
          taken.push(...messages.map(textOf))
          return Promise.resolve()
        },
      })
      await until('the rest', () => Promise.resolve(taken.length === 3))
      expect(taken).toEqual(['1', '2', '3'])
    }),
  )

  test(
    'a group can be put back to the beginning while nobody of it is running',
    onFixture(2, async ({ bus, topic, group, listen }) => {
      const texts = numbers(0, 10).map(String)
      await bus.publish(texts.map((text) => say(topic, text, text)))
      for (const round of [1, 2]) {
        const got = new Set<string>()
        const subscription = await listen({
          handle: (messages) => {
            for (const message of messages) got.add(textOf(message))
            return Promise.resolve()
          },
        })
        await until(`round ${round}`, () => Promise.resolve(got.size === texts.length))
        await until('no lag', async () => (await subscription.lag()) === 0n)
        const places = (await bus.stateOf(group, [topic])).map(({ partition, first }) => ({
          topic,
          partition,
          offset: first,
        }))
        await expect(bus.rewind(group, places)).rejects.toThrow()
        await subscription.stop()
        await bus.rewind(group, places)
      }
    }),
  )

  test(
    'the lag counts what waits for the group',
    onFixture(2, async ({ bus, topic, listen }) => {
      await bus.publish(numbers(0, 10).map((number) => say(topic, String(number), 'x')))
      const gate = Promise.withResolvers<undefined>()
      const subscription = await listen({ handle: () => gate.promise })
      expect(await subscription.lag()).toBe(10n)
      gate.resolve(undefined)
      await until('no lag', async () => (await subscription.lag()) === 0n)
      const since = subscription.lastPollAt()
      await until('it asks again', () => Promise.resolve(subscription.lastPollAt() > since))
      await bus.check()
    }),
  )
}
