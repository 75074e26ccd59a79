/**
 * Three brokers with TLS, logins and client certificates, under load: one is killed, then another, then both are back. What is
 * measured is how soon documents are posted again, and what the services answer while they cannot be.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clientFor, makeAuthority, type SecuredKafka, startSecuredKafka, until } from '@stockline/test-kit'
import type { KafkaConfig } from 'kafkajs'
import { violationsOf } from '../../tools/invariants/check.ts'
import { makeProducts } from '@stockline/test-kit/load/goods'
import { processesBelow } from '@stockline/test-kit/load/processes'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { audit, auditOrders, type Reckoning } from './audit.ts'
import { type Beside, pickingProgram, startPickingBeside } from './beside.ts'
import { type OrderStream, streamOrders } from './order-stream.ts'
import { watchAnswers, type AnswerWatch, type Answers, unreadyChecks } from './outage.answers.ts'
import { type PersistentLoad, persistentLoad } from './persistent.ts'

export interface OutageOptions {
  readonly clients: number
  /** How long one broker, and then two, are away. */
  readonly oneDownMs: number
  readonly twoDownMs: number
  readonly say: (line: string) => void
}

/** Of one phase. Times are milliseconds. */
interface Phase extends Answers {
  readonly name: string
  /** From the beginning of the phase until a document was posted that was validated after it; undefined: none was. */
  readonly postedAfter: number | undefined
  /** Until every service was ready; undefined: not in this phase. */
  readonly readyAfter: number | undefined
  /** Orders that the brokers acknowledged. */
  readonly ordersTaken: number
  /** The most lines that one process wrote into its log, per minute. */
  readonly logLinesPerMinute: number
}

export interface OutageReport extends Reckoning {
  readonly phases: readonly Phase[]
  /** From the start of a new process, while two brokers were dead, until it answered a question about its own data. */
  readonly newProcessServesAfter: number
  /** What that process said about its readiness, by check. */
  readonly newProcessSays: Readonly<Record<string, string>>
  readonly acknowledged: number
  readonly orders: number
  readonly processEnds: number
  /** What `start` said of processes that ended. */
  readonly ends: readonly string[]
  /** Consumers that were taken for dead. */
  readonly consumersReplaced: number
  readonly violations: readonly string[]
}

const password = 'outage-password'
const recoveryLimitMs = 120_000

