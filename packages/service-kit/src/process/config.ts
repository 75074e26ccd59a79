/** Configuration comes from the environment, is parsed once at the start, and every wrong variable is named at once. */
import { z } from 'zod'
import { fileOf, readVariable, withFiles, type Environment } from '../runtime/config.files.ts'
import { kafkaConfig, type KafkaConfig } from '../bus/kafka/config.ts'
import { addressError } from '../database/postgres.connect.ts'
import type { DatabaseAddress } from '../database/postgres.address.ts'

/** What is wrong with the environment, all of it, readable. The process ends with code 2. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`The configuration is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/** Where events travel: Apache Kafka, or the log in a PostgreSQL database of its own. */
type BusConfig =
  | ({ readonly kind: 'kafka'; readonly brokers: readonly string[] } & KafkaConfig)
  | { readonly kind: 'embedded'; readonly databaseUrl: DatabaseAddress }

/** What every service knows about its surroundings. */
export interface ServiceConfig {
  /** Name of the service: `stock`. */
  readonly service: string
  readonly port: number
  readonly host: string
  /** Read anew for each connection where it stands in a file. */
  readonly databaseUrl: DatabaseAddress
  readonly bus: BusConfig
  /** Base address of identity, without a slash at the end; null in identity itself. */
  readonly identityUrl: string | null
  readonly tokenIssuer: string
  readonly tokenAudience: string
  readonly company: string
  readonly currency: string
  readonly timeZone: string
  readonly logLevel: LogLevel
  /** What stands before our paths at the one origin: `/picking`, or nothing. */
  readonly publicPrefix: string
  /** Addresses whose `X-Forwarded-For` is believed; loopback always is. */
  readonly trustedForwarders: readonly string[]
  /** Connections to the database at most. */
  readonly poolSize: number
  /** Nothing is written before the database was compared with the bus. False only where tests want the harm. */
  readonly historyFence: boolean
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * Parses variables by a shape whose keys are their names. An empty variable counts as missing. Each may be given by
 * file instead: `NAME_FILE` names a file that holds the value of `NAME`.
 *
 * @throws ConfigError naming every variable that is wrong or missing
 */
export function parseConfig<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  environment: Environment = process.env,
): z.output<z.ZodObject<Shape>> {
  const given = withFiles(Object.keys(shape), environment)
  const { value, faults } = read(shape, given.environment)
  if (value === undefined || given.faults.length > 0) throw new ConfigError(allErrors(given.faults, faults))
  return value
}

/**
 * The configuration of a service: what all have, and its own variables under their own names. Each may be given by file.
 *
 * @param own shape of the service's own variables
 * @param needsIdentity false in identity, which verifies tokens with its own keys
 */
export function serviceConfig<Own extends z.core.$ZodLooseShape>(
  service: string,
  own: Own,
  variables: Environment = process.env,
  needsIdentity = true,
): ServiceConfig & z.output<z.ZodObject<Own>> {
  const databaseVariable = `${service.toUpperCase().replaceAll('-', '_')}_DATABASE_URL`
  const shape = { ...standardShape, [databaseVariable]: databaseUrl }
  const { environment, faults: fileErrors } = withFiles([...Object.keys(shape), ...Object.keys(own)], variables)
  const standard = read(shape, environment)
  const extra = read(own, environment)
  const kafka = blank(environment['KAFKA_BROKERS']) ? { config: {}, faults: [] } : kafkaConfig(environment)
  const faults = allErrors(fileErrors, [
    ...standard.faults,
    ...busErrors(environment),
    ...kafka.faults,
    ...extra.faults,
  ])
  if (needsIdentity && blank(environment['IDENTITY_URL'])) faults.push('IDENTITY_URL is missing (http://host:port)')
  if (faults.length > 0 || standard.value === undefined || extra.value === undefined) throw new ConfigError(faults)
  const given = standard.value as z.output<z.ZodObject<typeof standardShape>> & Record<string, unknown>
  return {
    ...extra.value,
    service,
    port: given.PORT,
    host: given.HOST,
    databaseUrl: addressIn(databaseVariable, String(given[databaseVariable]), variables),
    bus:
      given.KAFKA_BROKERS === undefined
        ? { kind: 'embedded', databaseUrl: addressIn('BUS_DATABASE_URL', given.BUS_DATABASE_URL ?? '', variables) }
        : { kind: 'kafka', brokers: given.KAFKA_BROKERS, ...kafka.config },
    identityUrl: given.IDENTITY_URL ?? null,
    tokenIssuer: given.TOKEN_ISSUER,
    tokenAudience: given.TOKEN_AUDIENCE,
    company: given.COMPANY,
    currency: given.CURRENCY,
    timeZone: given.TIME_ZONE,
    logLevel: given.LOG_LEVEL,
    publicPrefix: given.PUBLIC_PREFIX,
    trustedForwarders: given.TRUSTED_FORWARDERS,
    poolSize: given.POOL_SIZE,
    historyFence: given.HISTORY_FENCE === 'on',
  }
}

