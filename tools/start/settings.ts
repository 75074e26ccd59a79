/** Settings of `start`, read from the environment once. All wrong variables are reported together. */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { serviceNames, type ServiceName } from '../../services/origin/src/services.ts'

export { serviceNames, type ServiceName }

/** Databases of an installation: one for each service, and one for the embedded bus. */
export const databaseNames = [...serviceNames, 'bus'] as const
export type DatabaseName = (typeof databaseNames)[number]

/** What an installation begins with: the demo data, or nothing. */
export type Seed = 'demo' | 'none'

/** Where every process listens; all but the origin only on the loopback interface. */
export interface Ports {
  readonly origin: number
  readonly services: Readonly<Record<ServiceName, number>>
  readonly postgres: number
}

/** The environment, understood. */
export interface Settings {
  readonly dataDir: string
  readonly host: string
  readonly ports: Ports
  /** Addresses of external databases; empty for the embedded ones. */
  readonly databaseUrls: Readonly<Partial<Record<DatabaseName, string>>>
  /** Brokers of an external Kafka; undefined for the embedded bus. */
  readonly kafkaBrokers: string | undefined
  /** What a new data folder begins with; undefined when it was not set. */
  readonly seed: Seed | undefined
  readonly demoPassword: string | undefined
  readonly demoClientSecret: string | undefined
}

/** Something the person who starts can put right: shown as a sentence, never as a stack. */
export class CannotStart extends Error {}

type Environment = Readonly<Record<string, string | undefined>>

/** The variable with the address of a database: `STOCK_DATABASE_URL`. */
export function databaseVariable(name: DatabaseName): string {
  return `${name.toUpperCase()}_DATABASE_URL`
}

/** Reads the settings. Throws CannotStart with one sentence for each wrong variable. */
export function readSettings(environment: Environment, workingDirectory: string): Settings {
  const faults: string[] = []
  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim()
    return value === undefined || value === '' ? undefined : value
  }
  const origin = port('PORT', text('PORT') ?? '8080', 65_530, faults)
  const postgres = text('POSTGRES_PORT')
  const settings: Settings = {
    dataDir: resolve(workingDirectory, text('DATA_DIR') ?? '.data'),
    host: text('HOST') ?? '127.0.0.1',
    ports: {
      origin,
      services: { identity: origin + 1, stock: origin + 2, picking: origin + 3, valuation: origin + 4 },
      postgres: postgres === undefined ? origin + 5 : port('POSTGRES_PORT', postgres, 65_535, faults),
    },
    databaseUrls: databaseUrls(text, faults),
    kafkaBrokers: text('KAFKA_BROKERS'),
    seed: oneOf('SEED', text('SEED'), ['demo', 'none'], faults),
    demoPassword: atLeast('DEMO_PASSWORD', text('DEMO_PASSWORD'), 10, faults),
    demoClientSecret: atLeast('DEMO_CLIENT_SECRET', text('DEMO_CLIENT_SECRET'), 16, faults),
  }
  if (faults.length > 0) throw new CannotStart(faults.join('\n'))
  return settings
}

function port(name: string, text: string, most: number, faults: string[]): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > most) faults.push(`${name} is a port from 1 to ${most}; it is "${text}".`)
  return value
}

function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  choices: readonly T[],
  faults: string[],
): T | undefined {
  if (text === undefined) return undefined
  const found = choices.find((choice) => choice === text.toLowerCase())
  if (found === undefined) faults.push(`${name} is ${choices.join(' or ')}; it is "${text}".`)
  return found
}

function atLeast(name: string, text: string | undefined, length: number, faults: string[]): string | undefined {
  if (text !== undefined && text.length < length) faults.push(`${name} has at least ${length} characters.`)
  return text
}

function databaseUrls(text: (name: string) => string | undefined, faults: string[]): Settings['databaseUrls'] {
  const given: Partial<Record<DatabaseName, string>> = {}
  for (const name of databaseNames) {
    const url = text(databaseVariable(name))
    if (url === undefined) continue
    if (!/^postgres(ql)?:\/\/.+/.test(url)) {
      faults.push(`${databaseVariable(name)} is an address such as postgresql://account:password@host:5432/${name}.`)
    }
    given[name] = url
  }
  return given
}

/** Databases that the embedded PostgreSQL has to hold; none, and it is not started. */
export function embeddedDatabases(settings: Settings): DatabaseName[] {
  return databaseNames.filter((name) => {
    if (name === 'bus' && settings.kafkaBrokers !== undefined) return false
    return settings.databaseUrls[name] === undefined
  })
}

/** A random password or secret, without characters that need quoting in an address or a shell. */
export function freshSecret(bytes = 18): string {
  return randomBytes(bytes).toString('base64url').replace(/[-_]/g, 'x')
}
