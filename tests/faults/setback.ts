/**
 * stock's database falls back under load: a copy of it, some documents old, takes its place. What then comes is measured: how
 * soon somebody is told, whether a position is given twice, and whether the documented command puts everything right.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFor, startOwnKafka, until } from '@stockline/test-kit'
import pg from 'pg'
import { violationsOf } from '../../tools/invariants/check.ts'
import { makeProducts } from '../load/goods.ts'
import { processesBelow } from '../load/processes.ts'
import { startSystem, type System } from '../load/system.ts'
import { audit, type Reckoning } from './audit.ts'
import { type PersistentLoad, persistentLoad } from './persistent.ts'
import { positionsOnBus } from './setback.bus.ts'

export interface SetbackOptions {
  readonly bus: 'embedded' | 'kafka'
  readonly rounds: number
  /** By so many documents at least. */
  readonly documents: number
  readonly clients: number
  /** stock is killed meanwhile in every round but each third, in which it only loses its connections. */
  readonly bypass: boolean
  readonly say: (line: string) => void
}

/** Of one round, in milliseconds. */
interface Round {
  readonly fellBackBy: number
  /** Until readiness says it, of stock or, where the fence is bypassed, of a reader. */
  readonly alarm: number
  /** The command's own time, and until the service is ready after it. */
  readonly reconciled: number
  readonly ready: number
}

export interface SetbackReport extends Reckoning {
  readonly rounds: readonly Round[]
  readonly acknowledged: number
  /** Positions of the ledger that the bus has with two documents. */
  readonly givenTwice: number
  /** What the command said. */
  readonly said: readonly string[]
  /** How the command ended, each time. */
  readonly codes: readonly (number | null)[]
  readonly violations: readonly string[]
}

const repository = join(import.meta.dirname, '../..')

/** Sets stock back, again and again, and heals it each time. */
export async function runSetback(options: SetbackOptions): Promise<SetbackReport> {
  const { bus, rounds, clients, bypass, say } = options
  const kafka = bus === 'kafka' ? await startOwnKafka() : undefined
  const environment = bypass ? { HISTORY_FENCE: 'off' } : {}
  const where = kafka === undefined ? {} : { brokers: kafka.brokers }
  const system = await startSystem({ ...where, environment, readyMs: 300_000 }).catch(async (error: unknown) => {
    await kafka?.stop()
    throw error
  })
  try {
    const products = await makeProducts(system, 20, 'setback')
    const load = persistentLoad(system, products, clients)
    const measured: Round[] = []
    const said: string[] = []
    const codes: (number | null)[] = []
    for (let round = 0; round < rounds; round += 1) {
      await posted(load)
      const one = await setBack(system, options, round, said, codes)
      measured.push(one)
      say(
        `set back by ${String(one.fellBackBy)}: alarm after ${String(one.alarm)} ms, ready ${String(one.ready)} ms after it`,
      )
      await posted(load)
    }
    const acknowledged = await load.stop()
    const reckoning = await audit(system, acknowledged)
    const violations = await violationsOf(system.dataFolder)
    const places = await positionsOnBus(system)
    const givenTwice = [...places.values()].filter((documents) => documents.size > 1).length
    return { rounds: measured, acknowledged: acknowledged.length, ...reckoning, givenTwice, said, codes, violations }
  } finally {
    await system.stop()
    await system.remove()
    await kafka?.stop()
  }
}

async function posted(load: PersistentLoad): Promise<void> {
  const since = performance.now()
  await until('a document is posted', () => Promise.resolve(load.firstPostedSince(since) !== undefined), 120_000)
}

async function setBack(
  system: System,
  { documents, bypass, say }: SetbackOptions,
  round: number,
  said: string[],
  codes: (number | null)[],
): Promise<Round> {
  const admin = await administrator(system)
  try {
    await copy(admin)
    const before = await headOf(system, 'stock_copy')
    await until('more documents', async () => (await sentUpTo(system)) >= before + BigInt(documents), 120_000)
    const after = await swap(admin, system, round % 3 !== 2)
    const at = performance.now()
    const alarm = await alarmAfter(system, at, bypass)
    const began = performance.now()
    const { code, text } = await reconcile(system)
    codes.push(code)
    said.push(text)
    say(text.trimEnd())
    const reconciled = Math.round(performance.now() - began)
    await until('all are ready', () => isReady(system), 60_000)
    const ready = Math.round(performance.now() - began)
    return { fellBackBy: Number(after - before), alarm, reconciled, ready }
  } finally {
    await admin.end()
  }
}

