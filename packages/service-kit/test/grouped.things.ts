/** A service of things whose steps are taken together, for the tests of grouped commands. */
import { randomUUID } from 'node:crypto'
import { contract } from '@stockline/contracts/envelope'
import { z } from 'zod'
import {
  retryIndividually,
  event,
  groupedCommand,
  isRefusal,
  publish,
  refuse,
  sql,
  versionRefusal,
  type RetryIndividually,
  type Refusal,
  type Route,
  type RunningService,
  type ServiceOptions,
  type Tx,
} from '../src/index.ts'
import type { CommandRequest } from '../src/http/endpoint.declarations.ts'
import { things } from './things.ts'

/** A thing as it is answered. */
export interface Thing {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly state: string
}

/** What is told of each step. */
export const thingMoved = contract({
  type: 'things.thing-moved.v1',
  topic: 'things.moves',
  subject: 'the thing',
  summary: 'A thing moved on',
  data: z.object({ id: z.string(), state: z.string() }),
})

/** Sizes of the groups that the actions were given. */
export const sizes: number[] = []
/** What the test does in the middle of an action, after it has locked its things. */
export const meanwhile: { locked?: (tx: Tx) => Promise<void> } = {}

const thing = z.object({ id: z.string(), name: z.string(), version: z.number(), state: z.string() })
const step = z.object({ state: z.string(), how: z.enum(['trips', 'forgets', 'kills']).optional() })
type Step = CommandRequest<{ readonly id: string }, object, z.output<typeof step>>

const insert = sql('insert into things (id, name) values ($1, $2) returning *')
const find = sql('select * from things where id = any($1::uuid[])')
const lockOne = sql('select * from things where id = $1 for update')
const lockFree = sql('select * from things where id = any($1::uuid[]) order by id for update skip locked')
const save = sql(`
  update things set state = given.state, version = version + 1
  from unnest($1::uuid[], $2::text[]) as given (id, state) where things.id = given.id`)
const kill = sql('select pg_terminate_backend(pg_backend_pid())')

/** Makes a thing, past every endpoint. */
export async function newThing(service: RunningService): Promise<Thing> {
  const [made] = await service.db.query<Thing>(insert, [randomUUID(), randomUUID()])
  if (made === undefined) throw new Error('It was not made.')
  return made
}

/** Things as they are now, in the order asked for. */
export async function now(service: RunningService, ...asked: readonly Pick<Thing, 'id'>[]): Promise<readonly Thing[]> {
  const rows = await service.db.query<Thing>(find, [asked.map(({ id }) => id)])
  return asked.flatMap(({ id }) => rows.find((row) => row.id === id) ?? [])
}

/** Things are moved on: lock, decide each, save all. */
async function move(tx: Tx, asked: readonly Step[]): Promise<readonly (Thing | Refusal | RetryIndividually)[]> {
  const found = await lock(tx, asked)
  if (asked.some(({ body }) => body.how === 'kills')) await tx.query(kill)
  const decided = asked.map((one) => decide(found.get(one.params.id), one, asked.length))
  const moved = decided.filter((one): one is Thing => one !== retryIndividually && !isRefusal(one))
  await tx.query(save, [moved.map(({ id }) => id), moved.map(({ state }) => state)])
  const told = moved.map(({ id, state }) => {
    const { origin } = asked.find((one) => one.params.id === id) ?? {}
    return event(thingMoved, id, { id, state }, origin === undefined ? {} : { origin })
  })
  await publish(tx, ...told)
  // In company a member is forgotten; by itself it is answered.
  return decided.filter((_, index) => asked.length === 1 || asked[index]?.body.how !== 'forgets')
}

async function lock(tx: Tx, asked: readonly Pick<Step, 'params'>[]): Promise<ReadonlyMap<string, Thing>> {
  sizes.push(asked.length)
  const ids = asked.map(({ params }) => params.id)
  const found = await (ids.length === 1 ? tx.query<Thing>(lockOne, ids) : tx.query<Thing>(lockFree, [ids]))
  await meanwhile.locked?.(tx)
  return new Map(found.map((one) => [one.id, one]))
}

function decide(
  found: Thing | undefined,
  { body, version }: Step,
  company: number,
): Thing | Refusal | RetryIndividually {
  if (found === undefined)
    return company > 1 ? retryIndividually : refuse('thing-unknown', 'unknown', 'There is no such thing.')
  if (body.how === 'trips') throw new TypeError(`cannot move ${found.name}`)
  const stale = versionRefusal(found.version, version)
  if (stale !== undefined) return stale
  if (body.state === 'nowhere') return refuse('state-unknown', 'content', 'There is no such state.')
  return { ...found, state: body.state, version: found.version + 1 }
}

const routes: readonly Route[] = [
  groupedCommand({
    method: 'put',
    path: '/v1/things/:id/state',
    right: 'thing.move',
    summary: 'Moves a thing on',
    body: step,
    answers: thing,
    version: 'required',
    run: move,
  }),
  groupedCommand({
    method: 'post',
    path: '/v1/things/:id/nudge',
    right: 'thing.move',
    summary: 'Nudges a thing, and has nothing to say about it',
    run: async (tx, asked) => {
      const found = await lock(tx, asked)
      await tx.query(save, [[...found.keys()], [...found.values()].map(() => 'nudged')])
      return asked.map(({ params }) => {
        if (found.has(params.id)) return undefined
        return asked.length > 1 ? retryIndividually : refuse('thing-unknown', 'unknown', 'There is no such thing.')
      })
    },
  }),
]

/** The service's options. */
export const groupedThings: ServiceOptions<unknown> = {
  ...things,
  topics: [...things.topics, { name: 'things.moves', partitions: 3 }],
  routes: () => routes,
}
