import { expect, test } from '@jest/globals'
import type { IncomingMessage } from '@stockline/service-kit'
import { type BusUnderTest, type WithFixture, say, textOf } from './bus-conformance.fixture.ts'
import { until } from './client.ts'

/** So long that nothing within a test becomes due. */
const never = 3_600_000

/** Topics that are not urgent: taken seldom, in order, and whole. */
export function describePace(onFixture: WithFixture, under: () => BusUnderTest): void {
  test(
    'what is not urgent is taken seldom, in order, and all of it; what comes after a quiet moment at once',
    onFixture(1, async ({ bus, topic, listen }) => {
      const paceMs = 400
      const batches: { readonly texts: readonly string[]; readonly at: number; readonly end: number }[] = []
      await listen({
        pace: new Map([[topic, paceMs]]),
        handle: async (messages) => {
          const at = performance.now()
          await Promise.resolve()
          batches.push({ texts: messages.map(textOf), at, end: performance.now() })
        },
      })
      const texts = Array.from({ length: 40 }, (_, number) => String(number))
      for (const text of texts) await bus.publish([say(topic, 'key', text)])
      await until('all', () => Promise.resolve(batches.flatMap((batch) => batch.texts).length >= texts.length))
      expect(batches.flatMap((batch) => batch.texts)).toEqual(texts)
      for (const [index, { end }] of batches.entries()) {
        const next = batches[index + 1]
        // Timers of the platform end up to a millisecond early.
        if (next !== undefined) expect(next.at - end).toBeGreaterThanOrEqual(paceMs - 5)
      }
    }),
  )

  test(
    'full batches of it follow each other at once',
    onFixture(1, async ({ bus, topic, listen }) => {
      const got: string[] = []
      await listen({
        pace: new Map([[topic, never]]),
        maxBatch: 5,
        handle: (messages) => {
          got.push(...messages.map(textOf))
          return Promise.resolve()
        },
      })
      const texts = Array.from({ length: 20 }, (_, number) => String(number))
      await bus.publish(texts.map((text) => say(topic, 'key', text)))
      await until('all', () => Promise.resolve(got.length >= texts.length))
      expect(got).toEqual(texts)
    }),
  )

  test(
    'while it waits what is urgent goes on, the member leaves at once, and the next one goes on there, or where the group is put back to',
    onFixture(1, async ({ topic, group }) => {
      const urgent = `${topic}.urgent`
      const bus = await under().open([topic, urgent].map((name) => ({ name, partitions: 1 })))
      try {
        const taken: IncomingMessage[] = []
        const join = (paceMs: number) =>
          bus.subscribe({
            group,
            topics: [topic, urgent],
            pace: new Map([[topic, paceMs]]),
            handle: (messages) => {
              taken.push(...messages)
              return Promise.resolve()
            },
            onFatal: (error) => {
              throw error
            },
          })
        const textsOn = (name: string) => taken.filter((message) => message.topic === name).map(textOf)
        const first = await join(never)
        await bus.publish([say(topic, 'key', '1')])
        await until('the first', () => Promise.resolve(taken.length === 1))
        await bus.publish([say(topic, 'key', '2'), say(topic, 'key', '3'), say(urgent, 'key', 'a')])
        await until('what is urgent', () => Promise.resolve(textsOn(urgent).length === 1))
        await bus.publish([say(urgent, 'key', 'b')])
        await until('what is urgent again', () => Promise.resolve(textsOn(urgent).length === 2))
        expect(textsOn(topic)).toEqual(['1'])
        await until('the rest to be written down', async () => (await first.lag()) === 2n)
        await first.stop()

        const second = await join(never)
        await until('what had waited', () => Promise.resolve(textsOn(topic).length === 3))
        expect(textsOn(topic)).toEqual(['1', '2', '3'])
        await second.stop()

        await bus.rewind(group, [{ topic, partition: 0, offset: 1n }])
        const third = await join(never)
        await until('the last two again', () => Promise.resolve(textsOn(topic).length === 5))
        expect(textsOn(topic)).toEqual(['1', '2', '3', '2', '3'])
        await third.stop()
      } finally {
        await bus.close()
      }
    }),
  )
}
