import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from '@stockline/test-kit'
import { serviceNames } from './settings.ts'
import { signal, stillRuns } from './process-table.ts'
import { emptyFolder, launch, removeFolder, sixFreePorts, type StartRun } from './start.harness.ts'

/** A machine that is busy takes long; what never comes must still fail. */
const patienceMs = 90_000
const answerLimitMs = 60_000

async function logIn(run: StartRun, username: string): Promise<string> {
  const { password } = JSON.parse(readFileSync(join(run.dataDir, 'demo.json'), 'utf8')) as { password: string }
  const answer = await fetch(`${run.url}/identity/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
    signal: AbortSignal.timeout(answerLimitMs),
  })
  expect(answer.ok).toBe(true)
  return ((await answer.json()) as { accessToken: string }).accessToken
}

async function skus(run: StartRun): Promise<string[]> {
  const authorization = `Bearer ${await logIn(run, 'manager')}`
  const answer = await fetch(`${run.url}/stock/v1/products`, {
    headers: { authorization },
    signal: AbortSignal.timeout(answerLimitMs),
  })
  const { items } = (await answer.json()) as { items: { sku: string }[] }
  return items.map((item) => item.sku).sort()
}

/** Kills a process and resolves when another has taken its place and the origin is ready again. */
async function killAndWait(run: StartRun, name: string): Promise<void> {
  const killed = run.processOf(name)
  signal(killed.pid, 'SIGKILL')
  // The new process has to be seen: an answer of the old state would prove nothing.
  await until(`another ${name}`, () => Promise.resolve(run.processOf(name).pid !== killed.pid), patienceMs)
  await until(`${name} to be back`, () => run.isReady(), patienceMs).catch((error: unknown) => {
    throw new Error(run.output(), { cause: error })
  })
}

function isSaid(run: StartRun, words: string): Promise<true> {
  return until(`"${words}"`, () => Promise.resolve(run.output().includes(words)), patienceMs)
}

describe('start, on an empty data folder', () => {
  let folder: string
  let run: StartRun

  beforeAll(async () => {
    folder = emptyFolder()
    // As root would have it after `mktemp -d`: nobody else may pass.
    run = await launch(folder)
  })
  afterAll(() => removeFolder(folder))

  test('is ready, and says where it is and who may log in', async () => {
    await run.ready()
    await isSaid(run, 'Ctrl-C')
    expect(run.output()).toContain(`Stockline is at ${run.url}`)
    for (const user of ['manager', 'supervisor', 'user', 'admin']) await logIn(run, user)
    expect(await skus(run)).toEqual(['PX', 'PY', 'PZ', 'RM-A', 'RM-B'])
  })

  test('PostgreSQL and the services listen on the loopback interface only', () => {
    const listening = execFileSync('cat', ['/proc/net/tcp', '/proc/net/tcp6'], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A')
      .map((fields) => fields[1]?.split(':') ?? [])
      .filter(([, port]) => parseInt(port ?? '', 16) >= run.port && parseInt(port ?? '', 16) <= run.port + 5)
    expect(listening.length).toBe(6)
    expect(new Set(listening.map(([address]) => address))).toEqual(new Set(['0100007F']))
  })

  test('a second start on the same folder is refused with a sentence', async () => {
    const second = await launch(folder)
    expect(await second.exit).toBe(1)
    expect(second.output()).toContain('already runs on the data folder')
    expect(second.output()).not.toMatch(/\n\s+at /)
    expect(await run.isReady()).toBe(true)
  })

  test.each([...serviceNames, 'origin', 'PostgreSQL'])('%s is back after kill -9', async (name) => {
    await killAndWait(run, name)
    expect(run.output()).toContain(`${name} was ended by SIGKILL; it is started again`)
    expect(await skus(run)).toHaveLength(5)
  })

  test('SIGTERM stops everything in order, and nothing is left running', async () => {
    const all = run.all()
    expect(all.length).toBeGreaterThan(6)
    expect(await run.terminate()).toBe(0)
    expect(all.filter(stillRuns)).toEqual([])
    expect(run.output()).toContain('Everything is stopped.')
    expect(existsSync(join(folder, 'start.lock'))).toBe(false)
    expect(existsSync(join(folder, 'postgres', 'postmaster.pid'))).toBe(false)
  })

  test('started again, the data and the logins are as they were', async () => {
    run = await launch(folder, { DEMO_PASSWORD: 'another one entirely' })
    await run.ready()
    expect(await skus(run)).toEqual(['PX', 'PY', 'PZ', 'RM-A', 'RM-B'])
    expect(run.output()).toContain('DEMO_PASSWORD only counts on an empty data folder')
    await isSaid(run, 'Ctrl-C')
    expect(run.output()).toContain('The walk-through is in README.md')
    expect(run.output()).not.toContain('curl')
  })

  test('kill -9 of everything at once is survived', async () => {
    const all = run.all()
    for (const mark of all) signal(mark.pid, 'SIGKILL')
    await run.exit
    run = await launch(folder, { PORT: String(run.port) })
    await run.ready()
    expect(await skus(run)).toHaveLength(5)
  })

  test('after kill -9 of start alone the services end by themselves, and the next start ends PostgreSQL', async () => {
    const services = serviceNames.map((name) => run.processOf(name))
    const postgres = run.processOf('PostgreSQL')
    signal(run.processOf('start').pid, 'SIGKILL')
    await run.exit
    await until('all have ended', () => Promise.resolve(!services.some(stillRuns)), patienceMs)
    run = await launch(folder, { PORT: String(run.port) })
    await run.ready()
    expect(stillRuns(postgres)).toBe(false)
    expect(await skus(run)).toHaveLength(5)
  })

  test('Kafka is refused on this folder before it is drained', async () => {
    await run.terminate()
    const other = await launch(folder, { KAFKA_BROKERS: '127.0.0.1:1' })
    expect(await other.exit).toBe(1)
    expect(other.output()).toContain('DRAIN=1 npx -y pnpm@10 start without KAFKA_BROKERS')
    const draining = await launch(folder, { DRAIN: '1' })
    expect(await draining.exit).toBe(0)
    expect(draining.output()).toContain('the next start may choose another bus')
  })
})

describe('start refuses with a sentence, not with a stack', () => {
  const folders: string[] = []
  const fresh = (): string => {
    const folder = emptyFolder()
    folders.push(folder)
    return folder
  }
  afterAll(async () => {
    for (const folder of folders) await removeFolder(folder)
  })

  async function refusal(dataDir: string, environment: Record<string, string> = {}, account = {}): Promise<string> {
    const run = await launch(dataDir, environment, account)
    expect(await run.exit).toBe(1)
    expect(run.output()).not.toMatch(/\n\s+at /)
    expect(run.output()).not.toContain('Unexpected')
    return run.output()
  }

  test('a port in use: which, for whom, and what chooses another', async () => {
    const port = await sixFreePorts()
    const server = createServer().listen(port + 5, '127.0.0.1')
    await once(server, 'listening')
    const said = await refusal(fresh(), { PORT: String(port) })
    expect(said).toContain(
      `Port ${port + 5}, which PostgreSQL needs, is in use by another program. POSTGRES_PORT chooses`,
    )
    server.close()
  })

  test('a data folder that is a file', async () => {
    const file = join(fresh(), 'file')
    writeFileSync(file, '')
    expect(await refusal(file)).toContain(`${file} is a file, not a folder`)
  })

  test('a data folder that may not be written, or not be passed', async () => {
    if (process.getuid?.() !== 0) return
    const nobody = { uid: 65_534, gid: 65_534 }
    const folder = fresh()
    chmodSync(folder, 0o755)
    expect(await refusal(join(folder, 'data'), {}, nobody)).toContain(`${folder} may not be passed or written`)
    chmodSync(folder, 0o700)
    expect(await refusal(join(folder, 'data'), {}, nobody)).toContain(`${folder} may not be passed or written`)
  })

  test('a damaged cluster', async () => {
    const folder = fresh()
    mkdirSync(join(folder, 'postgres', 'base', '16384'), { recursive: true })
    expect(await refusal(folder)).toContain("PostgreSQL's own files are missing")
  })

  test('wrong variables, all at once', async () => {
    const said = await refusal(fresh(), { PORT: 'abc', SEED: 'everything' })
    expect(said).toContain('PORT is a port')
    expect(said).toContain('SEED is demo or none')
  })
})

describe('start, for others', () => {
  let folder: string
  beforeAll(() => {
    folder = emptyFolder()
  })
  afterAll(() => removeFolder(folder))

  test('an ordinary user, on a half-made cluster, with no seed: begins anew and prints the code for the first administrator', async () => {
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    mkdirSync(join(folder, 'postgres'))
    writeFileSync(join(folder, 'postgres', 'postgresql.conf'), '')
    if ('uid' in nobody) execFileSync('chown', ['-R', '65534:65534', folder])
    else chownSync(folder, statSync(folder).uid, statSync(folder).gid)
    const run = await launch(folder, { SEED: 'none', HOME: folder }, nobody)
    await run.ready()
    await isSaid(run, 'Stockline is at')
    expect(run.output()).toContain('was only half made and held no data')
    const code = /first administrator is (\S{8,})/.exec(run.output())?.[1]
    const answer = await fetch(`${run.url}/identity/v1/first-administrator`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, username: 'root', name: 'Root', password: 'a long password 1' }),
    })
    expect(answer.status).toBe(201)
    expect(await run.terminate()).toBe(0)
    rmSync(join(folder, 'start.lock'), { force: true })
  })

  test('such a folder stays without demo data, and the code is not printed once there is an administrator', async () => {
    const contradiction = await launch(folder, { SEED: 'demo' })
    expect(await contradiction.exit).toBe(1)
    expect(contradiction.output()).toContain('This folder was begun without demo data.')
    const run = await launch(folder)
    await run.ready()
    await isSaid(run, 'Ctrl-C')
    expect(run.output()).toContain('Log in as your administrator.')
    expect(run.output()).not.toContain('one-time code')
    expect(existsSync(join(folder, 'demo.json'))).toBe(false)
    expect(await (await fetch(`${run.url}/health/ready`)).json()).toMatchObject({ ready: true, seeded: null })
    expect(await run.terminate()).toBe(0)
  })
})
