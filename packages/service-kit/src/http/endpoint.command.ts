/** A command: key, action, answer and events in one transaction; then, on request, the wait for the final document. */
import type { CommandRequest } from './endpoint.declarations.ts'
import type { Route } from './endpoint.ts'
import type { SettledPoller } from './endpoint.wait.ts'
import {
  claimKeys,
  findFirstAnswer,
  isDuplicateCommitted,
  saveAnswers,
  type FirstAnswer,
  type IdempotencyKey,
} from './idempotency.ts'
import type { Logger } from '../runtime/logging.ts'
import { HttpProblem, problemOfRefusal } from './problem.ts'
import { isRefusal, Refused, type Refusal } from '../refusal.ts'
import { retryIndividually, groupCommit, type RetryIndividually, type Meet } from '../runtime/group-commit.ts'
import { systemOrigin, type Database, type Origin, type Tx } from '../database/transaction.ts'

/** What is to be sent. */
export interface RouteOutcome {
  readonly value: unknown
  readonly status: number
  /** `value` as JSON, where that is known already. */
  readonly text?: string | null
  /** Seconds of `Prefer: wait` that were honored. */
  readonly waited?: number
  /** It was answered before: the actor may have lost rights since. */
  readonly repeated?: true
}

/** One request for a command. */
export interface KeyedRequest extends CommandRequest<unknown, unknown, unknown> {
  readonly key: IdempotencyKey | undefined
}

/** How a command is run. */
export interface CommandRun<P> {
  /** Judges a first answer before it is given again. */
  readonly again: Route<P>['again']
  /** Adds what is not part of the transaction. */
  readonly completed: Route<P>['completed']
  /** Takes the request: by itself, or in a group. What cannot be done is a refusal or a problem. */
  readonly take: CommandTaker
  readonly waitSeconds: number | undefined
  readonly waits: Route<P>['waits']
  readonly poller: SettledPoller | undefined
}

/** Takes a request in a transaction. */
export type CommandTaker = (request: KeyedRequest) => Promise<RouteOutcome | Refusal | HttpProblem>

const duplicateTries = 3
/** Requests in one transaction at most: it must end soon, since it holds all their documents. */
const mostTogether = 32

/** Runs a command and returns what to send. */
export async function runCommand<P>(db: Database<P>, request: KeyedRequest, run: CommandRun<P>): Promise<RouteOutcome> {
  const result = await run.take(request)
  if (result instanceof HttpProblem) throw result
  const outcome = isRefusal(result) ? await outcomeOfRefusal(db, request.key, result) : result
  const given = outcome.repeated === true ? await givenAgain(db, request, outcome, run) : outcome
  const { completed } = run
  if (completed === undefined) return waitForFinal(given, request, run)
  const value = await completed(db, given.value, request.actor)
  return waitForFinal({ value, status: given.status }, request, run)
}

/** The first answer, as far as the actor may see it now. */
async function givenAgain<P>(
  db: Database<P>,
  request: KeyedRequest,
  first: RouteOutcome,
  { again }: CommandRun<P>,
): Promise<RouteOutcome> {
  if (again === undefined || first.value === undefined) return first
  const value = await again(db, first.value, request.actor)
  if (isRefusal(value)) throw problemOfRefusal(value)
  return { value, status: first.status }
}

/** How the requests of a route are taken: each in a transaction of its own, or in a group commit where the route allows it. */
export function commandTaker<P>(route: Route<P>, db: Database<P>, log: Logger, meet: Meet | undefined): CommandTaker {
  const single: CommandTaker = (request) => takeIndividually(route, db, request)
  const { writeTogether } = route
  if (writeTogether === undefined) return single
  return groupCommit<KeyedRequest, RouteOutcome | Refusal | HttpProblem>({
    name: `${route.method} ${route.path}`,
    most: mostTogether,
    // A second request about one document must see what the first has done, and a duplicate what was answered.
    apart: ({ params, key }) => [JSON.stringify(params), ...(key === undefined ? [] : [`${key.actor} ${key.key}`])],
    group: async (members) => {
      const results = await attempts(db, systemOrigin(), (tx, last) => takeGroup(route, tx, members, last))
      // A thrown refusal belongs to one member, and it is unknown to which: each is retried individually.
      return isRefusal(results) ? members.map(() => retryIndividually) : results
    },
    single,
    log,
    meet,
  })
}

async function takeIndividually<P>(
  route: Route<P>,
  db: Database<P>,
  request: KeyedRequest,
): Promise<RouteOutcome | Refusal> {
  const { key } = request
  const act = actionOf(route)
  await route.before?.(db, request)
  return attempts(db, request.origin, async (tx, last) => {
    const [first] = key === undefined ? [] : await claimKeys(tx, [key])
    if (first instanceof HttpProblem) throw first
    if (first !== undefined) return outcomeOf(first)
    const value = await act(tx, request)
    if (isRefusal(value)) return value
    const text = route.status === 204 ? null : JSON.stringify(value)
    if (key !== undefined) last(saveAnswers(tx, [{ key, answer: { status: route.status, text } }]))
    return { value, status: route.status, text }
  })
}

