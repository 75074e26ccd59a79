/** Waiting for others: until a process is ready, and until all that was said has arrived. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataFolder } from './data-folder.ts'
import { lastLines, logOf } from './log-files.ts'
import { askService } from './readiness.ts'
import { CannotStart, serviceNames, type ServiceName, type Settings } from './settings.ts'
import type { Supervised } from './supervisor.ts'

const readyPatienceMs = 120_000
const settledPatienceMs = 120_000
const lookEveryMs = 100
/** A process that ends this often before it was ever ready will not become so. */
const hopeless = 4

interface Surroundings {
  readonly settings: Settings
  readonly folder: DataFolder
  readonly say: (line: string) => void
}

/**
 * Resolves when the process answers that it is ready. With `since` it is one that came back, which is told.
 */
export async function untilReady(surroundings: Surroundings, one: Supervised, since?: number): Promise<void> {
  const path = addressOf(surroundings.settings, one.name)
  const deadline = performance.now() + readyPatienceMs
  const failuresBefore = one.failures()
  for (;;) {
    if (await isWell(path, one)) {
      if (since !== undefined)
        surroundings.say(`${one.name} is back after ${((performance.now() - since) / 1_000).toFixed(1)} s`)
      return
    }
    if (since !== undefined && (one.hasRefused() || one.failures() > failuresBefore)) return
    if (one.hasRefused() || one.failures() >= hopeless || performance.now() > deadline)
      throw hopelessly(surroundings, one)
    await sleep(lookEveryMs)
  }
}

function addressOf(settings: Settings, name: string): string {
  const service = serviceNames.find((known): known is ServiceName => known === name)
  const port = service === undefined ? settings.ports.origin : settings.ports.services[service]
  return `http://${service === undefined ? loopback(settings.host) : '127.0.0.1'}:${port}`
}

function loopback(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host
}

/** The origin only has to live: it is ready when all others are. */
async function isWell(base: string, one: Supervised): Promise<boolean> {
  const said = await askService(base)
  const lives = one.name === 'origin' && said.says !== null && typeof said.says === 'object'
  if (said.ready || lives) one.isWell()
  return said.ready || lives
}

function hopelessly(surroundings: Surroundings, one: Supervised): CannotStart {
  const log = logOf(surroundings.folder, one.name)
  const said = lastLines(log, 8).map((line) => `  ${line.slice(0, 300)}`)
  return new CannotStart(`${one.name} does not start. The end of its log ${log}:\n${said.join('\n')}`)
}

/** Resolves when no service has anything left to send or to take, twice in a row: what one takes, it may answer. */
export async function untilSettled(bases: readonly string[]): Promise<void> {
  const deadline = performance.now() + settledPatienceMs
  let calm = 0
  while (calm < 2) {
    const metrics = await Promise.all(bases.map(metricsOf))
    calm = metrics.every(isCalm) ? calm + 1 : 0
    if (performance.now() > deadline) throw new CannotStart('The services do not come to rest: see their /metrics.')
    if (calm < 2) await sleep(120)
  }
}

async function metricsOf(base: string): Promise<string> {
  try {
    const answer = await fetch(`${base}/metrics`, { signal: AbortSignal.timeout(5_000) })
    return await answer.text()
  } catch {
    return ''
  }
}

const quiet = ['stockline_outbox_depth', 'stockline_consumer_lag']

/** Do these metrics say that the outbox is empty and the group at its end? What they do not say counts as no. */
export function isCalm(metrics: string): boolean {
  const lines = metrics.split('\n')
  return quiet.every((name) => {
    const line = lines.find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `))
    return line !== undefined && Number(line.slice(line.lastIndexOf(' ') + 1)) === 0
  })
}
