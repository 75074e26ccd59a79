/** What is measured, in the form that Prometheus reads. */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Build } from '../runtime/build.ts'
import { registerGauge } from '../runtime/gauges.ts'
import type { Logger } from '../runtime/logging.ts'
import type { Database, Statement } from '../database/transaction.ts'
import { countUnknownFields, type InboxMetrics } from '../messaging/messaging.metrics.ts'

/** Something that must never be so: the statement gives the offending rows, none when all is well. */
export interface Invariant {
  readonly name: string
  /** What it means, for a person. */
  readonly summary: string
  readonly statement: Statement
}

/** The service's metrics. */
export interface Metrics extends InboxMetrics {
  /** One request answered. */
  observeRequest(route: string, method: string, status: number, seconds: number): void
  /** A gauge that is read at each scrape, see {@link registerGauge}. If reading fails, it has no value. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void
  /** A gauge with one label, each value with its number. */
  gaugeBy(name: string, help: string, label: string, read: () => Promise<ReadonlyMap<string, number>>): void
}

/** A registry with the process's own metrics, the service's name on each, and which build it is. */
export function createMetrics(service: string, build: Build): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'stockline_build_info',
    help: 'Always 1: the version and the revision are its labels.',
    labelNames: ['version', 'revision'] as const,
    registers: [registry],
  }).set({ ...build }, 1)
  const requests = new Histogram({
    name: 'stockline_http_request_duration_seconds',
    help: 'Seconds from a request to its answer.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  })
  // Finding the labels' numbers costs more than counting; there are few combinations, so they are found once.
  const observers = new Map<string, Histogram.Internal<'route' | 'method' | 'status'>>()
  return {
    registry,
    unknownFields: countUnknownFields(registry),
    observeRequest(route, method, status, seconds) {
      const name = `${method} ${route} ${status}`
      let observer = observers.get(name)
      if (observer === undefined) observers.set(name, (observer = requests.labels({ route, method, status })))
      observer.observe(seconds)
    },
    gauge(name, help, read) {
      registerGauge(registry, { name, help, read: async () => [{ labels: {}, value: await read() }] })
    },
    gaugeBy(name, help, label, read) {
      const samples = async () => [...(await read())].map(([key, value]) => ({ labels: { [label]: key }, value }))
      registerGauge(registry, { name, help, labels: [label], read: samples })
    },
  }
}

/**
 * An invariant that reads whole tables takes longer the more history there is. It is checked so rarely that checking takes
 * at most this part of the time, so that growth makes it rarer, never the service slower.
 */
const partOfTime = 1 / 200
const everyMs = 60_000

/**
 * Runs the invariants now and again, one at a time, as `stockline_invariant_violations`: each once a minute, or less
 * often where it takes long. Returns how to stop.
 */
export function watchInvariants(
  db: Pick<Database, 'queryWholeTables'>,
  invariants: readonly Invariant[],
  metrics: Metrics,
  log: Logger,
): () => void {
  const violations = new Gauge({
    name: 'stockline_invariant_violations',
    help: 'Rows that offend an invariant of this service.',
    labelNames: ['name'] as const,
    registers: [metrics.registry],
  })
  const dueAt = new Map<string, number>()
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const round = async () => {
    for (const invariant of invariants) {
      const beganAt = performance.now()
      if (stopping.signal.aborted) return
      if (beganAt < (dueAt.get(invariant.name) ?? 0)) continue
      await check(db, invariant, violations, log)
      dueAt.set(invariant.name, nextCheckAt(beganAt, performance.now(), everyMs))
    }
    // Only now: a round that takes longer than its time must not be overtaken by the next.
    if (!stopping.signal.aborted) timer = setTimeout(() => void round(), everyMs).unref()
  }
  void round()
  return () => {
    stopping.abort()
    clearTimeout(timer)
  }
}

/** When an invariant is checked next, after a check from `beganAt` to `endedAt`. */
export function nextCheckAt(beganAt: number, endedAt: number, everyMs: number): number {
  const restMs = (endedAt - beganAt) / partOfTime
  // What took no time worth speaking of is checked in every round, though timers are not exact.
  return restMs <= everyMs ? beganAt : endedAt + restMs
}

async function check(
  db: Pick<Database, 'queryWholeTables'>,
  invariant: Invariant,
  violations: Gauge<'name'>,
  log: Logger,
): Promise<void> {
  try {
    const rows = await db.queryWholeTables(invariant.statement)
    violations.set({ name: invariant.name }, rows.length)
    if (rows.length > 0)
      log.error({ invariant: invariant.name, rows: rows.slice(0, 10) }, `invariant violated: ${invariant.summary}`)
  } catch (error) {
    // A gauge that cannot be read shows nothing, rather than a wrong zero.
    violations.remove({ name: invariant.name })
    log.warn({ invariant: invariant.name, err: error }, 'invariant could not be checked')
  }
}
