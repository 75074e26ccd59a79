/**
 * A release and its way back, under load: picking in this version, the next one beside it, the next one alone, and this one
 * again, on the database that the next one has migrated.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startOwnKafka, until, type KafkaServer } from '@stockline/test-kit'
import pg from 'pg'
import { violationsOf } from '../../tools/invariants/check.ts'
import { makeProducts } from '@stockline/test-kit/load/goods'
import { processesBelow } from '@stockline/test-kit/load/processes'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { audit, type Reckoning } from './audit.ts'
import { environmentOf, pickingPid, startPickingBeside, type Beside } from './beside.ts'
import { exchangeable, nextVersion, type Exchangeable } from './next-version.ts'
import { persistentLoad, type PersistentLoad } from './persistent.ts'

export interface VersionsOptions {
  readonly bus: 'embedded' | 'kafka'
  readonly ordersPerSecond: number
  /** How long each service, PostgreSQL and Kafka stand still in turn, in each step. 0: they do not. */
  readonly stopMs: number
  readonly say: (line: string) => void
}

export interface VersionsReport extends Reckoning {
  readonly acknowledged: number
  /** Events of picking that only the next version writes. */
  readonly withNewField: number
  readonly violations: readonly string[]
}

interface Scene extends VersionsOptions {
  readonly system: System
  readonly checkout: Exchangeable
  readonly load: PersistentLoad
  readonly kafka: KafkaServer | undefined
}

/** Goes there and back. Every order that was sent is looked up at the end. */
export async function runVersions(options: VersionsOptions): Promise<VersionsReport> {
  const checkout = exchangeable()
  const kafka = options.bus === 'kafka' ? await startOwnKafka() : undefined
  const system = await startSystem({
    root: checkout.root,
    readyMs: 300_000,
    ...(kafka === undefined ? {} : { brokers: kafka.brokers }),
  })
  let beside: Beside | undefined
  try {
    const products = await makeProducts(system, 20, 'versions')
    const clients = Math.max(3, options.ordersPerSecond * 4)
    const load = persistentLoad(system, products, clients, (clients * 1_000) / options.ordersPerSecond)
    const scene = { ...options, system, checkout, load, kafka }
    await step(scene, 'this version', await versionRunning(system))

    beside = await startBeside(scene)
    await step(scene, 'the next one beside it', nextVersion)

    const before = await versionRunning(system)
    checkout.use('next')
    await exchange(scene)
    await beside.stop()
    await step(scene, 'the next one alone', await versionRunning(system))
    if ((await versionRunning(system)) !== nextVersion) throw new Error('the next version does not run')

    checkout.use('this')
    await exchange(scene)
    await step(scene, 'this one again', await versionRunning(system))
    if ((await versionRunning(system)) !== before) throw new Error('this version does not run again')

    const acknowledged = await load.stop()
    const reckoning = await audit(system, acknowledged)
    const withNewField = await eventsWithNewField(system)
    return {
      acknowledged: acknowledged.length,
      ...reckoning,
      withNewField,
      violations: await violationsOf(system.dataFolder),
    }
  } finally {
    await beside?.stop()
    await system.stop()
    await system.remove()
    await kafka?.stop()
    checkout.remove()
  }
}

/** Documents go through from beginning to end; then all that may stand still does, one after the other. */
async function step(scene: Scene, name: string, version: string): Promise<void> {
  await documentSince(scene, performance.now())
  scene.say(`${name} (${version}): documents are posted`)
  if (scene.stopMs === 0) return
  const kafkaPid = scene.kafka?.pid()
  const names = ['identity', 'stock', 'picking', 'valuation', 'postgres', ...(kafkaPid === undefined ? [] : ['kafka'])]
  for (const victim of names) {
    const pids =
      victim === 'kafka'
        ? [kafkaPid ?? 0]
        : processesBelow(scene.system.pid).flatMap((one) => (one.name === victim ? [one.pid] : []))
    for (const pid of pids) signal(pid, 'SIGSTOP')
    await sleep(scene.stopMs)
    for (const pid of pids) signal(pid, 'SIGCONT')
    const back = performance.now()
    const ms = (await documentSince(scene, back)) - back
    scene.say(
      `  ${victim} stood still for ${String(scene.stopMs / 1_000)} s; a document ${(ms / 1_000).toFixed(1)} s later`,
    )
  }
}

/** A backend of PostgreSQL may have ended by itself. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function documentSince({ load }: Scene, at: number): Promise<number> {
  return until('a document', () => Promise.resolve(load.firstPostedSince(at)), 120_000)
}

/** Ends picking, which is started again as the checkout has it now. */
async function exchange({ system }: Scene): Promise<void> {
  const old = pickingPid(system)
  process.kill(old, 'SIGTERM')
  await until('picking to be started again', () => Promise.resolve(![0, old].includes(pickingPid(system))), 60_000)
  await until('picking to be ready', async () => (await fetch(`${system.origin}/health/ready`)).ok, 90_000)
}

/** One more picking on the same database and bus, in the next version. It migrates. */
async function startBeside({ system, checkout }: Scene): Promise<Beside> {
  const started = await startPickingBeside(system, checkout.nextProgram)
  await until('the next version to be ready', started.isReady, 90_000)
  return started
}

async function versionRunning(system: System): Promise<string> {
  const port = environmentOf(pickingPid(system))['PORT'] ?? ''
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return /^stockline_build_info\{[^}]*version="([^"]*)"/m.exec(metrics)?.[1] ?? 'unknown'
}

async function eventsWithNewField(system: System): Promise<number> {
  const file = join(system.dataFolder, 'databases.json')
  const { readers } = JSON.parse(readFileSync(file, 'utf8')) as { readers: { picking: string } }
  const client = new pg.Client({ connectionString: readers.picking })
  await client.connect()
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from kit.outbox where value::jsonb -> 'data' ->> 'nextNote' = 'of the next version'`,
  )
  await client.end()
  return rows[0]?.count ?? 0
}
