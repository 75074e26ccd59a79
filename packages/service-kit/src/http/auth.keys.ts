/**
 * The public keys that tokens are verified with, cached in memory. A known key is found at once, whatever else happens;
 * an unknown one is looked up at once, as long as the look-ups' budget allows it.
 */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { KeySource } from './auth.ts'
import type { Logger } from '../runtime/logging.ts'
import { machineTime, sleepIn, type Time } from '../runtime/time.ts'
import { HttpProblem } from './problem.ts'

/** Limits of how often keys are fetched. */
export interface KeyLimits {
  /** Look-ups of unknown keys that may follow each other at once. */
  readonly burst: number
  /** Milliseconds after which one more is allowed. */
  readonly refillMs: number
  /** Keys older than this are fetched again, in the background, the next time one of them is used. */
  readonly maxAgeMs: number
}

/**
 * At most five look-ups at once and one a second after that, whatever strangers send. Keys are renewed every five
 * minutes: identity publishes a key for fifteen before it signs, so that it is known everywhere by then.
 */
const defaultLimits: KeyLimits = { burst: 5, refillMs: 1_000, maxAgeMs: 300_000 }

/** After a renewal in the background that failed. */
const retryMs = 30_000

/**
 * Keeps keys that `load` gives. A look-up is shared by all who wait for one. When the budget is used up, an unknown
 * key waits for the next look-up that is allowed (`refillMs` at most, when look-ups are fast) and is not refused: a
 * flood of invented ids delays a key that is really new, and nothing else. A key is unknown only after a look-up that
 * began later than the question.
 *
 * @returns a source that throws 503 when an unknown key could not be looked up
 */
export function cachedKeys(
  load: () => Promise<ReadonlyMap<string, KeyObject>>,
  log: Logger,
  limits: KeyLimits = defaultLimits,
  time: Time = machineTime,
): KeySource {
  const budget = tokenBucket(limits.burst, limits.refillMs)
  let keys: ReadonlyMap<string, KeyObject> = new Map()
  let renewAtMs = Number.POSITIVE_INFINITY
  let running: Promise<boolean> | undefined
  let next: Promise<boolean> | undefined

  /** False when it failed: what was known stays known. */
  const loadNow = async (): Promise<boolean> => {
    try {
      const loaded = await load()
      if (loaded.size === 0) throw new Error('there is no key among those that were published')
      keys = loaded
      renewAtMs = time.now() + limits.maxAgeMs
      return true
    } catch (error) {
      log.warn({ err: error }, 'identity’s keys could not be fetched; the known ones stay in use')
      renewAtMs = time.now() + Math.min(retryMs, limits.maxAgeMs)
      return false
    }
  }
  const begin = async (): Promise<boolean> => {
    await running
    const waitMs = budget.take(time.now())
    if (waitMs > 0) await sleepIn(time, waitMs)
    // A request from now on may need a key that this look-up does not see.
    next = undefined
    running = loadNow().finally(() => (running = undefined))
    return running
  }
  const lookUp = (): Promise<boolean> => (next ??= begin())

  const findUnknown = async (kid: string): Promise<KeyObject | undefined> => {
    if (running !== undefined) await running
    const meanwhile = keys.get(kid)
    if (meanwhile !== undefined) return meanwhile
    const looked = await lookUp()
    const found = keys.get(kid)
    // Whether the key is valid is unknown: that is no reason to send people to the login.
    if (found === undefined && !looked) throw unavailable()
    return found
  }

  return {
    find(kid) {
      const known = keys.get(kid)
      if (known === undefined) return findUnknown(kid)
      if (time.now() >= renewAtMs) {
        renewAtMs = Number.POSITIVE_INFINITY
        void lookUp()
      }
      return Promise.resolve(known)
    },
  }
}

function unavailable(): HttpProblem {
  return new HttpProblem(503, 'identity-unavailable', 'The token cannot be verified now. Try again shortly.', {
    headers: { 'Retry-After': '1' },
  })
}

/** See {@link tokenBucket}. */
interface TokenBucket {
  /** Takes one, now or ahead of time: gives the milliseconds until it may be used. */
  take(nowMs: number): number
}

/** A token bucket: full at first, refilled by one every `refillMs`. `take` on an empty one has to wait for the next. */
export function tokenBucket(size: number, refillMs: number): TokenBucket {
  // The moment at which the bucket would be full: each that is taken moves it on.
  let fullAtMs = Number.NEGATIVE_INFINITY
  return {
    take(nowMs) {
      fullAtMs = Math.max(fullAtMs, nowMs) + refillMs
      return Math.max(0, fullAtMs - nowMs - size * refillMs)
    },
  }
}

/** Identity's keys, fetched from its key set. While identity is down the keys that are known stay good. */
export function remoteKeys(identityUrl: string, log: Logger, limits?: KeyLimits, time?: Time): KeySource {
  return cachedKeys(() => fetchKeys(`${identityUrl}/.well-known/jwks.json`), log, limits, time)
}

async function fetchKeys(address: string): Promise<ReadonlyMap<string, KeyObject>> {
  const answer = await fetch(address, { signal: AbortSignal.timeout(3_000) })
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`)
  return keysOf(await answer.json())
}

const jwksSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), crv: z.string().optional(), kid: z.string().optional() })),
})

/** Keys of a JWKS document by `kid`: the P-256 ones, since no others sign our tokens. */
export function keysOf(document: unknown): Map<string, KeyObject> {
  const keys = new Map<string, KeyObject>()
  for (const key of jwksSchema.parse(document).keys)
    if (key.kid !== undefined && key.kty === 'EC' && key.crv === 'P-256')
      keys.set(key.kid, createPublicKey({ key: key as JsonWebKey, format: 'jwk' }))
  return keys
}
