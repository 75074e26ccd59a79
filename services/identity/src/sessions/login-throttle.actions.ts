/** Checks a password or a client's secret, with failed tries counted where all replicas see them. */
import { createHash } from 'node:crypto'
import { isRefusal, refuse, type Refusal } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import { inTurn, passwordMatches } from '../passwords/password.actions.ts'
import {
  addFailure,
  findFailures,
  findKnownOrigins,
  forgetFailures,
  forgetOrigins,
  rememberOrigins,
} from './login-throttle.store.ts'
import {
  addressSubject,
  type LoginOrigin,
  type LoginSubject,
  retryAfterSeconds,
  throttledBy,
  type ThrottleSubject,
} from './login-throttle.ts'

/** Who may be found, with what the secret is checked against. */
export interface Credentials {
  readonly active: boolean
  readonly hash: string
}

/** Who tries to sign in, and where from. */
interface Attempt {
  readonly subject: LoginSubject
  readonly address: string
  readonly secret: string
  /** What this device was given at an earlier login, if it shows that. */
  readonly deviceToken?: string | undefined
}

/**
 * The account, when its secret is right and it is active; otherwise why not. The throttle is checked again before the hash is
 * computed, so that many tries at once gain nothing. The origin of a right try is stored as known.
 */
export async function checkSecret<Found extends Credentials>(
  db: Database,
  given: Attempt,
  find: () => Promise<Found | null>,
  wrong: Refusal,
): Promise<Found | Refusal> {
  const origins = originsOf(given)
  const known = await findKnownOrigins(db, given.subject, origins)
  // The device before the address: many may share an address.
  const by = throttledBy(
    given.subject,
    given.address,
    origins.find((origin) => known.includes(origin)),
  )
  const early = await throttleRefusal(db, by.waits)
  if (early !== undefined) return early
  return inTurn(async () => {
    const late = await throttleRefusal(db, by.waits)
    if (late !== undefined) return late
    const found = await find()
    const right = await passwordMatches(given.secret, found?.hash)
    if (!right || found === null || !found.active) {
      await addFailure(db, by.counts)
      return wrong
    }
    await forgetFailures(db, by.own)
    await rememberOrigins(db, given.subject, [addressSubject(given.address)])
    return found
  })
}

function originsOf({ address, deviceToken }: Attempt): readonly LoginOrigin[] {
  const from = addressSubject(address)
  return deviceToken === undefined ? [from] : [deviceOrigin(deviceToken), from]
}

/** A device is known by the hash of what it was given. */
function deviceOrigin(token: string): LoginOrigin {
  return `device:${createHash('sha256').update(token).digest('base64url')}`
}

/** A device that was signed in on is known from now on. */
export async function rememberDevice(db: Database, subject: LoginSubject, token: string): Promise<void> {
  await rememberOrigins(db, subject, [deviceOrigin(token)])
}

/** Does the token belong to a device that has signed in to this account? */
export async function isKnownDevice(db: Database, subject: LoginSubject, token: string): Promise<boolean> {
  return (await findKnownOrigins(db, subject, [deviceOrigin(token)])).length > 0
}

/** Deletes the known origins after a new secret: the old one may have been used by another person. */
export async function forgetKnownOrigins(tx: Tx, subject: LoginSubject): Promise<void> {
  await forgetOrigins(tx, subject)
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
  if (isRefusal(result) && result.kind === 'unauthenticated') await addFailure(db, subjects)
  return result
}

async function throttleRefusal(db: Database, subjects: readonly ThrottleSubject[]): Promise<Refusal | undefined> {
  const seconds = retryAfterSeconds(await findFailures(db, subjects))
  if (seconds === undefined) return undefined
  const detail = `Too many failed logins. Try again in ${seconds} seconds.`
  return { ...refuse('login-throttled', 'throttled', detail), retryAfterSeconds: seconds }
}
