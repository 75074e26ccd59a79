/** A command: key, action, answer and events in one transaction; then, if asked for, the wait for the final document. */
import type { Input, Route } from './endpoint.ts'
import type { SettledPoller } from './endpoint.wait.ts'
import {
  claim,
  findFirstAnswer,
  isTwinCommitted,
  rememberAnswer,
  type FirstAnswer,
  type IdempotencyKey,
} from './idempotency.ts'
import { problemOfRefusal } from './problem.ts'
import { isRefusal, Refused, type Refusal } from './refusal.ts'
import type { Database, Origin, Tx } from './transaction.ts'

/** What is to be sent. */
export interface Outcome {
  readonly value: unknown
  readonly status: number
  /** `value` as JSON, where that is known already. */
  readonly text?: string | null
  /** Seconds of `Prefer: wait` that were honored. */
  readonly waited?: number
}

/** How a command is run, from the headers. */
export interface CommandRun {
  readonly key: IdempotencyKey | undefined
  readonly waitSeconds: number | undefined
  readonly poller: SettledPoller | undefined
}

const twinTries = 3

/** Runs a command and says what to send. */
export async function runCommand<P>(
  route: Route<P>,
  db: Database<P>,
  origin: Origin,
  input: Input<unknown, unknown, unknown>,
  run: CommandRun,
): Promise<Outcome> {
  const { key } = run
  const act = actionOf(route)
  const result = await attempts(db, origin, async (tx, last) => {
    const first = key === undefined ? undefined : await claim(tx, key)
    if (first !== undefined) return outcomeOf(first)
    const value = await act(tx, input)
    if (isRefusal(value)) return value
    const text = route.status === 204 ? null : JSON.stringify(value)
    if (key !== undefined) last(rememberAnswer(tx, key, { status: route.status, text }))
    return { value, status: route.status, text }
  })
  const outcome = isRefusal(result) ? await outcomeOfRefusal(db, key, result) : result
  return waitForFinal(outcome, run)
}

/**
 * The transaction, again where a twin committed between its lookup and its end.
 *
 * @param work hands its last statement to `last` instead of waiting for it: it travels together with COMMIT
 */
async function attempts<P, T>(
  db: Database<P>,
  origin: Origin,
  work: (tx: Tx<P>, last: (statement: Promise<void>) => void) => Promise<T>,
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
      // A commit that failed says only that something before it did.
      const cause = (await failure) ?? error
      if (tries >= twinTries || !isTwinCommitted(cause)) throw cause
    }
  }
}

/** The rule may have said no only because a twin has done it already: then the twin's answer counts. */
async function outcomeOfRefusal<P>(
  db: Database<P>,
  key: IdempotencyKey | undefined,
  refusal: Refusal,
): Promise<Outcome> {
  const first = key === undefined ? undefined : await findFirstAnswer(db, key)
  if (first === undefined) throw problemOfRefusal(refusal)
  return outcomeOf(first)
}

function outcomeOf(first: FirstAnswer): Outcome {
  return { value: first.text === null ? undefined : JSON.parse(first.text), status: first.status, text: first.text }
}

function actionOf<P>(route: Route<P>) {
  if (route.write === undefined) throw new Error(`${route.path} has no action.`)
  return route.write
}

async function waitForFinal(outcome: Outcome, run: CommandRun): Promise<Outcome> {
  if (run.waitSeconds === undefined || run.poller === undefined) return outcome
  const final = await run.poller.wait(outcome.value, run.waitSeconds * 1000)
  if (final === null) return { ...outcome, status: 202, waited: run.waitSeconds }
  return { value: final, status: outcome.status === 202 ? 200 : outcome.status, waited: run.waitSeconds }
}
