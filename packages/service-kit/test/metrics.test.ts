import { describe, expect, test } from '@jest/globals'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { testDatabase, until } from '@stockline/test-kit'
import pg from 'pg'
import { Registry } from 'prom-client'
import { observeBatches } from '../src/messaging/messaging.metrics.ts'
import { createMetrics } from '../src/process/metrics.ts'
import { registerGauge } from '../src/runtime/gauges.ts'
import { sql } from '../src/index.ts'
import { startThings, things } from './things.ts'

/** Names and labels of what a text of metrics gives a value for; the values of our own beside them. */
async function read(url: string) {
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(50_000) })
  const text = await answer.text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const has = (name: string) => lines.some((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return { status: answer.status, text, lines, has }
}

/** What only the database can tell. */
const ofDatabase = ['outbox_depth', 'outbox_oldest_seconds', 'parked_events', 'quarantined_messages']
const ofProcess = ['stockline_build_info', 'process_cpu_seconds_total', 'stockline_inbox_batch_size_count']
const own = ofDatabase.map((name) => `stockline_${name}`)

/** As an administrator does it: nobody comes in any more, and who is in is put out. */
async function closeDatabase(url: string, closed: boolean): Promise<void> {
  const name = new URL(url).pathname.slice(1)
  const maintenance = new URL(url)
  maintenance.pathname = '/postgres'
  const client = new pg.Client({ connectionString: maintenance.href })
  await client.connect()
  await client.query(`alter database "${name}" with allow_connections ${String(!closed)}`)
  if (closed) await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  await client.end()
}

/** A way to a database that can be cut so that nothing is answered any more, as by a dead switch. */
async function pathTo(url: string) {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let silent = false
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
    near.on('data', (bytes) => silent || far.write(bytes))
    far.on('data', (bytes) => silent || near.write(bytes))
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const here = new URL(url)
  here.port = String((server.address() as AddressInfo).port)
  return {
    url: here.href,
    silence: (now: boolean) => (silent = now),
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describe('the metrics are answered', () => {
  test('while the database is away: what it alone can tell is absent, all else stays; and all is back with it', async () => {
    const started = await startThings({}, { ...things, started: countsThings })
    const url = started.environment['THINGS_DATABASE_URL'] ?? ''
    const before = await read(started.service.url)
    for (const name of [...own, ...ofProcess, 'stockline_things', 'stockline_things_by_state'])
      expect([name, before.has(name)]).toEqual([name, true])
    await closeDatabase(url, true)
    try {
      const away = await read(started.service.url)
      expect(away.status).toBe(200)
      for (const name of [...own, 'stockline_things', 'stockline_things_by_state'])
        expect([name, away.has(name)]).toEqual([name, false])
      for (const name of [...ofProcess, 'stockline_consumer_lag']) expect([name, away.has(name)]).toEqual([name, true])
    } finally {
      await closeDatabase(url, false)
    }
    await until('the database is asked again', async () => (await read(started.service.url)).has(own[0] ?? ''))
    const after = await read(started.service.url)
    for (const name of [...own, 'stockline_things']) expect([name, after.has(name)]).toEqual([name, true])
    await started.stop()
  })

  test('while the database says nothing at all, all the same', async () => {
    const database = await testDatabase('silent')
    const path = await pathTo(database.url)
    const started = await startThings({ THINGS_DATABASE_URL: path.url })
    path.silence(true)
    const away = await read(started.service.url)
    expect([away.status, away.has('stockline_outbox_depth'), away.has('stockline_build_info')]).toEqual([
      200,
      false,
      true,
    ])
    path.close()
    await started.stop()
    await database.drop()
  })

  test('while the bus is away: the lag is absent, the outbox is told', async () => {
    const started = await startThings()
    const bus = started.environment['BUS_DATABASE_URL'] ?? ''
    expect((await read(started.service.url)).has('stockline_consumer_lag')).toBe(true)
    await closeDatabase(bus, true)
    const away = await read(started.service.url)
    expect([away.status, away.has('stockline_consumer_lag'), away.has('stockline_outbox_depth')]).toEqual([
      200,
      false,
      true,
    ])
    await closeDatabase(bus, false)
    await started.stop()
  })
})

test('unknown fields of the bus and of HTTP share one count, and one bound of 200 names', async () => {
  const metrics = createMetrics('notes', { version: '1', revision: 'a' })
  const bus = observeBatches(metrics)
  for (let number = 0; number < 150; number += 1) bus.unknownFields('/bus', [`field${String(number)}`])
  for (let number = 0; number < 150; number += 1) metrics.unknownFields('/http', [`field${String(number)}`])
  const counts = (await metrics.registry.metrics()).split('\n').filter((line) => /^stockline_unknown/.test(line))
  expect(counts).toHaveLength(201)
  expect(counts.filter((line) => line.includes('field="others"') && line.endsWith(' 100'))).toHaveLength(1)
})

describe('a gauge that cannot be read', () => {
  test.each([
    ['without labels', [], [{ labels: {}, value: 3 }]],
    ['with one', ['state'], [{ labels: { state: 'new' }, value: 3 }]],
    ['with two', ['of', 'to'], [{ labels: { of: 'a', to: 'b' }, value: 3 }]],
  ])('%s has no value, neither the last nor a zero', async (_title, labels: readonly string[], samples) => {
    const registry = new Registry()
    let broken = false
    const reading = () => (broken ? Promise.reject(new Error('away')) : Promise.resolve(samples))
    registerGauge(registry, { name: 'stockline_one', help: 'One.', labels, read: reading })
    const values = async () => (await registry.metrics()).split('\n').filter((line) => /^stockline/.test(line))
    expect(await values()).toEqual([expect.stringMatching(/ 3$/)])
    broken = true
    expect(await values()).toEqual([])
    broken = false
    expect(await values()).toHaveLength(1)
  })

  test('must carry the prefix', () => {
    const bare = { name: 'depth', help: 'Depth.', read: () => Promise.resolve([]) }
    expect(() => {
      registerGauge(new Registry(), bare)
    }).toThrow('must begin with stockline_')
  })
})

const byState = sql('select state, count(*)::int as n from things group by state')

const countsThings: NonNullable<(typeof things)['started']> = ({ db, metrics }) => {
  const rows = () => db.query<{ state: string; n: number }>(byState)
  metrics.gauge('stockline_things', 'Things.', async () => (await rows()).length)
  metrics.gaugeBy('stockline_things_by_state', 'Things.', 'state', async () => {
    await rows()
    return new Map([['new', 1]])
  })
  return () => Promise.resolve()
}
