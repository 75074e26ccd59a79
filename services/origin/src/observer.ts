/**
 * Log lines and metrics of what the origin answers itself. What it passes on is logged and
 * measured by the service, under the same correlation id.
 */
import { readFileSync } from 'node:fs'
import { pino, type DestinationStream, type Logger } from 'pino'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { type ServiceName, serviceNames } from './services.ts'

/** An answer of the origin's own. */
export interface OwnAnswer {
  readonly status: number
  /** What it was: `service-unavailable`, `unknown-path`, `health`, `overview`. */
  readonly code: string
  readonly method: string
  /** Without its query, which may hold private data. */
  readonly path: string
  readonly correlationId: string
  /** The service that it was for. */
  readonly to?: ServiceName | undefined
  readonly error?: string | undefined
}

/** Watches the origin. */
export interface Observer {
  readonly log: Logger
  /** A request went to a service. */
  forwarded(service: ServiceName): void
  answered(answer: OwnAnswer): void
  /** In the form that Prometheus reads. */
  metrics(): Promise<string>
}

/** Which build it is, as in the log and the metrics of the services. */
export interface Build {
  readonly version: string
  readonly revision: string
}

/** @param destination gets the lines of the log; standard output where it is missing */
export function createObserver(build: Build, level: string, destination?: DestinationStream): Observer {
  const log = createLog(level, destination)
  const registry = createRegistry(build)
  const passed = new Counter({
    name: 'stockline_origin_forwarded_total',
    help: 'Requests that went to a service.',
    labelNames: ['to'] as const,
    registers: [registry],
  })
  const forwarded = Object.fromEntries(serviceNames.map((to) => [to, passed.labels({ to })]))
  // All from the beginning: a counter that appears with its first value shows no rise.
  for (const to of serviceNames) passed.inc({ to }, 0)
  const answers = new Counter({
    name: 'stockline_origin_answers_total',
    help: 'Requests that the origin answered itself.',
    labelNames: ['status', 'code'] as const,
    registers: [registry],
  })
  return {
    log,
    forwarded: (service) => forwarded[service]?.inc(),
    answered: (answer) => {
      answers.inc({ status: String(answer.status), code: answer.code })
      // Probes come every few seconds for ever; they are counted.
      if (answer.code !== 'health') log[answer.status >= 500 ? 'warn' : 'info'](answer, 'answered by the origin')
    },
    metrics: () => registry.metrics(),
  }
}

function createLog(level: string, destination: DestinationStream | undefined): Logger {
  const options = {
    level,
    base: { service: 'origin' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

function createRegistry(build: Build): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service: 'origin' })
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'stockline_build_info',
    help: 'Always 1: the version and the revision are its labels.',
    labelNames: ['version', 'revision'] as const,
    registers: [registry],
  }).set({ ...build }, 1)
  return registry
}

/** The build, by what an image sets, else by `package.json`. */
export function originBuild(environment: Readonly<Record<string, string | undefined>>): Build {
  return {
    version: environment['STOCKLINE_VERSION'] || manifestVersion(),
    revision: environment['STOCKLINE_REVISION'] || 'unknown',
  }
}

function manifestVersion(): string {
  try {
    const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
    return (JSON.parse(manifest) as { readonly version?: string }).version ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
