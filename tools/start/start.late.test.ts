/** `start` while what some services stand on is away: a database of theirs, the bus. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { type PostgresServer, startPostgres, until } from '@stockline/test-kit'
import pg from 'pg'
import { emptyFolder, launch, removeFolder, type StartRun } from './start.harness.ts'

let folder: string
let run: StartRun
let port: number
let late: PostgresServer | undefined
const waitMs = 120_000

/** On the server that is started later: its port is ours, and has no listener yet. */
const lateUrl = (name: string): string => `postgresql://postgres@127.0.0.1:${String(port)}/${name}`

beforeAll(async () => {
  folder = emptyFolder()
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  ;({ port } = probe.address() as AddressInfo)
  probe.close()
  run = await launch(folder, {
    SEED: 'none',
    STOCK_DATABASE_URL: lateUrl('stock'),
    BUS_DATABASE_URL: lateUrl('bus'),
  })
  await until('the origin answers', () => answers('/health/live'), waitMs)
}, 150_000)

afterAll(async () => {
  await run.terminate()
  await late?.stop()
  await removeFolder(folder)
})

async function answers(path: string): Promise<boolean> {
  return fetch(run.url + path).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function ask(path: string, body?: object) {
  const sent =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(run.url + path, sent)
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> }
}

test('the origin answers at once, and says that not all is ready', async () => {
  const said = `${run.url} answers, and serves what is ready`
  await until('it says so', () => Promise.resolve(run.output().includes(said)), waitMs)
  expect(run.output()).not.toContain('ready after')
  const { status, body } = await ask('/health/ready')
  expect([status, body['ready']]).toEqual([503, false])
})

test('a service whose database is away is answered for with 503 in words, and with when to try again', async () => {
  await until('stock answers', async () => (await ask('/stock/v1/products')).body['type'] === 'starting', waitMs)
  const { status, headers, body } = await ask('/stock/v1/products')
  expect([status, headers.get('retry-after'), headers.get('content-type')]).toEqual([
    503,
    '1',
    expect.stringContaining('application/problem+json'),
  ])
  expect(body['detail']).toBe('The service is starting. Try again shortly.')
})

test.each(['picking', 'valuation'])('%s serves without the bus', async (name) => {
  await until(`${name} serves`, async () => (await ask(`/${name}/v1/parked`)).status === 401, waitMs)
  expect(await answers(`/${name}/v1/openapi.json`)).toBe(true)
})

test('identity serves without the bus: somebody signs in', async () => {
  await until('identity serves', () => answers('/identity/v1/openapi.json'), waitMs)
  const password = 'a long password 1'
  const refused = await ask('/identity/v1/sessions', { username: 'nobody', password })
  expect([refused.status, refused.body['type']]).toEqual([401, 'login-wrong'])
})

test('start says what is waited for, and that all is ready only when it is', async () => {
  await until('it says so', () => Promise.resolve(/stock waits: .*does not answer yet/.test(run.output())), waitMs)
  await until('it says so', () => Promise.resolve(/picking waits: .*not there yet/.test(run.output())), waitMs)
  expect(run.output()).not.toContain('ready after')
  late = await startPostgres({ port })
  const client = new pg.Client({ connectionString: late.url })
  await client.connect()
  for (const name of ['stock', 'bus']) await client.query(`create database ${name}`)
  await client.end()
  await until('all is ready', () => run.isReady(), waitMs)
  await until('it says so', () => Promise.resolve(run.output().includes('ready after')), waitMs)
  expect((await ask('/stock/v1/products')).status).toBe(401)
}, 150_000)
