/**
 * Generated requests to a running system, from its own OpenAPI documents: every operation and every role in turn, as
 * documented and with something wrong. Each answer is held against the document.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { groups, mayDo, scopes } from '@stockline/contracts'
import { clientFor } from '@stockline/test-kit'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import { processesBelow } from '@stockline/test-kit/load/processes'
import type { System } from '@stockline/test-kit/load/system'
import { wrongWith } from './answers.ts'
import { openCallers, roles, type Callers, type Role } from './callers.ts'
import { choiceFrom, type Choice } from './choice.ts'
import { nameOf, operationsOf, services, type Operation } from './documents.ts'
import { requestAtDoor } from './doors.ts'
import { exchange, speak, type Received, type Sent } from './exchange.ts'
import { openKnowledge, type Knowledge } from './knowledge.ts'
import { collectionOf, requestTo } from './requests.ts'

export interface FuzzOptions {
  readonly system: System
  /** Requests to operations. */
  readonly requests: number
  /** Requests to the doors beside JSON, after those. */
  readonly doors: number
  /** Repeats the choices; what the answers teach depends on their order. */
  readonly seed: number
  /** Requests at once. */
  readonly atOnce: number
  /** Kill each service once on the way: then, and only then, may an answer be 503. */
  readonly fault: boolean
  readonly say: (line: string) => void
}

/** What came out. */
export interface FuzzReport {
  readonly sent: number
  readonly statuses: Readonly<Record<string, number>>
  /** Largest error answer in bytes. */
  readonly largestProblem: number
  /** Operations that never answered with success to anybody. */
  readonly neverDone: readonly Undone[]
  /** What is wrong, once for each kind, with an example. */
  readonly wrong: readonly { readonly what: string; readonly times: number; readonly example: string }[]
  /** Connections that ended without an answer while a fault was planned. */
  readonly cutByFault: number
}

/** What became of an operation when it was not done: `422 fields-wrong`, the most frequent first. */
interface Undone {
  readonly operation: string
  readonly because: readonly string[]
}

interface Run {
  readonly options: FuzzOptions
  readonly operations: readonly Operation[]
  readonly callers: Callers
  readonly choice: Choice
  readonly knowledge: Knowledge
  readonly statuses: Map<string, number>
  readonly done: Set<string>
  readonly refusals: Map<string, Map<string, number>>
  readonly wrong: Map<string, { times: number; readonly example: string }>
  /** Until when a fault may show, by `performance.now()`. */
  faultUntilMs: number
  largestProblem: number
  cutByFault: number
  sent: number
}

/** After a kill the service is started again; so long may its absence show. */
const faultShowsMs = 30_000
/** An order comes with each so many requests. */
const orderEvery = 100

/** Runs it. What is wrong is in the report, nothing is thrown for it. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { system, requests, doors } = options
  const choice = choiceFrom(options.seed)
  const callers = await openCallers(system)
  const run: Run = {
    ...{ options, callers, choice, statuses: new Map(), done: new Set() },
    ...{ wrong: new Map(), refusals: new Map() },
    operations: await operationsOf(clientFor(system.origin)),
    knowledge: openKnowledge(choice, callers.untouchable),
    ...{ faultUntilMs: 0, largestProblem: 0, cutByFault: 0, sent: 0 },
  }
  await shelve(run)
  const total = requests + doors
  let begun = 0
  const worker = async (): Promise<void> => {
    while (begun < total) {
      const number = begun++
      if (options.fault && number % Math.ceil(total / (services.length + 1)) === 0 && number > 0) killOne(run, number)
      await (number < requests ? toOperation(run, number) : toDoor(run, number))
      if (number % orderEvery === 0) await bringOrder(run)
      if (number % 1_000 === 0) options.say(`${String(number)} of ${String(total)} requests: ${statusesOf(run)}`)
    }
  }
  await Promise.all(Array.from({ length: options.atOnce }, worker))
  return reportOf(run)
}

/** So much that deliveries can be reserved whatever the requests take away. */
async function shelve({ callers, options }: Run): Promise<void> {
  const line = (sku: string) => ({ sku, location: 'WH/Stock', quantity: '100000', unitCost: '2.00' })
  const manager = clientFor(options.system.origin, await callers.tokenOf('manager'))
  must(await manager.send('POST', '/stock/v1/opening-stock', { body: { lines: [line('RM-A'), line('RM-B')] } }), 201)
}

