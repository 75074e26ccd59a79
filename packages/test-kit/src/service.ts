/** A service that a test runs on databases of its own, and whoever asks it: by tokens that the test signs. */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import {
  startService,
  type KeySource,
  type RunningService,
  type ServiceOptions,
  type StartHooks,
} from '@stockline/service-kit'
import type { z } from 'zod'
import { clientFor, type Client } from './client.ts'
import { testDatabase, type TestDatabase } from './postgres.ts'

const issuer = 'stockline'
const kid = 'test'
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
/** Knows the key of {@link tokenOf}. */
export const keySource: KeySource = {
  find: (asked) => Promise.resolve(asked === kid ? keys.publicKey : undefined),
}

/** A token as identity signs it, good for an hour. @param claims beside those of every token */
export function tokenOf(claims: object): string {
  const now = Math.floor(Date.now() / 1000)
  const body = { iss: issuer, aud: issuer, jti: randomUUID(), iat: now, nbf: now, exp: now + 3600, ...claims }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'ES256', typ: 'at+jwt', kid })}.${part(body)}`
  const signature = sign('sha256', Buffer.from(signed), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

/** An event as another service or system publishes it. */
export interface Published {
  readonly type: string
  readonly topic: string
  readonly subject: string
  readonly data: unknown
  /** Default: a test's. */
  readonly source?: string
  /** Default: a new one. */
  readonly id?: string
  readonly sequence?: string
  readonly actor?: { readonly id: string; readonly name: string }
}

/** Databases of a service and of its bus. */
export interface ServiceDatabases {
  readonly database: TestDatabase
  readonly bus: TestDatabase
}

/** Databases that outlive the service that runs on them. */
export async function serviceDatabases(name: string): Promise<ServiceDatabases> {
  const [database, bus] = await Promise.all([testDatabase(name), testDatabase(`${name}_bus`)])
  return { database, bus }
}

/** A running service, and how a test reaches it. */
export interface OpenService<P> {
  readonly service: RunningService<P>
  /** Somebody with these claims. */
  readonly as: (claims: object) => Client
  /** A person of a group; a new one where no id is given. */
  readonly person: (group: string, id?: string) => Client
  /** Publishes as others do, and waits for nothing. */
  readonly publish: (...events: readonly Published[]) => Promise<void>
  /** Stops it, and drops the databases unless they were given. */
  readonly stop: () => Promise<void>
}

/** How a service is started otherwise than usual. */
export interface OpenOptions {
  /** They are used as they are, and not dropped. */
  readonly databases?: ServiceDatabases | undefined
  /** More of its variables. */
  readonly environment?: Readonly<Record<string, string>>
  readonly hooks?: StartHooks
}

/** Starts a service on the embedded bus. */
export async function openService<P, Own extends z.core.$ZodLooseShape>(
  options: ServiceOptions<P, Own>,
  { databases: given, environment = {}, hooks }: OpenOptions = {},
): Promise<OpenService<P>> {
  const databases = given ?? (await serviceDatabases(options.name))
  const service = await startService(
    { ...options, keys: () => keySource },
    {
      PORT: '0',
      [`${options.name.toUpperCase()}_DATABASE_URL`]: databases.database.url,
      BUS_DATABASE_URL: databases.bus.url,
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      ...environment,
    },
    hooks,
  )
  const as = (claims: object): Client => clientFor(service.url, tokenOf(claims))
  return {
    service,
    as,
    person: (group, id = randomUUID()) => as({ sub: id, name: `Name of ${group}`, groups: [group], sid: randomUUID() }),
    publish: (...events) => service.bus.publish(events.map(messageOf)),
    stop: async () => {
      await service.stop()
      if (given === undefined) await Promise.all([databases.database.drop(), databases.bus.drop()])
    },
  }
}

function messageOf({ topic, id = randomUUID(), source = '/test', ...event }: Published) {
  const value = { specversion: '1.0', id, source, time: '2026-04-20T08:00:00Z', ...event }
  return { topic, message: { key: event.subject, value: Buffer.from(JSON.stringify(value)), headers: {} } }
}
