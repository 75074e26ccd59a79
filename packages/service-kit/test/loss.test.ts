import { spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { clientFor, freePort, isAlive, testDatabase, until, type TestDatabase } from '@stockline/test-kit'
import { startService, type RunningService } from '../src/index.ts'
import { things, tokenFor } from './things.ts'
import { wayTo } from './way.ts'

let database: TestDatabase
let bus: TestDatabase
beforeAll(async () => {
  ;[database, bus] = await Promise.all([testDatabase('loss'), testDatabase('loss_bus')])
})
afterAll(() => Promise.all([database.drop(), bus.drop()]).then(() => undefined))

test('a database that is not there yet is waited for, and its loss is survived', async () => {
  const target = new URL(database.url)
  const way = await wayTo(new URL(database.url))
  target.port = String(way.port)
  const [busWay, busTarget] = [await wayTo(new URL(bus.url)), new URL(bus.url)]
  busTarget.port = String(busWay.port)
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const environment = {
    PORT: String(port),
    THINGS_DATABASE_URL: target.href,
    BUS_DATABASE_URL: busTarget.href,
    IDENTITY_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'silent',
  }
  let service: RunningService | undefined
  const starting = startService(things, environment).then((running) => (service = running))
  const client = clientFor(origin, tokenFor())
  const statusOf = async (path: string) => (await client.get(path)).status

  await until('it lives', async () => (await statusOf('/health/live').catch(() => 0)) === 200)
  expect(await statusOf('/health/ready')).toBe(503)
  expect((await client.get('/v1/things')).body).toMatchObject({ type: 'starting' })

  await way.open()
  await busWay.open()
  await starting
  await until('it is ready', async () => (await statusOf('/health/ready')) === 200)
  expect((await client.send('POST', '/v1/things', { body: { name: 'before' } })).status).toBe(201)

  way.cut()
  busWay.cut()
  const lost = await client.get('/v1/things')
  expect([lost.status, lost.headers['retry-after']]).toEqual([503, '2'])
  expect((await client.send('POST', '/v1/things', { body: { name: 'during' } })).status).toBe(503)
  await until('it is not ready', async () => (await statusOf('/health/ready')) === 503)
  expect(await statusOf('/health/live')).toBe(200)

  await way.open()
  await busWay.open()
  await until('it is ready again', async () => (await statusOf('/health/ready')) === 200)
  expect((await client.get<{ items: { name: string }[] }>('/v1/things')).body.items.map((item) => item.name)).toEqual([
    'before',
  ])
  expect((await client.send('POST', '/v1/things', { body: { name: 'after' } })).status).toBe(201)
  await service?.stop()
  way.cut()
  busWay.cut()
})

test('a service ends with its supervisor, however that ended', async () => {
  const main = new URL('./things.main.ts', import.meta.url).pathname
  const supervise = `
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, [process.argv[1]], { stdio: 'inherit' })
    process.stdout.write('child ' + child.pid + '\\n')
    setInterval(() => {}, 1000)`
  const supervisor = spawn(process.execPath, ['-e', supervise, main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      SUPERVISED: '1',
      THINGS_DATABASE_URL: database.url,
      BUS_DATABASE_URL: bus.url,
      IDENTITY_URL: 'http://127.0.0.1:9',
    },
  })
  let output = ''
  supervisor.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await until('it is ready', () => Promise.resolve(output.includes('"msg":"ready"')))
  const pid = Number(/child (\d+)/.exec(output)?.[1])
  expect(isAlive(pid)).toBe(true)
  supervisor.kill('SIGKILL')
  await until('it has ended', () => Promise.resolve(!isAlive(pid)))
  expect(output).toContain('the supervisor is gone')
})