/** Documents for the requests to meet: an order now and then, whose receipt or delivery nobody finishes but they. */
async function bringOrder(run: Run): Promise<void> {
  const { choice, callers, knowledge, options } = run
  const as = async (role: Role) => clientFor(options.system.origin, await callers.tokenOf(role))
  const lines = ['RM-A', 'RM-B', 'RM-A'].map((sku, index) => ({ line: index + 1, sku, quantity: '5', unit: 'kg' }))
  const partner = { code: 'ACME', name: 'Acme Supplies' }
  try {
    const number = `FUZZ-${choice.uuid()}`
    if (choice.oneIn(2))
      await sendOrder(await as('client'), 'sales.order-confirmed.v1', number, { customer: partner, lines })
    else await sendOrder(await as('client'), 'purchasing.order-confirmed.v1', number, { vendor: partner, lines })
    for (const kind of ['receipts', 'deliveries']) {
      const list = await (await as('manager')).get<{ items: { id: string }[] }>(`/picking/v1/${kind}?limit=5`)
      // Another request may have ended the session.
      if (list.status === 401) callers.forget('manager')
      if (list.status !== 200) continue
      for (const { id } of list.body.items) {
        const one = await (await as('manager')).get(`/picking/v1/${kind}/${id}`)
        if (one.status === 200) knowledge.learn(`picking ${kind}`, one.body)
      }
    }
  } catch (error) {
    const isOver = String(error).includes('got 401')
    if (isOver) callers.forget('client')
    else if (!faultPlanned(run)) note(run, 'an order could not be brought', String(error))
  }
}

/** Rare, since they change what all later requests meet: a new signing key, and thousands of events again. */
const rare = new Set(['POST identity /v1/signing-keys/rotate'])
const rarely = 20

/** The operation whose turn it is, or, most times where it is a rare one, that after it. */
function orNext({ operations, choice }: Run, number: number): Operation {
  const [one, next] = [operations[number % operations.length], operations[(number + 1) % operations.length]]
  return rare.has(nameOf(one as Operation)) && !choice.oneIn(rarely) ? (next as Operation) : (one as Operation)
}

async function toOperation(run: Run, number: number): Promise<void> {
  const { operations, choice, knowledge } = run
  // Each operation in turn, each time with the next role: all pairs come equally often, whatever the seed.
  const operation = orNext(run, number)
  const round = Math.floor(number / operations.length)
  const allowed = roles.filter((role) => may(role, operation['x-right']))
  const role =
    round % 2 === 0 || allowed.length === 0 ? (roles[(round / 2) % roles.length] ?? 'nobody') : choice.of(allowed)
  const token = await run.callers.tokenOf(role)
  const manner = choice.oneIn(2) ? 'valid' : 'mutated'
  const sent = requestTo(operation, { choice, knowledge, manner, token })
  const received = await answerTo(run, sent)
  if (received === undefined) return
  judge(run, operation, sent, received)
  if (received.status === 401) run.callers.forget(role)
  if (received.status >= 300) {
    countRefusal(run, nameOf(operation), received)
    return
  }
  run.done.add(nameOf(operation))
  knowledge.learn(collectionOf(operation), jsonOf(received.body))
}

async function toDoor(run: Run, number: number): Promise<void> {
  const { operations, choice, knowledge, callers } = run
  const target = orNext(run, number)
  const token = await callers.tokenOf(choice.of(roles))
  const { operation, sent } = requestAtDoor(target, operations, { choice, knowledge, manner: 'valid', token })
  const received = await answerTo(run, sent)
  if (received === undefined) return
  judge(run, operation, sent, received)
  // A session that ends itself says so with its next request.
  if (received.status === 401 || received.status === 204)
    for (const role of roles) if (choice.oneIn(6)) callers.forget(role)
}

const asActor: Readonly<
  Record<Role, { readonly groups: readonly string[]; readonly scopes: readonly string[] } | undefined>
> = {
  nobody: undefined,
  user: { groups: [groups.user], scopes: [] },
  supervisor: { groups: [groups.supervisor], scopes: [] },
  manager: { groups: [groups.manager], scopes: [] },
  administrator: { groups: [groups.administrator], scopes: [] },
  client: { groups: [], scopes },
}

