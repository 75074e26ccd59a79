/**
 * What the origin tells of itself: log lines and metrics of what it answers itself. What it passes on is logged and
 * measured by the service, under the same correlation id. Written by hand, since the origin's image has no package.
 */
import { readFileSync } from 'node:fs'
import { type ServiceName, serviceNames } from './settings.ts'

/** An answer of the origin's own. */
export interface OwnAnswer {
  readonly status: number
  /** What it was: `service-unavailable`, `unknown-path`, `health`, `overview`. */
  readonly code: string
  readonly method: string
  /** Without its query, which may hold what concerns nobody. */
  readonly path: string
  readonly correlationId: string
  /** The service that it was for. */
  readonly to?: ServiceName | undefined
  readonly error?: string | undefined
}

/** Watches the origin. */
export interface Observer {
  /** A line in the log. */
  log(level: Level, message: string, fields?: object): void
  /** A request went to a service. */
  forwarded(service: ServiceName): void
  answered(answer: OwnAnswer): void
  /** In the form that Prometheus reads. */
  metrics(): string
}

/** Which build it is, as in the log and the metrics of the services. */
export interface Build {
  readonly version: string
  readonly revision: string
}

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
type Level = (typeof levels)[number]

/** @param write gets each line of the log, with its line break */
export function createObserver(build: Build, logLevel: string, write: (line: string) => void): Observer {
  const forwarded = new Map<ServiceName, number>(serviceNames.map((name) => [name, 0]))
  const answers = new Map<string, number>()
  const least = levels.findIndex((level) => level === logLevel)
  const log: Observer['log'] = (level, message, fields = {}) => {
    if (levels.indexOf(level) < least) return
    write(`${JSON.stringify({ level, time: new Date().toISOString(), service: 'origin', ...fields, msg: message })}\n`)
  }
  return {
    log,
    forwarded: (service) => void forwarded.set(service, (forwarded.get(service) ?? 0) + 1),
    answered: (answer) => {
      const key = `${String(answer.status)} ${answer.code}`
      answers.set(key, (answers.get(key) ?? 0) + 1)
      // Probes come every few seconds for ever; they are counted.
      if (answer.code !== 'health') log(answer.status >= 500 ? 'warn' : 'info', 'answered by the origin', answer)
    },
    metrics: () => textOf(build, forwarded, answers),
  }
}

function textOf(
  build: Build,
  forwarded: ReadonlyMap<ServiceName, number>,
  answers: ReadonlyMap<string, number>,
): string {
  const { user, system } = process.cpuUsage()
  const own = [...answers].map(([key, count]): readonly [string, number] => {
    const [status = '', code = ''] = key.split(' ')
    return [`status="${status}",code="${code}"`, count]
  })
  const passed = [...forwarded].map(([service, count]): readonly [string, number] => [`to="${service}"`, count])
  const about = `version="${escaped(build.version)}",revision="${escaped(build.revision)}"`
  return [
    metric('stockline_build_info', 'gauge', 'Always 1: the version and the revision are its labels.', [[about, 1]]),
    metric('stockline_origin_forwarded_total', 'counter', 'Requests that went to a service.', passed),
    metric('stockline_origin_answers_total', 'counter', 'Requests that the origin answered itself.', own),
    metric('process_cpu_seconds_total', 'counter', 'Processor time used.', [['', (user + system) / 1_000_000]]),
    metric('process_resident_memory_bytes', 'gauge', 'Memory in use.', [['', process.memoryUsage.rss()]]),
    metric('process_start_time_seconds', 'gauge', 'When it began, since 1970.', [
      ['', Math.round(performance.timeOrigin / 1_000)],
    ]),
  ].join('\n')
}

function metric(name: string, type: string, help: string, values: readonly (readonly [string, number])[]): string {
  const lines = values.map(
    ([labels, value]) => `${name}{${labels === '' ? '' : `${labels},`}service="origin"} ${String(value)}`,
  )
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** The build, by what an image sets, else by `package.json`. */
export function buildOf(environment: Readonly<Record<string, string | undefined>>): Build {
  return {
    version: environment['STOCKLINE_VERSION'] || manifestVersion(),
    revision: environment['STOCKLINE_REVISION'] || 'unknown',
  }
}

function manifestVersion(): string {
  try {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    return (JSON.parse(manifest) as { readonly version?: string }).version ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
