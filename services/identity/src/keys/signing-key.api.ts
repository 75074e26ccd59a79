import { cachedKeys, command, keysOf, query, timeOfDay, type KeySource, type Logger } from '@stockline/service-kit'
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
    summary: 'The next key signs from now on; the old one stays published until its last token has expired',
    description:
      'The next key is published long before it signs, so that everybody knows it. Where it has been published for less than 15 minutes, as right after another rotation, it signs once these are over: `signsFrom` says when.',
    answers: z
      .object({ kid: z.string(), createdAt: z.iso.datetime(), signsFrom: z.iso.datetime() })
      .meta({ id: 'SigningKey' }),
    status: 201,
    run: async (tx: Tx) => {
      const key = await rotateKey(tx, settings)
      return { kid: key.kid, createdAt: key.createdAt.toISOString(), signsFrom: key.signsFrom.toISOString() }
    },
  })
  return [jwksRoute, rotate]
}

/** Identity verifies with its own keys, from its own table. */
export function ownKeys(db: Database, log: Logger): KeySource {
  return cachedKeys(async () => keysOf({ keys: await publishedKeys(db) }), log)
}

async function publishedKeys(db: Database) {
  return z
    .array(jwksAnswer.shape.keys.element)
    .parse(await findPublishedKeys(db, publishedSince(new Date(timeOfDay()))))
}