export function may(role: Role, right: string): boolean {
  const actor = asActor[role]
  if (right === 'public') return true
  if (actor === undefined) return false
  if (right.startsWith('scope:')) return actor.scopes.includes(right.slice('scope:'.length))
  return right === 'signed-in' || mayDo(actor, right)
}

async function answerTo(run: Run, sent: Sent | Buffer): Promise<Received | undefined> {
  const { origin } = run.options.system
  run.sent += 1
  try {
    return await (Buffer.isBuffer(sent) ? speak(origin, sent) : exchange(origin, sent))
  } catch (error) {
    if (faultPlanned(run)) {
      run.cutByFault += 1
      await delay(200)
    } else note(run, `no answer: ${error instanceof Error ? error.message : String(error)}`, shown(sent))
    return undefined
  }
}

function judge(run: Run, operation: Operation | undefined, sent: Sent | Buffer, received: Received): void {
  const { status, body } = received
  run.statuses.set(String(status), (run.statuses.get(String(status)) ?? 0) + 1)
  if (status >= 400) run.largestProblem = Math.max(run.largestProblem, body.length)
  const wrong = wrongWith(operation, received, faultPlanned(run))
  if (wrong === undefined) return
  const what = `${operation === undefined ? 'any address' : nameOf(operation)}: ${wrong}`
  note(run, what, `${shown(sent)}\n  answered ${String(status)} ${body.toString('utf8', 0, 1_500)}`)
}

function countRefusal({ refusals }: Run, operation: string, { status, body }: Received): void {
  const type: unknown = Reflect.get(Object(jsonOf(body)) as object, 'type')
  const reason = `${String(status)} ${typeof type === 'string' ? type : ''}`
  const counts = refusals.get(operation) ?? new Map<string, number>()
  refusals.set(operation, counts.set(reason, (counts.get(reason) ?? 0) + 1))
}

function mostFrequent(counts: ReadonlyMap<string, number> | undefined): string[] {
  const sorted = [...(counts ?? [])].sort(([, a], [, b]) => b - a)
  return sorted.slice(0, 6).map(([reason, times]) => `${String(times)} × ${reason}`)
}

function note(run: Run, what: string, example: string): void {
  const known = run.wrong.get(what)
  if (known !== undefined) {
    known.times += 1
    return
  }
  run.wrong.set(what, { times: 1, example })
  run.options.say(`${what}\n  ${example}`)
}

/** `200: 512, 401: 90` */
function statusesOf({ statuses }: Run): string {
  const sorted = [...statuses].sort(([a], [b]) => a.localeCompare(b))
  return sorted.map(([status, times]) => `${status}: ${String(times)}`).join(', ')
}

/** A request as the report shows it. */
function shown(sent: Sent | Buffer): string {
  if (Buffer.isBuffer(sent)) return JSON.stringify(sent.toString('latin1', 0, 600))
  const { authorization, ...headers } = sent.headers
  const who = authorization === undefined ? 'nobody' : `${authorization.slice(0, 12)}…`
  const text = `${sent.method} ${sent.path} by ${who} ${JSON.stringify(headers)}`
  return `${text.slice(0, 1_500)} ${sent.body?.toString('utf8', 0, 1_500) ?? ''}`
}

function faultPlanned(run: Run): boolean {
  return performance.now() < run.faultUntilMs
}

/** Kills the next service; `start` brings it back. */
function killOne(run: Run, number: number): void {
  const name =
    services[Math.floor(number / Math.ceil((run.options.requests + run.options.doors) / 5)) % services.length]
  const victim = processesBelow(run.options.system.pid).find((one) => one.name === name)
  if (victim === undefined) return
  run.faultUntilMs = performance.now() + faultShowsMs
  run.options.say(`killing ${victim.name}`)
  process.kill(victim.pid, 'SIGKILL')
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

function reportOf(run: Run): FuzzReport {
  const { statuses, largestProblem, cutByFault, sent } = run
  return {
    sent,
    statuses: Object.fromEntries([...statuses].sort(([a], [b]) => a.localeCompare(b))),
    largestProblem,
    neverDone: run.operations
      .map(nameOf)
      .filter((name) => !run.done.has(name))
      .map((operation) => ({ operation, because: mostFrequent(run.refusals.get(operation)) })),
    wrong: [...run.wrong].map(([what, { times, example }]) => ({ what, times, example })),
    cutByFault,
  }
}
