/** The order in which a system begins, runs and ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import { withFiles } from '@stockline/service-kit'
import { fastShutdown, postgresAccount } from '@stockline/postgres'
import { orCannotStart } from './account.ts'
import { hasUsers } from './beginning.ts'
import { type Bus, markDrained, useBus } from './bus-memory.ts'
import { type DataFolder, hold, openDataFolder, type Remnant } from './data-folder.ts'
import { knownSecrets } from './secrets.ts'
import { boundLogs, logOf } from './log-files.ts'
import { watchLaunchers } from './launcher.ts'
import { checkPorts } from './ports.ts'
import { startEmbeddedPostgres } from './postgres.ts'
import { clearRemains } from './postgres.cluster.ts'
import { endAll } from './process-table.ts'
import { haveSettled, untilReady, untilSettled } from './waiting.ts'
import { isSeeded, markSeeded, seedDemo, useSeed } from './seed.ts'
import {
  type DatabaseUrls,
  type IdentitySecrets,
  originEnvironment,
  originProgram,
  serviceEnvironment,
  serviceProgram,
  serviceUrl,
  spawnNode,
  variablesByFile,
} from './services.ts'
import { CannotStart, embeddedDatabases, readSettings, type Seed, serviceNames, type Settings } from './settings.ts'
import { type Supervised, supervise } from './supervisor.ts'
import { administered, firstAdministrator, reminder, walkthrough } from './walkthrough.ts'

const serviceEndMs = 12_000
const sameSignalMs = 1_500
/** A system that is started again is ready when it has caught up, or after so long: the work goes on meanwhile. */
const catchUpMs = 15_000

/** What our programs end with when their configuration or their database is not for them. */
const refusal = 2

type Environment = Readonly<Record<string, string | undefined>>

/** Everything that runs, in the order of its beginning. */
interface System {
  readonly settings: Settings
  readonly folder: DataFolder
  readonly say: (line: string) => void
  readonly running: Supervised[]
  readonly note: (name: string, pid: number | undefined) => void
}

/** Runs the system until it is stopped; resolves with the exit code. */
export async function start(given: Environment, workingDirectory: string): Promise<number> {
  const { environment, faults } = withFiles(variablesByFile, given)
  if (faults.length > 0) throw new CannotStart(faults.join('\n'))
  const settings = readSettings(environment, workingDirectory)
  const drain = environment['DRAIN'] === '1'
  const began = performance.now()
  const say = (line: string): void => void process.stdout.write(`  ${line}\n`)
  const withPostgres = embeddedDatabases(settings).length > 0
  const account = withPostgres ? orCannotStart(postgresAccount) : undefined
  const folder = openDataFolder(settings.dataDir, account, say)
  const held = hold(folder)
  const system: System = { settings, folder, say, running: [], note: held.note }
  const stopAsked = listenForStop()
  try {
    process.stdout.write(`Stockline starts on the data folder ${folder.path}\n`)
    await endRemains(held.remains, say)
    if (withPostgres && (await clearRemains(folder, 10_000)))
      say('a PostgreSQL of an earlier start still ran: it is ended')
    const work = drain ? drainBus(system) : run(system, began)
    // A system that has come up runs until it is stopped; one that fails to, ends at once.
    await Promise.race([stopAsked.asked, work.then((ended) => (ended ? undefined : stopAsked.asked))])
    if (stopAsked.wasAsked()) process.stdout.write('\nStopping …\n')
    return 0
  } finally {
    await stopAll(system, stopAsked)
    held.release()
    if (stopAsked.wasAsked()) process.stdout.write('Everything is stopped.\n')
  }
}

/** Services of a killed start end by themselves or are ended here; its PostgreSQL is shut down in order later. */
async function endRemains(remains: readonly Remnant[], say: (line: string) => void): Promise<void> {
  const programs = remains.filter((one) => !one.name.startsWith('PostgreSQL'))
  if (programs.length === 0) return
  say(`an earlier start was killed, and left ${programs.map((one) => one.name).join(', ')} running: ending them`)
  await endAll(programs, 'SIGTERM', serviceEndMs)
}

interface StopSignal {
  readonly asked: Promise<void>
  readonly wasAsked: () => boolean
  readonly askedAgain: () => boolean
  readonly again: Promise<void>
}

function listenForStop(): StopSignal {
  let times = 0
  let last = 0
  const first = Promise.withResolvers<undefined>()
  const second = Promise.withResolvers<undefined>()
  const heard = (): void => {
    // A terminal signals all processes of a group, and pnpm passes it on once more: one Ctrl-C comes twice.
    const now = performance.now()
    if (times > 0 && now - last < sameSignalMs) return
    last = now
    times += 1
    ;(times === 1 ? first : second).resolve(undefined)
  }
  watchLaunchers(heard)
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, heard)
  return { asked: first.promise, wasAsked: () => times > 0, askedAgain: () => times > 1, again: second.promise }
}

/** The origin first, so that nothing new comes in; then the services; then PostgreSQL. A second Ctrl-C hurries it. */
async function stopAll(system: System, stop: StopSignal): Promise<void> {
  const tiers = [['origin'], [...serviceNames], ['PostgreSQL']]
  void stop.again.then(() => system.say('asked twice: ending at once'))
  for (const tier of tiers) {
    const members = system.running.filter((one) => tier.includes(one.name))
    const signal = tier.includes('PostgreSQL') ? fastShutdown : 'SIGTERM'
    const orderly = Promise.all(
      members.map((one) => one.stop(stop.askedAgain() ? 'SIGKILL' : signal, patienceFor(one))),
    )
    await Promise.race([orderly, stop.again])
    if (stop.askedAgain()) await Promise.all(members.map((one) => one.stop('SIGKILL', 1_000)))
  }
}

