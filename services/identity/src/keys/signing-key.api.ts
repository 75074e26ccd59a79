import { command, keysOf, query, type KeySource } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { rotateKey, type TokenSettings } from './signing-key.actions.ts'
import { findPublishedKeys } from './signing-key.store.ts'
import { publishedSince } from './signing-key.ts'

const jwksAnswer = z
  .object({
    keys: z.array(
      z.looseObject({ kty: z.string(), crv: z.string().optional(), kid: z.string(), alg: z.string(), use: z.string() }),
    ),
  })
  .meta({ id: 'KeySet' })

const jwksRoute = query({
  path: '/.well-known/jwks.json',
  right: 'public',
  summary: 'The public keys that access tokens are verified with',
  answers: jwksAnswer,
  run: async (db: Database) => ({ keys: await publishedKeys(db) }),
})

/** Routes about keys. */
export function signingKeyRoutes(settings: TokenSettings) {
  const rotate = command({
    method: 'post',
    path: '/v1/signing-keys/rotate',
    right: 'signing-key.rotate',
    summary: 'A new key signs from now on; the old one stays published until its last token has expired',
    answers: z.object({ kid: z.string(), createdAt: z.iso.datetime() }).meta({ id: 'SigningKey' }),
    status: 201,
    run: async (tx: Tx) => {
      const key = await rotateKey(tx, settings)
      return { kid: key.kid, createdAt: key.createdAt.toISOString() }
    },
  })
  return [jwksRoute, rotate]
}

const refetchAfterMs = 2_000

/** Identity verifies with its own keys, from its own table. */
export function ownKeys(db: Database): KeySource {
  let known: ReturnType<typeof keysOf> = new Map()
  let readAtMs = Number.NEGATIVE_INFINITY
  return {
    async find(kid) {
      if (!known.has(kid) && performance.now() - readAtMs > refetchAfterMs) {
        readAtMs = performance.now()
        known = keysOf({ keys: await publishedKeys(db) })
      }
      return known.get(kid)
    },
  }
}

async function publishedKeys(db: Database) {
  return z.array(jwksAnswer.shape.keys.element).parse(await findPublishedKeys(db, publishedSince(new Date())))
}