async function administrator(system: System): Promise<pg.Client> {
  const url = new URL(ownerUrl(system, 'stock'))
  const read = (file: string) =>
    JSON.parse(readFileSync(join(system.dataFolder, file), 'utf8')) as Record<string, string>
  url.username = 'postgres'
  url.password = read('passwords.json')['postgres'] ?? ''
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  return client
}

function ownerUrl(system: System, name: string): string {
  const file = join(system.dataFolder, 'databases.json')
  const { owners } = JSON.parse(readFileSync(file, 'utf8')) as { owners: Record<string, string> }
  return owners[name] ?? ''
}

/** Nobody may be connected to a database that is copied or renamed. */
async function alone(admin: pg.Client, work: () => Promise<void>): Promise<void> {
  await admin.query('alter database stock allow_connections false')
  try {
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname like 'stock%'`)
    await until(
      'nobody is connected',
      async () => (await admin.query(`select from pg_stat_activity where datname like 'stock%'`)).rowCount === 0,
    )
    await work()
  } finally {
    await admin.query('alter database stock allow_connections true')
  }
}

async function copy(admin: pg.Client): Promise<void> {
  await admin.query('drop database if exists stock_copy')
  await alone(admin, async () => {
    await admin.query('create database stock_copy template stock owner stock')
  })
}

/** Puts the copy in the place of the database. The position that the ledger had come to by then. */
async function swap(admin: pg.Client, system: System, kill: boolean): Promise<bigint> {
  let last = 0n
  await alone(admin, async () => {
    if (kill) killStock(system)
    await admin.query('alter database stock rename to stock_gone')
    await admin.query('alter database stock_gone allow_connections true')
    last = await headOf(system, 'stock_gone')
    await admin.query('alter database stock_copy rename to stock')
  })
  await admin.query('drop database stock_gone with (force)')
  return last
}

function killStock(system: System): void {
  for (const { name, pid } of processesBelow(system.pid)) if (name === 'stock') process.kill(pid, 'SIGKILL')
}

async function headOf(system: System, database: string): Promise<bigint> {
  return ask(system, database, 'select position::text as position from ledger_head')
}

/** The last position that the bus has. */
async function sentUpTo(system: System): Promise<bigint> {
  return ask(
    system,
    'stock',
    `select coalesce(max(sequence), 0)::text as position from kit.outbox where topic = 'stock.ledger' and published_at is not null`,
  )
}

async function ask(system: System, database: string, text: string): Promise<bigint> {
  const url = new URL(ownerUrl(system, 'stock'))
  url.pathname = `/${database}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    const { rows } = await client.query<{ position: string }>(text)
    return BigInt(rows[0]?.position ?? 0)
  } finally {
    await client.end()
  }
}

/** Polls readiness until the sentence is there. */
async function alarmAfter(system: System, since: number, bypass: boolean): Promise<number> {
  const sentence = bypass ? 'History changed' : 'The database has fallen back'
  const readers = bypass ? ['picking', 'valuation'] : ['stock']
  await until(
    `somebody says "${sentence}"`,
    async () =>
      (await Promise.all(readers.map((name) => readinessOf(system, name)))).some((text) => text.includes(sentence)),
    60_000,
  )
  return Math.round(performance.now() - since)
}

async function readinessOf(system: System, service: string): Promise<string> {
  try {
    const { body } = await clientFor(system.origin).get(`/${service}/health/ready`, { timeoutMs: 2_000 })
    return JSON.stringify(body)
  } catch {
    return ''
  }
}

async function isReady(system: System): Promise<boolean> {
  try {
    return (await clientFor(system.origin).get('/health/ready', { timeoutMs: 2_000 })).status === 200
  } catch {
    return false
  }
}

/** The documented command. */
function reconcile(system: System): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [join(repository, 'tools/reconcile/main.ts')], {
    env: {
      ...process.env,
      DATA_DIR: system.dataFolder,
      ...(system.brokers === undefined ? {} : { KAFKA_BROKERS: system.brokers }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (text += bytes.toString()))
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, text })
    })
  })
}
