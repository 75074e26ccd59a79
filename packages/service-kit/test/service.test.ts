import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { exitOf, until } from '@stockline/test-kit'
import { command, parseConfig, serviceConfig, sql, startService } from '../src/index.ts'
import { ConfigError } from '../src/process/config.ts'
import { buildOf } from '../src/runtime/build.ts'
import { HistoryUnsure } from '../src/database/write-gate.ts'
import { z } from 'zod'
import { startThings, things, tokenFor, type Started } from './things.ts'

let started: Started
beforeAll(async () => {
  started = await startThings({ PUBLIC_PREFIX: '/things', LOG_LEVEL: 'info' })
})
afterAll(() => started.stop())

const get = async (path: string) => {
  const answer = await fetch(started.service.url + path)
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    headers: answer.headers,
    text: await answer.text(),
  }
}

interface OpenApi {
  readonly openapi: string
  readonly servers: unknown
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
interface Operation {
  readonly 'x-right': string
  readonly parameters: readonly { readonly name: string; readonly required?: boolean }[]
  readonly security: unknown
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, unknown>> }>>
}

describe('what a service shows of itself', () => {
  test('health', async () => {
    expect((await get('/health/live')).status).toBe(200)
    const ready = await get('/health/ready')
    expect(JSON.parse(ready.text)).toEqual({
      ready: true,
      checks: {
        database: { ok: true },
        bus: { ok: true },
        consumers: { ok: true, detail: { lag: '0' } },
        history: { ok: true, detail: 'unchanged' },
      },
    })
  })

  test('metrics: requests by route, outbox, lag, invariants', async () => {
    await started.client.get('/v1/things')
    await until('the invariants were run', async () => (await get('/metrics')).text.includes('{name="no-evil"'))
    const { text } = await get('/metrics')
    expect(text).toMatch(
      /stockline_http_request_duration_seconds_count\{.*route="\/v1\/things",method="GET",status="200"\} \d/,
    )
    expect(text).toContain('stockline_invariant_violations{name="no-evil",service="things"} 0')
    for (const name of [
      'stockline_outbox_depth',
      'stockline_consumer_lag',
      'stockline_parked_events',
      'process_cpu_seconds_total',
    ])
      expect(text).toContain(name)
  })

  test('which build it is: in the first line of its log and in the metrics', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(started.lines()[0]).toMatchObject({ msg: 'starting', version, revision: 'unknown' })
    expect((await get('/metrics')).text).toContain(
      `stockline_build_info{version="${version}",revision="unknown",service="things"} 1`,
    )
    expect(buildOf({ STOCKLINE_VERSION: '9.9.9', STOCKLINE_REVISION: 'abc' })).toEqual({
      version: '9.9.9',
      revision: 'abc',
    })
    expect(buildOf({ STOCKLINE_VERSION: '', STOCKLINE_REVISION: '' })).toEqual({ version, revision: 'unknown' })
  })

  test('one log line per request, none for health, and no secrets', async () => {
    const before = started.lines().length
    await fetch(`${started.service.url}/v1/things?name=x`, {
      headers: { authorization: `Bearer ${tokenFor()}`, 'x-correlation-id': 'seen-1' },
    })
    await get('/health/live')
    const ofItsOwn = 'the relay is active in this process'
    const lines = started
      .lines()
      .slice(before)
      .filter(({ msg }) => msg !== ofItsOwn)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      level: 'info',
      service: 'things',
      msg: 'request',
      route: '/v1/things',
      method: 'GET',
      status: 200,
      correlationId: 'seen-1',
      actor: 'u-1',
    })
    started.service.log.info({ body: { password: 'p', inner: { refreshToken: 'r' } }, authorization: 'b' }, 'secrets')
    const secrets = JSON.stringify(started.lines().at(-1))
    expect(secrets).toContain('[redacted]')
    expect(secrets).not.toMatch(/"[prb]"/)
  })

  test('its OpenAPI document, with rights, headers and problems', async () => {
    const document = JSON.parse((await get('/v1/openapi.json')).text) as OpenApi
    expect(document.openapi).toBe('3.1.0')
    expect(document.servers).toEqual([{ url: '/things' }])
    const approve = document.paths['/v1/things/{id}/approve']!['post']!
    expect(approve['x-right']).toBe('thing.approve')
    expect(approve.parameters.map((one) => [one.name, one.required === true])).toEqual(
      expect.arrayContaining([
        ['id', true],
        ['Idempotency-Key', true],
        ['If-Match', true],
        ['X-Correlation-Id', false],
      ]),
    )
    expect(approve.responses['422']!.content['application/problem+json']).toHaveProperty(
      'schema.$ref',
      '#/components/schemas/Problem',
    )
    expect(document.paths['/v1/login']?.['post']?.security).toEqual([])
    expect(document.paths['/v1/things']!['get']!.parameters.map((one) => one.name)).toContain('cursor')
    expect(document.paths['/v1/login']?.['post']?.responses).toHaveProperty('401')
    expect(document.paths['/v1/parked']).toBeDefined()
  })

  test('a reference to browse, with nothing from elsewhere', async () => {
    const page = await get('/v1/docs')
    expect(page.type).toBe('text/html; charset=utf-8')
    expect(page.text).not.toMatch(/https?:/)
    for (const [, address] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const asset = await fetch(new URL(address ?? '', `${started.service.url}/v1/docs`))
      expect([address, asset.status]).toEqual([address, 200])
      await asset.arrayBuffer()
    }
  })

  test('the reference with a slash leads to the one without, behind any prefix', async () => {
    const answer = await fetch(`${started.service.url}/v1/docs/`, { redirect: 'manual' })
    expect(answer.status).toBe(308)
    const address = answer.headers.get('location') ?? ''
    expect(new URL(address, 'http://origin/things/v1/docs/').pathname).toBe('/things/v1/docs')
    expect(await (await fetch(`${started.service.url}/v1/docs/`)).text()).toContain('<!doctype html>')
  })

  test('the address of a new document is given with the prefix', async () => {
    const made = await started.client.send<{ id: string }>('POST', '/v1/things', { body: { name: 'prefixed' } })
    expect(made.headers['location']).toBe(`/things/v1/things/${made.body.id}`)
  })
})

