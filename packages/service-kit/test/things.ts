/** A small service of things, real from HTTP to PostgreSQL, for the tests of the HTTP side. */
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { contract } from '@stockline/contracts/envelope'
import { clientFor, testDatabase, type Client } from '@stockline/test-kit'
import jwt from 'jsonwebtoken'
import { z } from 'zod'
import {
  command,
  listQuery,
  operation,
  page,
  pageOf,
  query,
  refuse,
  Refused,
  sessionRevocations,
  sql,
  startService,
  versionRefusal,
  type Route,
  type RunningService,
  type ServiceOptions,
} from '../src/index.ts'
import type { StartHooks } from '../src/process/service.ts'

const thing = z.object({ id: z.string(), name: z.string(), version: z.number(), state: z.string() })
type Thing = z.output<typeof thing>

const insertThing = sql(`insert into things (id, name) values ($1, $2) on conflict (name) do nothing returning *`)
const findThing = sql(`select * from things where id = $1`)
const findThings = sql(`select * from things where name like $1 || '%' and name > $2 order by name limit $3`)
const lockThing = sql(`select * from things where id = $1 for update`)
const settledThings = sql(`select * from things where id = any($1::uuid[]) and state <> 'posting'`)
const setState = sql(`update things set state = $2, version = version + 1 where id = $1 returning *`)
const countThings = sql(`select count(*)::int as count from things where name = $1`)

/** Decides a thing, as another service's event would. */
export async function decide(service: RunningService, id: string, state: string): Promise<void> {
  await service.db.transaction({ actor: null, correlationId: 'test' }, (tx) => tx.query(setState, [id, state]))
}

export async function countNamed(service: RunningService, name: string): Promise<number> {
  const [row] = await service.db.query<{ count: number }>(countThings, [name])
  return row?.count ?? -1
}

const thingBody = z.object({
  name: z.string().min(1).max(100),
  slowMs: z.number().int().min(0).max(5_000).optional(),
  lines: z
    .array(z.object({ line: z.number().int(), quantity: z.string().regex(/^\d+$/, 'must be a number') }))
    .optional(),
})

/** How often the settled question was asked, and for how many at once. */
export const asked: number[] = []
/** Set to make the next action trip. */
export const trip: { error?: Error } = {}

const settled: NonNullable<Parameters<typeof makeThing>[0]> = async (db, answers) => {
  asked.push(answers.length)
  const rows = await db.query<Thing>(settledThings, [answers.map((answer) => answer.id)])
  return answers.map((answer) => rows.find((row) => row.id === answer.id) ?? null)
}

function makeThing(
  settledThing: (db: RunningService['db'], answers: readonly Thing[]) => Promise<readonly (Thing | null)[]>,
): Route {
  return command({
    method: 'post',
    path: '/v1/things',
    right: 'thing.create',
    summary: 'Makes a thing',
    body: thingBody,
    answers: thing,
    status: 201,
    location: (made) => `/v1/things/${made.id}`,
    settled: settledThing,
    run: async (tx, { body }) => {
      if (trip.error !== undefined) throw trip.error
      const [made] = await tx.query<Thing>(insertThing, [randomUUID(), body.name])
      if (body.slowMs !== undefined) await delay(body.slowMs)
      return made ?? refuse('name-taken', 'state', `There is a thing named "${body.name}".`)
    },
  })
}

const routes: readonly Route[] = [
  makeThing(settled),
  query({
    path: '/v1/things',
    right: 'thing.read',
    summary: 'Lists things',
    query: listQuery({ name: z.string().default('') }),
    answers: pageOf(thing),
    formats: { 'text/csv': ({ items }) => items.map((item) => `${item.id},${item.name}`).join('\n') },
    run: async (db, { query: { name, limit, cursor } }) =>
      page(await db.query<Thing>(findThings, [name, cursor ?? '', limit + 1]), limit, (last) => last.name),
  }),
  query({
    path: '/v1/things/special',
    right: 'signed-in',
    summary: 'A path that is spelled out',
    answers: z.object({ special: z.boolean() }),
    run: () => Promise.resolve({ special: true }),
  }),
  query({
    path: '/v1/things/:id',
    right: 'thing.read',
    summary: 'Shows a thing',
    answers: thing,
    within: (_db, { actor }) => Promise.resolve(actor.name !== 'outside'),
    run: async (db, { params }) => (await db.query<Thing>(findThing, [params.id]))[0] ?? gone(),
  }),
  command({
    method: 'post',
    path: '/v1/things/:id/approve',
    right: 'thing.approve',
    summary: 'Approves a thing',
    body: z.object({ remainder: z.enum(['backorder', 'close']).optional() }),
    answers: thing,
    version: 'required',
    within: (_db, { actor }) => Promise.resolve(actor.name !== 'outside'),
    run: async (tx, { params, version }) => {
      const [found] = await tx.query<Thing>(lockThing, [params.id])
      if (found === undefined) throw new Refused(gone())
      if (found.state === 'done') return found
      const stale = versionRefusal(found.version, version)
      if (stale !== undefined) return stale
      return (await tx.query<Thing>(setState, [params.id, 'done']))[0] ?? gone()
    },
  }),
  command({
    method: 'delete',
    path: '/v1/things/:id',
    right: 'thing.unlink',
    summary: 'Removes a thing',
    run: async (tx, { params }) => {
      await tx.query(setState, [params.id, 'removed'])
    },
  }),
  operation({
    method: 'post',
    path: '/v1/login',
    right: 'public',
    summary: 'Logs in',
    body: z.object({ username: z.string() }),
    answers: z.object({ username: z.string(), address: z.string() }),
    run: (_db, { body, address }) =>
      Promise.resolve(
        body.username === 'busy'
          ? { ...refuse('too-many-tries', 'throttled', 'Too many tries.'), retryAfterSeconds: 7 }
          : { username: body.username, address },
      ),
  }),
  operation({
    method: 'post',
    path: '/v1/form',
    right: 'scope:forms:send',
    summary: 'Takes a form',
    accepts: 'application/x-www-form-urlencoded',
    body: z.object({ grant: z.string() }),
    answers: z.object({ grant: z.string() }),
    run: (_db, { body }) => Promise.resolve(body),
  }),
]

