/** Waits until a process is ready, and until all published events have arrived. */
import { setTimeout as sleep } from 'node:timers/promises'
import { lastLines } from '@stockline/postgres'
import { z } from 'zod'
import type { DataFolder } from './data-folder.ts'
import { logOf } from './log-files.ts'
import { askService } from '../../services/origin/src/readiness.ts'
import { CannotStart, serviceNames, type ServiceName, type Settings } from './settings.ts'
import type { Supervised } from './supervisor.ts'

const readyPatienceMs = 120_000
const lookEveryMs = 100
/** A process that ends this often before it was ever ready will not become so. */
const hopeless = 4

interface Surroundings {
  readonly settings: Settings
  readonly folder: DataFolder
  readonly say: (line: string) => void
}

/** What a service waits for is reported after so long, and again when it changes. */
const tellAfterMs = 5_000

/**
 * Resolves when the process answers that it is ready. One that lives and waits for its surroundings is waited for without
 * end, and what it waits for is reported. With `since` it is one that was restarted, and its return is reported.
 */
export async function untilReady(surroundings: Surroundings, one: Supervised, since?: number): Promise<void> {
  const path = addressOf(surroundings.settings, one.name)
  let deadline = performance.now() + readyPatienceMs
  const failuresBefore = one.failures()
  const began = performance.now()
  let told = ''
  for (;;) {
    const { well, waitsFor } = await ask(path, one)
    if (well) {
      if (since !== undefined)
        surroundings.say(`${one.name} is back after ${((performance.now() - since) / 1_000).toFixed(1)} s`)
      return
    }
    if (since !== undefined && (one.hasRefused() || one.failures() > failuresBefore)) return
    if (one.hasRefused() || one.failures() >= hopeless || performance.now() > deadline)
      throw hopelessly(surroundings, one)
    if (waitsFor !== undefined) deadline = performance.now() + readyPatienceMs
    if (waitsFor !== undefined && waitsFor !== told && performance.now() - began > tellAfterMs) {
      surroundings.say(`${one.name} waits: ${waitsFor}`)
      told = waitsFor
    }
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
async function ask(
  base: string,
  one: Supervised,
): Promise<{ readonly well: boolean; readonly waitsFor: string | undefined }> {
  const said = await askService(base)
  const lives = one.name === 'origin' && said.says !== null && typeof said.says === 'object'
  const well = said.ready || lives
  if (well) one.isWell()
  return { well, waitsFor: well ? undefined : waitsForOf(said.says) }
}

const notReady = z.object({
  reason: z.string().optional(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.unknown().optional() })),
})

/** What a service that is not ready reports that it waits for; undefined where it reports nothing. Pure. */
export function waitsForOf(says: unknown): string | undefined {
  const { data } = notReady.safeParse(says)
  if (data === undefined) return undefined
  const failing = Object.values(data.checks).filter(({ ok }) => !ok)
  const details = new Set(failing.map(({ detail }) => String(detail)))
  const words = [...(data.reason === undefined ? [] : [data.reason]), ...details].join('; ')
  return words === '' || words === 'starting' ? undefined : words
}

function hopelessly(surroundings: Surroundings, one: Supervised): CannotStart {
  const log = logOf(surroundings.folder, one.name)
  const said = lastLines(log, 8).map((line) => `  ${line.slice(0, 300)}`)
  return new CannotStart(`${one.name} does not start. The end of its log ${log}:\n${said.join('\n')}`)
}

/**
 * Resolves with true when no service has anything left to send or to take, twice in a row: what one takes, it may answer.
 * With false when that is not so after the given time: there is work, or something is stuck.
 */
export async function haveSettled(bases: readonly string[], patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  for (let calm = 0; ;) {
    const metrics = await Promise.all(bases.map(metricsOf))
    calm = metrics.every(isCalm) ? calm + 1 : 0
    if (calm === 2) return true
    if (performance.now() > deadline) return false
    await sleep(120)
  }
}

/** @throws CannotStart when the services have not come to rest within two minutes */
export async function untilSettled(bases: readonly string[]): Promise<void> {
  if (!(await haveSettled(bases, 120_000)))
    throw new CannotStart('The services do not come to rest: see their /metrics.')
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

/** Do these metrics show an empty outbox and a group at its end? A metric that is missing counts as no. */
export function isCalm(metrics: string): boolean {
  const lines = metrics.split('\n')
  return quiet.every((name) => {
    const line = lines.find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `))
    return line !== undefined && Number(line.slice(line.lastIndexOf(' ') + 1)) === 0
  })
}
