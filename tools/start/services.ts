/** The processes behind the origin: the environment of each, and how it is spawned. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type DatabaseName,
  databaseNames,
  databaseVariable,
  type Seed,
  type ServiceName,
  type Settings,
} from './settings.ts'

const repository = join(import.meta.dirname, '..', '..')

/** Where each database is. */
export type DatabaseUrls = Readonly<Partial<Record<DatabaseName, string>>>

/** The demo logins: made once, stored in the data folder. */
export interface DemoSecrets {
  readonly password: string
  readonly clientSecret: string
}

/** Secrets for identity only: made once, stored in the data folder. */
export interface IdentitySecrets {
  /** Undefined where there is no demo data. */
  readonly demo: DemoSecrets | undefined
  /** With it the first administrator of an installation without demo data is made. */
  readonly firstAdministratorCode: string
  /** Seals the private signing keys in identity's database. */
  readonly keyEncryptionSecret: string
}

/** Base address of a service, without its prefix. */
export function serviceUrl(settings: Settings, name: ServiceName): string {
  return `http://127.0.0.1:${settings.ports.services[name]}`
}

/** What may be given to `start` by file: `NAME_FILE` names a file with the value. */
export const variablesByFile = [...databaseNames.map(databaseVariable), 'DEMO_PASSWORD', 'DEMO_CLIENT_SECRET']

/** Variables for identity only, by value or by file. */
const secretsOfIdentity = ['KEY_ENCRYPTION_SECRET', 'FIRST_ADMINISTRATOR_CODE']

/** Variables that are ours to set: what stands in our own environment under these names is not passed on. */
const ours = new Set([
  'PORT',
  'HOST',
  'POSTGRES_PORT',
  'DATA_DIR',
  'KAFKA_BROKERS',
  'SEED',
  'DEMO_PASSWORD',
  'DEMO_CLIENT_SECRET',
  'DRAIN',
  'PUBLIC_PREFIX',
  'IDENTITY_URL',
  'SUPERVISED',
  ...[...variablesByFile, ...secretsOfIdentity].flatMap((name) => [name, `${name}_FILE`]),
])

function inherited(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name, value]) => !ours.has(name) && value !== undefined)
  return Object.fromEntries(withKafkaPaths(entries, process.env['INIT_CWD'] ?? process.cwd())) as Record<string, string>
}

/** Our own environment without what is ours to set, and without Kafka's logins: for who talks to no bus. */
export function plainEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(inherited()).filter(([name]) => !name.startsWith('KAFKA_')))
}

/** Files of Kafka's are named from where the person stands; services run elsewhere. */
export function withKafkaPaths(
  variables: readonly (readonly [string, string | undefined])[],
  workingDirectory: string,
): [string, string | undefined][] {
  return variables.map(([name, value]) => {
    const isFile = /^KAFKA_.+_FILE$/.test(name) && value !== undefined && value.trim() !== ''
    return [name, isFile ? resolve(workingDirectory, value.trim()) : value]
  })
}

/** The environment of a service. It learns the address of its own database only. */
export function serviceEnvironment(
  settings: Settings,
  name: ServiceName,
  urls: DatabaseUrls,
  secrets: IdentitySecrets,
): Record<string, string> {
  const bus: Record<string, string> =
    settings.kafkaBrokers === undefined ? addressOf('bus', urls) : { KAFKA_BROKERS: settings.kafkaBrokers }
  return {
    ...inherited(),
    SUPERVISED: '1',
    HOST: '127.0.0.1',
    PORT: String(settings.ports.services[name]),
    PUBLIC_PREFIX: `/${name}`,
    IDENTITY_URL: serviceUrl(settings, 'identity'),
    ...addressOf(name, urls),
    ...bus,
    ...(name === 'identity' ? identityEnvironment(secrets) : {}),
    ...(name === 'picking' && secrets.demo !== undefined ? demoPrefix() : {}),
  }
}

/** An address that was given by file goes on as a file: the service reads it anew, since its password may change. */
function addressOf(name: DatabaseName, urls: DatabaseUrls): Record<string, string> {
  const variable = databaseVariable(name)
  const file = process.env[`${variable}_FILE`]
  return file === undefined || file === '' ? { [variable]: urls[name] ?? '' } : { [`${variable}_FILE`]: file }
}

/** A prefix that GS1 keeps for demonstrations. */
const demonstrationPrefix = '9520000'

/** The demo packs, too: with a company prefix of its own, unless one is given. Without demo data none is made up. */
function demoPrefix(): Record<string, string> {
  return process.env['GS1_COMPANY_PREFIX'] ? {} : { GS1_COMPANY_PREFIX: demonstrationPrefix }
}

function identityEnvironment(secrets: IdentitySecrets): Record<string, string> {
  const { demo } = secrets
  return {
    ...keyEncryption(secrets),
    ...(demo !== undefined
      ? { SEED: 'demo', DEMO_PASSWORD: demo.password, DEMO_CLIENT_SECRET: demo.clientSecret }
      : { SEED: 'none', FIRST_ADMINISTRATOR_CODE: secrets.firstAdministratorCode }),
  }
}

/** The data folder's own unless one is given. Value and file together are passed on: identity refuses them. */
function keyEncryption({ keyEncryptionSecret }: IdentitySecrets): Record<string, string> {
  const given = process.env['KEY_ENCRYPTION_SECRET']
  const file = process.env['KEY_ENCRYPTION_SECRET_FILE']
  if (!file) return { KEY_ENCRYPTION_SECRET: given || keyEncryptionSecret }
  return { KEY_ENCRYPTION_SECRET_FILE: file, ...(given ? { KEY_ENCRYPTION_SECRET: given } : {}) }
}

/** The environment of the origin's process. */
export function originEnvironment(settings: Settings, seed: Seed): Record<string, string> {
  return {
    ...plainEnvironment(),
    SEED: seed,
    HOST: settings.host,
    PORT: String(settings.ports.origin),
    IDENTITY_URL: serviceUrl(settings, 'identity'),
    STOCK_URL: serviceUrl(settings, 'stock'),
    PICKING_URL: serviceUrl(settings, 'picking'),
    VALUATION_URL: serviceUrl(settings, 'valuation'),
  }
}

/** The program of a service. */
export function serviceProgram(name: ServiceName): string {
  return join(repository, 'services', name, 'src', 'main.ts')
}

/** The program of the origin. */
export const originProgram = join(repository, 'services/origin/src/main.ts')

/**
 * Spawns a Node program. It leads a process group of its own, so that Ctrl-C reaches only us; it notices our end by
 * the pipe on its standard input, and by the channel where it has one.
 */
export function spawnNode(
  program: string,
  environment: Record<string, string>,
  log: string,
  cache: string,
): ChildProcess {
  const handle = openSync(log, 'a')
  try {
    return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
      cwd: repository,
      // What was compiled once is kept: a restarted service is back a quarter sooner.
      env: { NODE_COMPILE_CACHE: cache, ...environment },
      detached: true,
      stdio: ['pipe', handle, handle, 'ipc'],
    })
  } finally {
    closeSync(handle)
  }
}