function gone() {
  return refuse('thing-unknown', 'unknown', 'There is no such thing.')
}

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const kid = 'k1'

export const sessionRevoked = contract({
  type: 'identity.session-revoked.v1',
  topic: 'identity.users',
  subject: 'the user',
  summary: 'A session ended',
  data: z.object({ sessionId: z.string() }),
})

/** The service's options; its keys are the test's own unless it asks identity. */
export const things: ServiceOptions<unknown> = {
  name: 'things',
  title: 'Things',
  description: 'Things of the tests.',
  prisma: () => ({}),
  migrations: new URL('./migrations', import.meta.url),
  topics: [{ name: 'identity.users', partitions: 3 }],
  routes: () => routes,
  reactions: () => [sessionRevocations(sessionRevoked)],
  invariants: [
    { name: 'no-evil', summary: 'Nothing is evil', statement: sql(`select id from things where name = 'evil'`) },
  ],
  mayDo: (actor, right) => actor.groups.includes('all') || actor.groups.includes(right),
  keys: () => ({ find: (wanted) => Promise.resolve(wanted === kid ? keys.publicKey : undefined) }),
}

export interface TokenOptions {
  readonly name?: string
  readonly groups?: readonly string[]
  readonly sid?: string
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Partial<jwt.JwtHeader>
  readonly key?: KeyObject
  readonly without?: readonly string[]
}

/** A token as identity would sign it, changed as asked. */
export function tokenFor(options: TokenOptions = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const claims: Record<string, unknown> = {
    iss: 'stockline',
    aud: 'stockline',
    sub: 'u-1',
    name: options.name ?? 'Sarah Lim',
    groups: options.groups ?? ['all'],
    sid: options.sid ?? 's-1',
    jti: randomUUID(),
    iat: now,
    nbf: now,
    exp: now + 300,
    ...options.claims,
  }
  for (const name of options.without ?? []) Reflect.deleteProperty(claims, name)
  const header = { alg: 'ES256', typ: 'at+jwt', kid, ...options.header }
  return jwt.sign(claims, options.key ?? keys.privateKey, { algorithm: 'ES256', header } as jwt.SignOptions)
}

export const publicKey = keys.publicKey

export interface Started {
  readonly service: RunningService
  readonly environment: Record<string, string>
  /** Signed in, with every right. */
  readonly client: Client
  readonly lines: () => Record<string, unknown>[]
  stop(): Promise<void>
}

/** Starts the service on databases of its own. */
export async function startThings(
  environment: Record<string, string> = {},
  options: ServiceOptions<unknown> = things,
  hooks: Pick<StartHooks, 'onFatal' | 'meet'> = {},
): Promise<Started> {
  const [database, bus] = await Promise.all([testDatabase('things'), testDatabase('things_bus')])
  const given = {
    PORT: '0',
    THINGS_DATABASE_URL: database.url,
    BUS_DATABASE_URL: bus.url,
    IDENTITY_URL: 'http://127.0.0.1:9',
    ...environment,
  }
  const written: string[] = []
  const logTo = { write: (line: string) => void written.push(line) }
  const service = await startService(options, given, { ...hooks, logTo })
  return {
    service,
    environment: given,
    client: clientFor(service.url, tokenFor()),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    async stop() {
      await service.stop()
      await Promise.all([database.drop(), bus.drop()])
    },
  }
}