describe('a service does not start', () => {
  test('with a route that names no right, or twice the same address', async () => {
    const bare = { method: 'post', path: '/v1/x', summary: 'x', run: () => Promise.resolve() }
    const unguarded = command(bare as unknown as Parameters<typeof command>[0])
    await expect(startThings({}, { ...things, routes: () => [unguarded] })).rejects.toThrow('POST /v1/x names no right')
    const twice = command({ method: 'post', path: '/v1/x', right: 'x.y', summary: 'x', run: () => Promise.resolve() })
    await expect(startThings({}, { ...things, routes: () => [twice, twice] })).rejects.toThrow('declared twice')
  })

  test('with a right that no table knows', async () => {
    const mayDo = (_actor: unknown, right: string): boolean => {
      if (right !== 'x.y') return true
      throw new Error('No table of rights knows "x.y".')
    }
    const route = command({ method: 'post', path: '/v1/x', right: 'x.y', summary: 'x', run: () => Promise.resolve() })
    await expect(startThings({}, { ...things, mayDo, routes: () => [route] })).rejects.toThrow('No table of rights')
  })

  test('with a wrong configuration, and names all that is wrong at once', async () => {
    const environment = { PORT: 'x', LOG_LEVEL: 'loud', TIME_ZONE: 'Mars', CURRENCY: 'usd', PUBLIC_PREFIX: 'things/' }
    await expect(startService(things, environment)).rejects.toThrow(ConfigError)
    const message = await startService(things, environment).then(
      () => '',
      (error: unknown) => String(error),
    )
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'TIME_ZONE',
      'CURRENCY',
      'PUBLIC_PREFIX',
      'THINGS_DATABASE_URL',
      'BUS_DATABASE_URL',
    ])
      expect(message).toContain(`- ${name} `.replace('- BUS_DATABASE_URL ', 'BUS_DATABASE_URL is missing'))
  })

  test.each([
    [{ KAFKA_BROKERS: 'a:1', BUS_DATABASE_URL: 'postgres://x/y' }, 'exclude each other'],
    [{ BUS_DATABASE_URL: 'postgres://x/y', IDENTITY_URL: 'http://x/' }, 'IDENTITY_URL must be'],
    [{ BUS_DATABASE_URL: 'postgres://x/y' }, 'IDENTITY_URL is missing'],
    [{ BUS_DATABASE_URL: ' ' }, 'KAFKA_BROKERS or BUS_DATABASE_URL is missing'],
  ])('with %j', (environment, fault) => {
    const rest = { PORT: '0', A_B_DATABASE_URL: 'postgres://x/y' }
    expect(() => serviceConfig('a-b', {}, { ...rest, ...environment })).toThrow(fault)
  })

  test('and a value that may be secret is not repeated', () => {
    expect(() => parseConfig({ SECRET: z.string().min(20) }, { SECRET: 'hunter2' })).toThrow(/SECRET (?!.*hunter2)/)
  })
})