/** Runs all phases and looks every acknowledged document and order up. */
export async function runOutage(options: OutageOptions): Promise<OutageReport> {
  const { say } = options
  const folder = mkdtempSync(join(tmpdir(), 'stockline-outage-'))
  const access = makeAccess(folder)
  const kafka = await startSecuredKafka({ ...access.listener, brokers: 3 })
  say('three brokers answer')
  const environment = { ...access.variables, KAFKA_REPLICATION: '3' }
  let system: System | undefined
  let sound = false
  try {
    system = await startSystem({ brokers: kafka.brokers, readyMs: 180_000, environment })
    say('the system is ready on them')
    const report = await phases({ ...options, system, kafka, client: access.client(kafka.brokers) })
    sound = outlived(report)
    return report
  } finally {
    await system?.stop()
    if (sound) await system?.remove()
    else if (system !== undefined) say(`what was logged stays in ${system.dataFolder}`)
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Scene extends OutageOptions {
  readonly system: System
  readonly kafka: SecuredKafka
  readonly client: Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>
}

async function phases(scene: Scene): Promise<OutageReport> {
  const { system, kafka, client, clients, oneDownMs, twoDownMs, say } = scene
  const products = await makeProducts(system, 20, 'outage')
  const before = processesOf(system)
  const load = persistentLoad(system, products, clients, 500)
  const orders = streamOrders(client, products[0] ?? '', 500)
  const measure = phaseMeter(scene, load, orders)

  const calm = await measure('all three', 5_000)
  await kafka.kill(0)
  const one = await measure('one killed', oneDownMs)
  await kafka.kill(1)
  const beside = besideWhileDown(system)
  const two = await measure('two killed', twoDownMs, false)
  const started = await beside
  const restarted = performance.now()
  kafka.restart(0)
  kafka.restart(1)
  await Promise.all([kafka.answers(0), kafka.answers(1)])
  say(`both brokers answer again ${((performance.now() - restarted) / 1_000).toFixed(1)} s after their start`)
  const back = await measure('all back', 10_000)
  await until('the new process is ready', started.isReady, recoveryLimitMs)
  await started.stop()

  const acknowledged = await load.stop()
  const streamed = await orders.stop()
  const documents = await audit(system, acknowledged)
  const ordered = await auditOrders(system, streamed)
  const after = processesOf(system)
  return {
    phases: [calm, one, two, back],
    newProcessServesAfter: started.newProcessServesAfter,
    newProcessSays: started.newProcessSays,
    acknowledged: acknowledged.length,
    orders: streamed.length,
    lost: documents.lost + ordered.lost,
    doubled: documents.doubled + ordered.doubled,
    halfPosted: documents.halfPosted,
    processEnds: before.filter((pid) => !after.includes(pid)).length,
    ends: system
      .said()
      .split('\n')
      .filter((line) => /ended|started again/.test(line)),
    consumersReplaced: logLines(system, /the consumer has ended/).reduce((sum, count) => sum + count, 0),
    violations: await violationsOf(system.dataFolder),
  }
}

type Measure = (name: string, ms: number, recovers?: boolean) => Promise<Phase>

/** Measures a phase that lasts so long; longer, where documents have not been posted again by then and should be. */
function phaseMeter({ system, say }: Scene, load: PersistentLoad, orders: OrderStream): Measure {
  return async (name, ms, recovers = true) => {
    const at = performance.now()
    const linesBefore = logLines(system, /./)
    const ordersBefore = orders.acknowledged()
    const watch: AnswerWatch = watchAnswers(system)
    const ready = readyAfter(watch, at)
    await sleep(ms)
    if (recovers) {
      await until(`a document after "${name}"`, () => postedSince(load, at), recoveryLimitMs)
      if (name === 'all back') await until('all are ready', () => Promise.resolve(ready()), recoveryLimitMs)
    }
    const answers = await watch.stop()
    const posted = load.firstPostedSince(at)
    const minutes = (performance.now() - at) / 60_000
    const lines = logLines(system, /./).map((count, index) => count - (linesBefore[index] ?? 0))
    const phase = {
      name,
      postedAfter: posted === undefined ? undefined : Math.round(posted - at),
      readyAfter: ready(),
      ordersTaken: orders.acknowledged() - ordersBefore,
      logLinesPerMinute: Math.round(Math.max(...lines) / minutes),
      ...answers,
    }
    say(JSON.stringify(phase, null, 2))
    return phase
  }
}

function postedSince(load: PersistentLoad, at: number): Promise<number | undefined> {
  const failure = load.failure()
  return failure === undefined ? Promise.resolve(load.firstPostedSince(at)) : Promise.reject(failure)
}

function readyAfter(watch: AnswerWatch, at: number): () => number | undefined {
  return () => {
    const since = watch.allReadySince()
    return since === undefined ? undefined : Math.round(since - at)
  }
}

/** Another picking, started a moment after the second broker died. */
async function besideWhileDown(
  system: System,
): Promise<Beside & Pick<OutageReport, 'newProcessServesAfter' | 'newProcessSays'>> {
  await sleep(2_000)
  const at = performance.now()
  const beside = await startPickingBeside(system, pickingProgram)
  const manager = clientFor(beside.url, await tokenOf(system))
  await until(
    'the new process to serve',
    async () =>
      (await manager.get('/v1/receipts?limit=1', { timeoutMs: 2_000 }).catch(() => undefined))?.status === 200,
    60_000,
  )
  const newProcessServesAfter = Math.round(performance.now() - at)
  await sleep(10_000)
  const { body } = await manager.get('/health/ready')
  return { ...beside, newProcessServesAfter, newProcessSays: unreadyChecks(body) }
}

async function tokenOf(system: System): Promise<string> {
  const body = { username: 'manager', password: system.password }
  const reply = await clientFor(system.origin).send<{ accessToken: string }>('POST', '/identity/v1/sessions', { body })
  return reply.body.accessToken
}

function processesOf(system: System): readonly number[] {
  const names = new Set(['identity', 'stock', 'picking', 'valuation', 'origin'])
  return processesBelow(system.pid)
    .filter(({ name, parent }) => names.has(name) && parent === system.pid)
    .map(({ pid }) => pid)
}

/** Lines of each process's log that match. */
function logLines(system: System, pattern: RegExp): readonly number[] {
  const folder = join(system.dataFolder, 'logs')
  return ['identity.log', 'stock.log', 'picking.log', 'valuation.log']
    .filter((name) => readdirSync(folder).includes(name))
    .map(
      (name) =>
        readFileSync(join(folder, name), 'utf8')
          .split('\n')
          .filter((line) => pattern.test(line)).length,
    )
}

/** Certificates and a login: for the listener, for the services, and for a client of the test. */
function makeAccess(folder: string) {
  const authority = makeAuthority()
  const own = authority.sign('stockline')
  const keep = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }
  return {
    listener: {
      tls: { certificate: authority.sign('broker', ['IP:127.0.0.1']), clientAuthority: authority.cert },
      sasl: { mechanism: 'SCRAM-SHA-512', users: { stockline: password } },
    } as const,
    variables: {
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: keep('ca.pem', authority.cert),
      KAFKA_TLS_CERT_FILE: keep('own.pem', own.cert),
      KAFKA_TLS_KEY_FILE: keep('own.key', own.key),
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'stockline',
      KAFKA_SASL_PASSWORD: password,
    },
    client: (brokers: string): Scene['client'] => ({
      brokers: brokers.split(','),
      ssl: { ca: authority.cert, cert: own.cert, key: own.key },
      sasl: { mechanism: 'scram-sha-512', username: 'stockline', password },
    }),
  }
}

/** Is everything there once, did no process end, was every request answered? */
export function outlived(report: OutageReport): boolean {
  const wrong = report.lost + report.doubled + report.halfPosted + report.violations.length
  const ended = report.processEnds + report.consumersReplaced
  const unanswered = report.phases.reduce((sum, phase) => sum + phase.notLiving + phase.failed.length, 0)
  return wrong + ended + unanswered === 0
}