function addressIn(variable: string, value: string, variables: Environment): DatabaseAddress {
  const file = fileOf(variable, variables)
  return file === undefined ? value : () => readVariable(file)
}

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)
const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`)
const databaseUrl = z.string().check((context) => {
  const message = addressError(context.value)
  if (message !== undefined) context.issues.push({ code: 'custom', message, input: undefined })
})

const standardShape = {
  PORT: wholeNumber(0, 65535),
  HOST: z.string().default('127.0.0.1'),
  KAFKA_BROKERS: list.refine((brokers) => brokers.length > 0, 'must be host:port, host:port …').optional(),
  BUS_DATABASE_URL: databaseUrl.optional(),
  IDENTITY_URL: z
    .string()
    .regex(/^https?:\/\/[^\s/]+(\/\S*[^\s/])?$/, 'must be like http://host:port, without a slash at the end')
    .optional(),
  TOKEN_ISSUER: z.string().default('stockline'),
  TOKEN_AUDIENCE: z.string().default('stockline'),
  COMPANY: z.string().max(50).default('DEMO'),
  CURRENCY: z.string().refine(isCurrency, 'must be an ISO 4217 code like USD').default('USD'),
  TIME_ZONE: z.string().refine(isTimeZone, 'must be a time zone like Europe/Berlin').default('UTC'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  PUBLIC_PREFIX: z
    .string()
    .regex(/^(\/[\w-]+)+$/, 'must be like /picking')
    .default(''),
  TRUSTED_FORWARDERS: list.default([]),
  POOL_SIZE: wholeNumber(2, 100).default(12),
  HISTORY_FENCE: z.enum(['on', 'off'], 'must be on or off').default('on'),
}

function read<Shape extends z.core.$ZodLooseShape>(shape: Shape, environment: Environment) {
  const given = Object.fromEntries(
    Object.keys(shape).map((name) => [name, blank(environment[name]) ? undefined : environment[name]]),
  )
  const parsed = z.object(shape).safeParse(given)
  if (parsed.success) return { value: parsed.data, faults: [] }
  return { value: undefined, faults: parsed.error.issues.map((issue) => errorOf(issue, given)) }
}

function errorOf(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = issue.path.join('.')
  // The value itself is not repeated: it may be a secret.
  return given[name] === undefined ? `${name} is missing` : `${name} ${issue.message}`
}

/** What an error of a file explains is not reported as missing as well. */
function allErrors(ofFiles: readonly string[], others: readonly string[]): string[] {
  const explained = ofFiles.map((fault) => `${fault.split('_FILE ')[0] ?? ''} is missing`)
  return [...ofFiles, ...others.filter((fault) => !explained.some((missing) => fault.includes(missing)))]
}

function busErrors(environment: Environment): string[] {
  const kafka = !blank(environment['KAFKA_BROKERS'])
  const embedded = !blank(environment['BUS_DATABASE_URL'])
  if (kafka && embedded) return ['KAFKA_BROKERS and BUS_DATABASE_URL exclude each other: set one']
  return kafka || embedded ? [] : ['KAFKA_BROKERS or BUS_DATABASE_URL is missing: set one']
}

function blank(value: string | undefined): boolean {
  return value === undefined || value.trim() === ''
}

function isCurrency(code: string): boolean {
  return /^[A-Z]{3}$/.test(code) && Intl.supportedValuesOf('currency').includes(code)
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
