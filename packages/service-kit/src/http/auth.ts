/**
 * Who is asking: access tokens (ES256, `typ: at+jwt`), verified with identity's public keys.
 *
 * A user's token has `sub`, `name`, `groups` and `sid`; a service client's has `sub`, `name` and `scope`
 * (words separated by spaces) and perhaps `sources`, and neither groups nor session. Both have `iss`, `aud`, `jti`, `iat`, `nbf`, `exp`.
 * Key and algorithm are pinned by `kid`: the algorithm in the token's header is never trusted.
 */
import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { timeOfDay, type Clock } from '../runtime/clock.ts'
import type { Actor } from './endpoint.declarations.ts'

/** Finds the public key of a `kid`; undefined when it is unknown. */
export interface KeySource {
  find(kid: string): Promise<KeyObject | undefined>
}

/** Why a token is not accepted, for the log and the answer. It never repeats the token. */
interface TokenRefusal {
  readonly invalid: string
}

/** Turns a bearer token into an actor. */
export interface Authenticator {
  actorOf(token: string): Actor | TokenRefusal | Promise<Actor | TokenRefusal>
}

export interface AuthenticatorOptions {
  readonly keys: KeySource
  readonly issuer: string
  readonly audience: string
  readonly isRevoked: (sessionId: string) => boolean
  /** Verified tokens in the cache at most. */
  readonly cacheSize?: number
  /** Default: this process's time of day. */
  readonly clock?: Clock
}

/**
 * Clocks of machines differ. A token that expired a moment ago is taken, and so is one from the near future: only
 * identity signs, so a time in the future means a slow clock here, not an attack; and as such a token ends
 * with its `exp`, it is good for that much longer at most.
 */
const expiryToleranceSeconds = 5
const futureToleranceSeconds = 30

const claimsSchema = z.object({
  sub: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  groups: z.array(z.string()).optional(),
  scope: z.string().optional(),
  sources: z.array(z.string()).optional(),
  sid: z.string().min(1).optional(),
  jti: z.string().min(1),
  iat: z.number(),
  nbf: z.number(),
  exp: z.number(),
})

interface Verified {
  readonly actor: Actor
  readonly expiresAtMs: number
}

/** Verifies tokens, and caches those that are valid: a verification costs as much as all the rest of a request. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { cacheSize = 5_000, clock = timeOfDay } = options
  const cache = new LRUCache<string, Verified>({ max: cacheSize })

  const admit = (verified: Verified): Actor | TokenRefusal =>
    verified.actor.sessionId !== undefined && options.isRevoked(verified.actor.sessionId)
      ? { invalid: 'its session was revoked' }
      : verified.actor

  const verifyAndCache = async (token: string): Promise<Actor | TokenRefusal> => {
    const verified = await verify(token, options)
    if ('invalid' in verified) return verified
    cache.set(token, verified)
    return admit(verified)
  }

  return {
    actorOf(token) {
      const known = cache.get(token)
      if (known === undefined) return verifyAndCache(token)
      if (known.expiresAtMs <= clock()) {
        cache.delete(token)
        return { invalid: 'it has expired' }
      }
      return admit(known)
    },
  }
}

async function verify(token: string, options: AuthenticatorOptions): Promise<Verified | TokenRefusal> {
  const header = jwt.decode(token, { complete: true })?.header
  if (header === undefined) return { invalid: 'it is not a JSON Web Token' }
  if (header.alg !== 'ES256') return { invalid: 'it is not signed with ES256' }
  if (header.typ?.toLowerCase() !== 'at+jwt') return { invalid: 'it is not an access token' }
  if (typeof header.kid !== 'string') return { invalid: 'it names no key' }
  const key = await options.keys.find(header.kid)
  if (key === undefined) return { invalid: 'its key is unknown' }
  const nowSeconds = (options.clock ?? timeOfDay)() / 1000
  try {
    const claims = claimsSchema.safeParse(
      jwt.verify(token, key, {
        algorithms: ['ES256'],
        issuer: options.issuer,
        audience: options.audience,
        clockTimestamp: Math.floor(nowSeconds),
        clockTolerance: expiryToleranceSeconds,
        // Judged below, since it has a tolerance of its own.
        ignoreNotBefore: true,
      }),
    )
    if (!claims.success)
      return { invalid: `it lacks ${claims.error.issues.map((issue) => issue.path.join('.')).join(', ')}` }
    const { iat, nbf } = claims.data
    if (Math.max(iat, nbf) > nowSeconds + futureToleranceSeconds) return { invalid: 'it is not valid yet' }
    return verifiedOf(claims.data)
  } catch (error) {
    return { invalid: reasonOf(error) }
  }
}

function verifiedOf(claims: z.output<typeof claimsSchema>): Verified | TokenRefusal {
  const expiresAtMs = (claims.exp + expiryToleranceSeconds) * 1000
  const who = { id: claims.sub, name: claims.name }
  if (claims.sid !== undefined && claims.groups !== undefined)
    return {
      actor: { ...who, groups: claims.groups, scopes: [], sessionId: claims.sid, kind: 'user' },
      expiresAtMs,
    }
  if (claims.sid === undefined && claims.groups === undefined && claims.scope !== undefined)
    return {
      actor: {
        ...who,
        groups: [],
        scopes: claims.scope.split(' ').filter((word) => word !== ''),
        ...(claims.sources === undefined ? {} : { sources: claims.sources }),
        kind: 'client',
      },
      expiresAtMs,
    }
  return { invalid: 'it is neither a user’s (sid, groups) nor a client’s (scope)' }
}

function reasonOf(error: unknown): string {
  if (error instanceof jwt.TokenExpiredError) return 'it has expired'
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('jwt audience')) return 'it is for another audience'
  if (message.startsWith('jwt issuer')) return 'it is from another issuer'
  return 'its signature is not valid'
}