/** Keys, action and answers of several requests, each in as many statements as one alone. */
async function takeGroup<P>(
  route: Route<P>,
  tx: Tx<P>,
  members: readonly KeyedRequest[],
  last: Last,
): Promise<readonly (RouteOutcome | Refusal | HttpProblem | RetryIndividually)[]> {
  const keys = members.map((one) => one.key ?? missingKey(route))
  const claims = await claimKeys(tx, keys)
  const fresh = members.filter((_, index) => claims[index] === undefined)
  // The action for one request waits for the lock of its document, and the others here would wait with it.
  const values = fresh.length < 2 ? fresh.map(() => retryIndividually) : await (route.writeTogether?.(tx, fresh) ?? [])
  if (values.length !== fresh.length) throw new Error(`${route.path} does not answer each request.`)
  const valueOf = new Map(fresh.map((one, index) => [one, values[index]]))
  const results = members.map((one, index): RouteOutcome | Refusal | HttpProblem | RetryIndividually => {
    const first = claims[index]
    if (first !== undefined) return first instanceof HttpProblem ? first : outcomeOf(first)
    const value = valueOf.get(one)
    if (isRefusal(value)) return value
    if (value === retryIndividually) return retryIndividually
    return { value, status: route.status, text: route.status === 204 ? null : JSON.stringify(value) }
  })
  const answers = results.flatMap((result, index) => {
    const key = keys[index]
    if (result === retryIndividually || result instanceof HttpProblem || isRefusal(result)) return []
    if (key === undefined || claims[index] !== undefined) return []
    return [{ key, answer: { status: result.status, text: result.text ?? null } }]
  })
  last(saveAnswers(tx, answers))
  return results
}

function missingKey<P>(route: Route<P>): never {
  throw new Error(`${route.path} takes requests together, and one has no Idempotency-Key.`)
}

/** Takes a transaction's last statement, which is not awaited before COMMIT. */
type Last = (statement: Promise<void>) => void

/**
 * The transaction, again where a duplicate committed between its lookup and its end.
 *
 * @param work hands its last statement to `last` instead of waiting for it: it travels together with COMMIT
 */
async function attempts<P, T>(
  db: Database<P>,
  origin: Origin,
  work: (tx: Tx<P>, last: Last) => Promise<T>,
): Promise<T | Refusal> {
  for (let tries = 1; ; tries += 1) {
    let failure: Promise<unknown> | undefined
    try {
      return await db.transaction(origin, (tx) =>
        work(tx, (statement) => {
          failure = statement.then(
            () => undefined,
            (error: unknown) => error,
          )
        }),
      )
    } catch (error) {
      if (error instanceof Refused) return error.refusal
      // A failed commit reports only that a statement before it failed.
      const cause = (await failure) ?? error
      if (tries >= duplicateTries || !isDuplicateCommitted(cause)) throw cause
    }
  }
}

/** The rule may have refused only because a duplicate has done it already: then the first answer counts. */
async function outcomeOfRefusal<P>(
  db: Database<P>,
  key: IdempotencyKey | undefined,
  refusal: Refusal,
): Promise<RouteOutcome> {
  const first = key === undefined ? undefined : await findFirstAnswer(db, key)
  if (first === undefined) throw problemOfRefusal(refusal)
  return outcomeOf(first)
}

function outcomeOf(first: FirstAnswer): RouteOutcome {
  const value: unknown = first.text === null ? undefined : JSON.parse(first.text)
  return { value, status: first.status, text: first.text, repeated: true }
}

function actionOf<P>(route: Route<P>): (tx: Tx<P>, request: KeyedRequest) => Promise<unknown> {
  const { write, writeTogether } = route
  if (write !== undefined) return write
  if (writeTogether === undefined) throw new Error(`${route.path} has no action.`)
  return async (tx, request) => {
    const [value] = await writeTogether(tx, [request])
    if (value === retryIndividually) throw new Error(`${route.path} cannot take a request by itself.`)
    return value
  }
}

async function waitForFinal<P>(
  outcome: RouteOutcome,
  { body }: KeyedRequest,
  run: CommandRun<P>,
): Promise<RouteOutcome> {
  const { waitSeconds, waits, poller } = run
  if (poller === undefined || (waitSeconds === undefined && waits === undefined)) return outcome
  const { seconds, answer } = waits?.(outcome.value, body) ?? { seconds: 0, answer: outcome.value }
  if (waitSeconds === undefined && seconds === 0) return outcome
  const final = await poller.wait(answer, (waitSeconds ?? seconds) * 1000)
  const waited = waitSeconds === undefined ? {} : { waited: waitSeconds }
  // Without `Prefer: wait` the answer is the one that there is.
  if (final === null) return waitSeconds === undefined ? outcome : { ...outcome, status: 202, ...waited }
  if (isRefusal(final)) throw problemOfRefusal(final)
  return { value: final, status: outcome.status === 202 ? 200 : outcome.status, ...waited }
}
