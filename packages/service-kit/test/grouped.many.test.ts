/** Many who ask for steps of few things at once, and some of them twice: every step is one that somebody was told of. */
import { randomInt, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Reply } from '@stockline/test-kit'
import { sql } from '../src/index.ts'
import { groupedThings, newThing, now, sizes, type Thing } from './grouped.things.ts'
import { startThings, type Started } from './things.ts'

let started: Started
beforeAll(async () => {
  started = await startThings({}, groupedThings)
})
afterAll(() => started.stop())

const numbers = sql('select subject, sequence from kit.outbox where subject = any($1::text[]) order by position')
const deadlocks = sql('select deadlocks from pg_stat_database where datname = current_database()')

const people = 12
const steps = 15

test('versions, answers and events agree, and nobody waits for ever', async () => {
  const { service, client } = started
  const things = await Promise.all(Array.from({ length: 5 }, () => newThing(service)))
  const done = new Map<string, string[]>(things.map(({ id }) => [id, []]))
  sizes.length = 0

  const send = (thing: Thing, state: string, key: string): Promise<Reply<Thing>> =>
    client.send('PUT', `/v1/things/${thing.id}/state`, { body: { state }, version: thing.version, key })
  const person = async (name: number): Promise<void> => {
    for (let step = 0; step < steps; step += 1) {
      const [thing] = await now(service, things[randomInt(things.length)]!)
      const [key, state] = [randomUUID(), randomInt(8) === 0 ? 'nowhere' : `${name}/${step}`]
      const twice = await Promise.all([send(thing!, state, key), ...(step % 3 === 0 ? [send(thing!, state, key)] : [])])
      const taken = twice.filter(({ status }) => status === 200)
      expect(twice.every(({ status }) => [200, 409, 412, 422].includes(status))).toBe(true)
      // A twin is told the same, or that the first one is still running.
      if (taken.length > 0) expect(twice.every(({ status }) => status === 200 || status === 409)).toBe(true)
      for (const { body } of taken) expect(body).toEqual(taken[0]?.body)
      if (taken[0] !== undefined) done.get(thing!.id)?.push(`${taken[0].body.version} ${taken[0].body.state}`)
    }
  }
  await Promise.all(Array.from({ length: people }, (_, name) => person(name)))

  for (const thing of await now(service, ...things)) {
    const own = (done.get(thing.id) ?? []).toSorted((a, b) => parseInt(a) - parseInt(b))
    expect(own.map((one) => parseInt(one))).toEqual(own.map((_, index) => index + 2))
    expect(own.at(-1) ?? `1 ${thing.state}`).toBe(`${thing.version} ${thing.state}`)
    const rows = await service.db.query<{ sequence: bigint }>(numbers, [[thing.id]])
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual(own.map((_, index) => index + 1))
  }
  expect(Math.max(...sizes)).toBeGreaterThan(1)
  expect(await service.db.query(deadlocks)).toEqual([{ deadlocks: 0n }])
})