describe('a service’s own configuration', () => {
  test('stands beside what all have', () => {
    const config = serviceConfig(
      'stock',
      { DEMO: z.enum(['yes', 'no']).default('no') },
      {
        PORT: '8080',
        STOCK_DATABASE_URL: 'postgres://u:p@h:1/d',
        KAFKA_BROKERS: 'a:1, b:2',
        IDENTITY_URL: 'http://h:1',
      },
    )
    expect(config).toMatchObject({
      DEMO: 'no',
      port: 8080,
      host: '127.0.0.1',
      bus: { kind: 'kafka', brokers: ['a:1', 'b:2'] },
      company: 'DEMO',
      currency: 'USD',
      timeZone: 'UTC',
    })
  })
})

test('an invariant that is violated shows in the metrics and in the log', async () => {
  const evil = await startThings(
    {},
    {
      ...things,
      invariants: [{ name: 'always', summary: 'Never so', statement: sql('select 1 as offending') }],
    },
  )
  await until('it shows', () => Promise.resolve(evil.lines().some((line) => line['invariant'] === 'always')))
  const metrics = await (await fetch(`${evil.service.url}/metrics`)).text()
  expect(metrics).toContain('stockline_invariant_violations{name="always",service="things"} 1')
  await evil.stop()
})

describe('work of its own that cannot begin while the history is unsure', () => {
  const startedWith = async (...outcomes: (Error | 'begun')[]) => {
    let [begun, stopped] = [0, 0]
    const fatal: Error[] = []
    const one = await startThings(
      {},
      {
        ...things,
        started: () => {
          const outcome = outcomes[Math.min(begun, outcomes.length - 1)]
          begun += 1
          if (outcome instanceof Error) throw outcome
          return () => {
            stopped += 1
            return Promise.resolve()
          }
        },
      },
      { onFatal: (error) => void fatal.push(error) },
    )
    return { one, fatal, begun: () => begun, stopped: () => stopped }
  }
  const unsure = new HistoryUnsure('nobody knows yet')
  const fault = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

  test('begins later, though the database is away in between, and is stopped with the service', async () => {
    const { one, fatal, begun, stopped } = await startedWith(unsure, fault, 'begun')
    expect((await one.client.get('/v1/things')).status).toBe(200)
    await until('it has begun', () => Promise.resolve(begun() === 3))
    await one.stop()
    expect([fatal, stopped()]).toEqual([[], 1])
  })

  test('ends the service by a bug, instead of being left undone in silence', async () => {
    const { one, fatal, begun } = await startedWith(unsure, new TypeError('a bug'), 'begun')
    await until('somebody is told', () => Promise.resolve(fatal.length > 0))
    expect([fatal.map(String), begun()]).toEqual([['TypeError: a bug'], 2])
    await one.stop()
  })

  test('is not tried again after a stop', async () => {
    const { one, begun } = await startedWith(unsure)
    await one.stop()
    const before = begun()
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(begun()).toBe(before)
  })

  test('that meets a fault at the very start is the start’s own', async () => {
    await expect(startedWith(fault)).rejects.toThrow('ECONNREFUSED')
  })
})

test('a stop lets running requests end, answers those that wait, and takes no new ones', async () => {
  const own = await startThings()
  const slow = own.client.send('POST', '/v1/things', { body: { name: 'slow', slowMs: 500 } })
  const waiting = own.client.send('POST', '/v1/things', { body: { name: 'waiting' }, wait: 20 })
  await until(
    'both run',
    async () => (await own.client.get<{ items: unknown[] }>('/v1/things')).body.items.length === 1,
  )
  await own.stop()
  expect(own.lines().filter(({ msg }) => msg === 'did not end in time')).toEqual([])
  expect([(await slow).status, (await waiting).status]).toEqual([201, 202])
  await expect(fetch(own.service.url)).rejects.toThrow()
})

describe('a process', () => {
  const main = new URL('./things.main.ts', import.meta.url).pathname

  function run(environment: Record<string, string>) {
    const child = spawn(process.execPath, [main], { env: { ...process.env, ...environment }, stdio: 'pipe' })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const ended = exitOf(child)
    return { child, ended, output: () => output }
  }

  test('with a wrong configuration says so in words and ends with 2', async () => {
    const { ended, output } = run({
      THINGS_DATABASE_URL: 'nonsense',
      PORT: '',
      BUS_DATABASE_URL: '',
      KAFKA_BROKERS: '',
    })
    expect((await ended)[0]).toBe(2)
    expect(output()).toContain('things: The configuration is not usable:\n  - PORT is missing')
    expect(output()).not.toContain('    at ')
  })

  test('ends cleanly on SIGTERM', async () => {
    const { child, ended, output } = run(started.environment)
    await until('it is ready', () => Promise.resolve(output().includes('"msg":"ready"')))
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(output()).toContain('"msg":"stopped"')
  })

  test('ends by itself on what nobody catches', async () => {
    const { ended, output } = run({ ...started.environment, THINGS_TRIP: '1' })
    expect((await ended)[0]).toBe(1)
    expect(output()).toContain('tripped on purpose')
  })
})
