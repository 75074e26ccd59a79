/** Checks a password or a client's secret, with failed tries counted where all replicas see them. */
import { isRefusal, refuse, type Refusal } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import { inTurn, passwordMatches } from '../passwords/password.actions.ts'
import { addFailure, findFailures, forgetFailures } from './login-throttle.store.ts'
import { addressSubject, retryAfterSeconds, windowStart, type ThrottleSubject } from './login-throttle.ts'

/** Who may be found, with what the secret is checked against. */
export interface Account {
  readonly active: boolean
  readonly hash: string
}

/**
 * The account, when its secret is right and it is active; otherwise why not. The throttle is asked again when it is
 * this try's turn to be hashed, so that many tries at once gain nothing.
 */
export async function checkSecret<Found extends Account>(
  db: Database,
  given: { readonly subject: ThrottleSubject; readonly address: string; readonly secret: string },
  find: () => Promise<Found | null>,
  wrong: Refusal,
): Promise<Found | Refusal> {
  const subjects = [given.subject, addressSubject(given.address)] as const
  const early = await throttleRefusal(db, subjects)
  if (early !== undefined) return early
  return inTurn(async () => {
    const late = await throttleRefusal(db, subjects)
    if (late !== undefined) return late
    const found = await find()
    const right = await passwordMatches(given.secret, found?.hash)
    const now = new Date()
    if (!right || found === null || !found.active) {
      await addFailure(db, subjects, now, windowStart(now))
      return wrong
    }
    await forgetFailures(db, given.subject, windowStart(now))
    return found
  })
}

/** Counts what is no password, such as a one-time code, by address alone. */
export async function checkByAddress<Result>(
  db: Database,
  address: string,
  check: () => Promise<Result | Refusal>,
): Promise<Result | Refusal> {
  const subjects = [addressSubject(address)]
  const early = await throttleRefusal(db, subjects)
  if (early !== undefined) return early
  const result = await check()
  const now = new Date()
  if (isRefusal(result) && result.kind === 'unauthenticated') await addFailure(db, subjects, now, windowStart(now))
  return result
}

async function throttleRefusal(db: Database, subjects: readonly ThrottleSubject[]): Promise<Refusal | undefined> {
  const now = new Date()
  const seconds = retryAfterSeconds(await findFailures(db, subjects, windowStart(now)), now)
  if (seconds === undefined) return undefined
  const detail = `Too many failed logins. Try again in ${seconds} seconds.`
  return { ...refuse('login-throttled', 'throttled', detail), retryAfterSeconds: seconds }
}
