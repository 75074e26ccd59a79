import { expect, test } from '@jest/globals'
import { type WithFixture, say, textOf } from './bus-conformance.fixture.ts'
import { until } from './client.ts'

/** What lies where, and where a group stands: what a database is compared with. */
export function describeReading(onFixture: WithFixture): void {
  test(
    'stretches of partitions are read beside any group, and a group is put back to any offset',
    onFixture(2, async ({ bus, topic, group, listen }) => {
      const texts = Array.from({ length: 40 }, (_, number) => String(number))
      expect((await bus.stateOf(group, [topic])).map(({ first, next, taken }) => [first, next, taken])).toEqual([
        [0n, 0n, undefined],
        [0n, 0n, undefined],
      ])
      await bus.publish(texts.slice(0, 20).map((text) => say(topic, text, text)))
      // Not waited for: what is on its way is in what is asked for next.
      const sent = bus.publish(texts.slice(20).map((text) => say(topic, text, text)))
      const states = await bus.stateOf(group, [topic])
      await sent
      expect(states.reduce((sum, { next }) => sum + next, 0n)).toBe(40n)
      const whole = await bus.read(states.map((state) => ({ ...state, from: state.first, to: state.next })))
      expect(whole.map(textOf).sort()).toEqual([...texts].sort())
      const [wanted] = states.filter(({ next }) => next > 4n)
      if (wanted === undefined) throw new Error('no partition has five messages')
      const inIt = whole.filter(({ partition }) => partition === wanted.partition)
      const stretch = { topic, partition: wanted.partition, from: 1n, to: 4n }
      expect(await bus.read([stretch])).toEqual(inIt.slice(1, 4))
      expect(await bus.read([{ ...stretch, to: 1n }])).toEqual([])
      expect(await bus.read([])).toEqual([])

      const taken: string[] = []
      const handle: Parameters<typeof listen>[0]['handle'] = (messages) => {
        taken.push(...messages.map(textOf))
        return Promise.resolve()
      }
      const first = await listen({ handle })
      await until('all', () => Promise.resolve(taken.length === 40))
      await until('no lag', async () => (await first.lag()) === 0n)
      const place = { topic, partition: wanted.partition, offset: wanted.next - 2n }
      await expect(bus.rewind(group, [place])).rejects.toThrow()
      await first.stop()
      expect(
        (await bus.stateOf(group, [topic])).every((state) => state.taken === state.next || state.next === 0n),
      ).toBe(true)
      await bus.rewind(group, [place])
      taken.length = 0
      const second = await listen({ handle })
      await until('the last two again', () => Promise.resolve(taken.length >= 2))
      expect(taken).toEqual(inIt.slice(-2).map(textOf))
      await second.stop()
    }),
  )
}
