/** The origin's configuration, read from the environment once. All wrong variables are reported together. */
import { type ServiceName, serviceNames } from './services.ts'

/** The environment, understood. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Base address of each service. */
  readonly services: Readonly<Record<ServiceName, string>>
  /** Addresses of proxies whose forwarding headers are trusted. */
  readonly trustedForwarders: readonly string[]
  /** Does the start make demo data? */
  readonly seeds: boolean
  readonly logLevel: string
  /** Where metrics are read; undefined: nowhere. Never at the origin's own port, which is public. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Reads the environment, or returns one sentence for each wrong variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config | string[] {
  const faults: string[] = []
  const port = portOf(environment['PORT'] ?? '8080')
  if (port === undefined) faults.push('PORT is a port from 1 to 65535')
  const metricsPort = environment['METRICS_PORT'] ?? ''
  const metrics = metricsPort === '' ? undefined : portOf(metricsPort)
  if (metricsPort !== '' && metrics === undefined) faults.push('METRICS_PORT is a port from 1 to 65535, or empty')
  else if (metrics !== undefined && metrics === port) faults.push('METRICS_PORT is another port than PORT')
  const services = Object.fromEntries(serviceNames.map((name) => [name, addressOf(name, environment, faults)]))
  const logLevel = environment['LOG_LEVEL'] ?? 'info'
  if (!logLevels.includes(logLevel)) faults.push(`LOG_LEVEL is one of ${logLevels.join(', ')}`)
  const trusted = (environment['TRUSTED_FORWARDERS'] ?? '').split(',').map((address) => address.trim())
  if (faults.length > 0 || port === undefined) return faults
  return {
    host: environment['HOST'] ?? '127.0.0.1',
    port,
    logLevel,
    metrics: metrics === undefined ? undefined : { host: environment['METRICS_HOST'] ?? '127.0.0.1', port: metrics },
    services: services as Record<ServiceName, string>,
    seeds: environment['SEED'] === 'demo',
    trustedForwarders: trusted.filter((address) => address !== ''),
  }
}

function portOf(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535 ? Number(text) : undefined
}

function addressOf(
  name: ServiceName,
  environment: Readonly<Record<string, string | undefined>>,
  faults: string[],
): string {
  const variable = `${name.toUpperCase()}_URL`
  const value = environment[variable] ?? ''
  if (!/^http:\/\/[^\s/]+$/.test(value))
    faults.push(`${variable} is an address such as http://${name}:8080, without a path`)
  return value
}
