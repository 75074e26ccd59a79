/** Is the process alive, and is it ready for work? */
import type { Express } from 'express'
import { send } from '../http/endpoint.answer.ts'
import { inTime } from '../runtime/deadline.ts'
import type { Metrics } from './metrics.ts'

/** A check throws with what is wrong; what it returns is shown. */
export type HealthCheck = () => Promise<unknown>

/** Decides `/health/ready`. */
export interface Health {
  /** A sentence while the service must not get work: it migrates, or it shuts down. */
  hold(reason: string): void
  release(): void
  isHeld(): boolean
  ready(): Promise<Readiness>
}

/** What `/health/ready` shows. */
interface Readiness {
  readonly ready: boolean
  readonly reason?: string
  readonly checks: Readonly<Record<string, CheckResult>>
}

interface CheckResult {
  readonly ok: boolean
  readonly detail?: unknown
}

/** The results of the checks, and when they ran. */
interface Look {
  readonly atMs: number
  readonly whileHeld: boolean
  readonly results: Promise<Record<string, CheckResult>>
}

const checkTimeoutMs = 2_000
const cacheMs = 250

/** Runs checks, at most four times a second however often readiness is read. */
export function createHealth(checks: Readonly<Record<string, HealthCheck>>): Health {
  let held: string | undefined = 'starting'
  let last: Look | undefined
  /** A look while the service was held lacks the checks that were added until its release. */
  const isStale = (look: Look): boolean => look.whileHeld && held === undefined
  const health: Health = {
    hold(reason) {
      held = reason
    },
    release() {
      held = undefined
    },
    isHeld: () => held !== undefined,
    async ready() {
      if (last === undefined || isStale(last) || performance.now() - last.atMs > cacheMs)
        last = { atMs: performance.now(), whileHeld: held !== undefined, results: runAll(checks) }
      const look = last
      const results = await look.results
      if (isStale(look)) return health.ready()
      const ready = held === undefined && Object.values(results).every((result) => result.ok)
      return { ready, ...(held === undefined ? {} : { reason: held }), checks: results }
    },
  }
  return health
}

async function runAll(checks: Readonly<Record<string, HealthCheck>>): Promise<Record<string, CheckResult>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runOne(check)] as const),
  )
  return Object.fromEntries(results)
}

async function runOne(check: HealthCheck): Promise<CheckResult> {
  try {
    const detail = await inTime(check(), checkTimeoutMs)
    return detail === undefined ? { ok: true } : { ok: true, detail }
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message || error.name : String(error) }
  }
}

/** `/health/live`, `/health/ready` and `/metrics`: before all else, without a token, and without a log line each. */
export function mountHealth(app: Express, health: Health, metrics: Metrics): void {
  app.get('/health/live', (_request, response) => {
    send(response, 200, {}, 'application/json; charset=utf-8', '{"live":true}')
  })
  app.get('/health/ready', async (_request, response) => {
    const readiness = await health.ready()
    const headers: Record<string, string> = readiness.ready ? {} : { 'Retry-After': '1' }
    send(response, readiness.ready ? 200 : 503, headers, 'application/json; charset=utf-8', JSON.stringify(readiness))
  })
  app.get('/metrics', async (_request, response) => {
    send(response, 200, {}, metrics.registry.contentType, await metrics.registry.metrics())
  })
}
