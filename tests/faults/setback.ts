/**
 * A service's database falls back under load: a copy of it, some documents old, takes its place. What then comes is measured: how
 * soon somebody is told, whether a position or a document's number is given twice, and whether the documented command puts everything right.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFor, startOwnKafka, until } from '@stockline/test-kit'
import { violationsOf } from '../../tools/invariants/check.ts'
import { makeProducts } from '@stockline/test-kit/load/goods'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { audit, type Reckoning } from './audit.ts'
import { type PersistentLoad, persistentLoad } from './persistent.ts'
import { documentsOnBus, ordersByBus } from './setback.bus.ts'
import { openSetback, type Writer } from './setback.database.ts'

export interface SetbackOptions {
  readonly bus: 'embedded' | 'kafka'
  /** Whose databases fall back at once, to moments of their own, the first one furthest. */
  readonly services: readonly Writer[]
  readonly rounds: number
  /** By so many documents at least. */
  readonly documents: number
  readonly clients: number
  /** Without the fence, as in an older version; of stock alone. The service is killed in every round but each third. */
  readonly bypass: boolean
  readonly say: (line: string) => void
}

/** Of one round, in milliseconds. */
interface Round {
  /** Each by so many documents. */
  readonly fellBackBy: readonly number[]
  /** Until readiness says it, of stock or, where the fence is bypassed, of a reader. */
  readonly alarm: number
  /** The command's own time, and until the service is ready after it. */
  readonly reconciled: number
  readonly ready: number
}

export interface SetbackReport extends Reckoning {
  readonly rounds: readonly Round[]
  readonly acknowledged: number
  /** Positions of the ledger, and numbers of receipts, that the bus has with two documents. */
  readonly givenTwice: number
  readonly numbersTwice: number
  /** What the command said. */
  readonly said: readonly string[]
  /** How the command ended, each time. */
  readonly codes: readonly (number | null)[]
  readonly violations: readonly string[]
}

const repository = join(import.meta.dirname, '../..')

/** What a client takes for a document at least. As fast as it goes, most of the run would be reading back what came meanwhile. */
const everyMs = 250

/** Sets stock back, again and again, and heals it each time. */
export async function runSetback(options: SetbackOptions): Promise<SetbackReport> {
  const { bus, services, rounds, clients, bypass, say } = options
  const kafka = bus === 'kafka' ? await startOwnKafka() : undefined
  const environment = bypass ? { HISTORY_FENCE: 'off' } : {}
  const where = kafka === undefined ? {} : { brokers: kafka.brokers }
  const system = await startSystem({ ...where, environment, readyMs: 300_000 }).catch(async (error: unknown) => {
    await kafka?.stop()
    throw error
  })
  try {
    const products = await makeProducts(system, 20, 'setback')
    // Orders that came by HTTP are not on the bus: where picking falls back they are lost.
    const orders = services.includes('picking') ? await ordersByBus(system) : undefined
    const load = persistentLoad(system, products, clients, everyMs, orders?.send)
    const measured: Round[] = []
    const said: string[] = []
    const codes: (number | null)[] = []
    for (let round = 0; round < rounds; round += 1) {
      await posted(load)
      const one = await setBack(system, options, round, said, codes)
      measured.push(one)
      say(
        `set back by ${one.fellBackBy.join(' and ')}: alarm after ${String(one.alarm)} ms, ready ${String(one.ready)} ms after it`,
      )
      await posted(load)
    }
    const acknowledged = await load.stop()
    const reckoning = await audit(system, acknowledged)
    const violations = await violationsOf(system.dataFolder)
    await orders?.close()
    const [positions, numbers] = await documentsOnBus(system)
    const twice = { givenTwice: givenTwice(positions), numbersTwice: givenTwice(numbers) }
    return { rounds: measured, acknowledged: acknowledged.length, ...reckoning, ...twice, said, codes, violations }
  } finally {
    await system.stop()
    await system.remove()
    await kafka?.stop()
  }
}

/** What the command said where it left something for a person: what must not be, and why, when it is. */
export function leftForPeople({ codes, said }: Pick<SetbackReport, 'codes' | 'said'>): readonly string[] {
  return said.filter((_text, round) => codes[round] !== 0)
}

function givenTwice(places: ReadonlyMap<string, ReadonlySet<string>>): number {
  return [...places.values()].filter((documents) => documents.size > 1).length
}

async function posted(load: PersistentLoad): Promise<void> {
  const since = performance.now()
  await until('a document is posted', () => Promise.resolve(load.firstPostedSince(since) !== undefined), 120_000)
}

async function setBack(
  system: System,
  { services, documents, bypass, say }: SetbackOptions,
  round: number,
  said: string[],
  codes: (number | null)[],
): Promise<Round> {
  const setbacks = await Promise.all(services.map((name) => openSetback(system, name)))
  try {
    // One after the other, as dumps of each database are: each is of a moment of its own.
    for (const setback of setbacks) {
      await setback.keep()
      await until('more documents', async () => (await setback.sentSince()) >= BigInt(documents), 120_000)
    }
    const swapped = []
    for (const setback of setbacks) swapped.push(await setback.swap(round % 3 !== 2))
    const tellers = bypass ? ['picking', 'valuation'] : services
    const alarm = await alarmAfter(system, Math.min(...swapped.map(({ at }) => at)), tellers, bypass)
    const began = performance.now()
    const { code, text } = await reconcile(system, services.includes('picking'))
    codes.push(code)
    said.push(text)
    say(text.trimEnd())
    const reconciled = Math.round(performance.now() - began)
    await until('all are ready', () => isReady(system), 120_000)
    const ready = Math.round(performance.now() - began)
    return { fellBackBy: swapped.map(({ lacks }) => Number(lacks)), alarm, reconciled, ready }
  } finally {
    for (const setback of setbacks) await setback.close()
  }
}

/** Polls readiness until the sentence is there. */
async function alarmAfter(system: System, since: number, tellers: readonly string[], bypass: boolean): Promise<number> {
  const sentence = bypass ? 'History changed' : 'The database has fallen back'
  await until(
    `somebody says "${sentence}"`,
    async () =>
      (await Promise.all(tellers.map((name) => readinessOf(system, name)))).some((text) => text.includes(sentence)),
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

/** The documented command, by the data folder or, as containers have it, by files that hold the addresses. */
function reconcile(system: System, byFiles: boolean): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [join(repository, 'tools/reconcile/main.ts')], {
    env: {
      ...process.env,
      ...(byFiles ? addressFiles(system) : { DATA_DIR: system.dataFolder }),
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

function addressFiles(system: System): Record<string, string> {
  const file = readFileSync(join(system.dataFolder, 'databases.json'), 'utf8')
  const { owners } = JSON.parse(file) as { owners: Record<string, string> }
  const named = Object.entries(owners).filter(([name]) => name !== 'bus' || system.brokers === undefined)
  return Object.fromEntries(
    named.map(([name, url]) => {
      const path = join(system.dataFolder, `${name}-address`)
      writeFileSync(path, `${url}\n`, { mode: 0o600 })
      return [`${name.toUpperCase()}_DATABASE_URL_FILE`, path]
    }),
  )
}