function patienceFor(one: Supervised): number {
  return one.name === 'PostgreSQL' ? 60_000 : serviceEndMs
}

/** Databases, and the services begun: what both a normal start and a draining one need. */
async function begin(system: System): Promise<IdentitySecrets> {
  const { settings, folder, say } = system
  const names = embeddedDatabases(settings)
  await checkPorts(settings, names.length > 0)
  useBus(folder, busOf(settings))
  const secrets = knownSecrets(folder, settings, useSeed(folder, settings.seed), say)
  const logs = ['postgres', 'origin', ...serviceNames].map((name) => logOf(folder, name))
  boundLogs(logs)
  const embedded = names.length > 0 ? await startEmbeddedPostgres(system, names) : {}
  const urls: DatabaseUrls = { ...embedded, ...settings.databaseUrls }
  for (const name of serviceNames) {
    const log = logOf(folder, name)
    keep(system, name, () =>
      spawnNode(serviceProgram(name), serviceEnvironment(settings, name, urls, secrets), log, cacheIn(folder)),
    )
  }
  return secrets
}

/** Waits without end for a service that waits for its bus or another service; reports what it waits for. */
async function untilServicesAreReady(system: System): Promise<void> {
  const services = system.running.filter((one) => serviceNames.some((name) => name === one.name))
  await Promise.all(services.map((one) => untilReady(system, one)))
  system.say('the four services are ready')
}

function cacheIn(folder: DataFolder): string {
  return folder.file('compiled')
}

function busOf(settings: Settings): Bus {
  return settings.kafkaBrokers === undefined ? 'embedded' : 'kafka'
}

function keep(system: System, name: string, spawn: () => ReturnType<typeof spawnNode>): Supervised {
  let lives = 0
  const supervised = supervise({
    name,
    spawn,
    say: system.say,
    refusal,
    onSpawn: (child) => {
      system.note(name, child.pid)
      lives += 1
      if (lives > 1) void untilReady(system, supervisedLater(), performance.now()).catch(() => undefined)
    },
  })
  const supervisedLater = (): Supervised => supervised
  system.running.push(supervised)
  return supervised
}

/** The origin. It is not ready until `open`, which is called once when all is done that comes before the first request. */
interface Origin {
  readonly supervised: Supervised
  readonly open: () => void
}

function beginOrigin(system: System, seed: Seed): Origin {
  const { settings, say } = system
  let isOpen = false
  const supervised = supervise({
    name: 'origin',
    spawn: () =>
      spawnNode(
        originProgram,
        originEnvironment(settings, seed),
        logOf(system.folder, 'origin'),
        cacheIn(system.folder),
      ),
    say,
    refusal,
    onSpawn: (child) => {
      system.note('origin', child.pid)
      child.once('spawn', () => isOpen && child.send('open'))
    },
  })
  system.running.push(supervised)
  const open = (): void => {
    isOpen = true
    supervised.running()?.send('open')
  }
  return { supervised, open }
}

/**
 * A normal start. The origin answers from the beginning with the services that are there, and with 503 for the others.
 * Resolves with false: the system runs until it is stopped.
 */
async function run(system: System, began: number): Promise<boolean> {
  const { settings, say } = system
  const secrets = await begin(system)
  const { demo } = secrets
  const origin = beginOrigin(system, demo === undefined ? 'none' : 'demo')
  const base = `http://${settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host}:${settings.ports.origin}`
  await Promise.all([
    untilReady(system, origin.supervised).then(() => {
      say(`${base} answers, and serves what is ready`)
    }),
    untilServicesAreReady(system),
  ])
  const isFirst = !isSeeded(system.folder)
  const services = serviceNames.map((name) => serviceUrl(settings, name))
  if (demo !== undefined && isFirst) {
    await seedDemo(base, demo, say)
    await untilSettled(services)
    markSeeded(system.folder)
  } else if (!(await haveSettled(services, catchUpMs))) say('events are still under way: somebody works already')
  origin.open()
  say(`ready after ${((performance.now() - began) / 1_000).toFixed(1)} s`)
  process.stdout.write(`\n${await greeting(system, base, secrets, isFirst)}\n`)
  return false
}

/** The text when all is ready: in full at the first start, and brief later. */
async function greeting(system: System, base: string, secrets: IdentitySecrets, isFirst: boolean): Promise<string> {
  const { demo, firstAdministratorCode } = secrets
  if (demo !== undefined) return isFirst ? walkthrough(base, demo) : reminder(base, demo)
  const begun = await hasUsers(serviceUrl(system.settings, 'identity'), firstAdministratorCode)
  return begun ? administered(base) : firstAdministrator(base, firstAdministratorCode)
}

/** `DRAIN=1`: lets everything on the bus arrive, without taking requests, and ends. */
async function drainBus(system: System): Promise<boolean> {
  await begin(system)
  await untilServicesAreReady(system)
  await untilSettled(serviceNames.map((name) => serviceUrl(system.settings, name)))
  await sleep(500)
  await untilSettled(serviceNames.map((name) => serviceUrl(system.settings, name)))
  markDrained(system.folder, busOf(system.settings))
  system.say('all outboxes are published and all groups are at the end: the next start may choose another bus')
  return true
}
