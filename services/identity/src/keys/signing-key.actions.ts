/** Keys that sign access tokens: made, rotated by age or on demand, published while any token of theirs may live. */
import { generateKeyPair, type KeyObject, createPrivateKey } from 'node:crypto'
import { promisify } from 'node:util'
import jwt from 'jsonwebtoken'
import { v7 as uuid } from 'uuid'
import { recordAudit } from '../audit/audit.actions.ts'
import type { Tx } from '../database.ts'
import { findSigningKey, lockSigningKeys, replaceSigningKey } from './signing-key.store.ts'
import { accessTokenSeconds, isDueForRotation, type SigningKey } from './signing-key.ts'

const generate = promisify(generateKeyPair)

/** Where tokens come from and whom they are for. */
export interface TokenSettings {
  readonly issuer: string
  readonly audience: string
  /** Seals private keys in the database. */
  readonly keySecret: string | undefined
}

/** What a token says of its bearer. */
export type TokenSubject =
  | {
      readonly sub: string
      readonly name: string
      readonly groups: readonly string[]
      readonly sid: string
    }
  | { readonly sub: string; readonly name: string; readonly scope: string }

/** An access token: ES256, five minutes. */
export async function signAccessToken(tx: Tx, settings: TokenSettings, subject: TokenSubject): Promise<string> {
  const { kid, privateKey } = await currentKey(tx, settings)
  const iat = Math.floor(tx.now.getTime() / 1000)
  const claims = {
    ...subject,
    iss: settings.issuer,
    aud: settings.audience,
    jti: uuid(),
    iat,
    nbf: iat,
    exp: iat + accessTokenSeconds,
  }
  return jwt.sign(claims, keyObjectOf(kid, privateKey), {
    algorithm: 'ES256',
    header: { alg: 'ES256', typ: 'at+jwt', kid },
  })
}

/** The key that signs now; a first or a new one where it is time. */
export async function currentKey(tx: Tx, settings: TokenSettings): Promise<SigningKey> {
  const found = await findSigningKey(tx, settings.keySecret)
  if (found !== null && !isDueForRotation(found, tx.now)) return found
  await lockSigningKeys(tx)
  const meanwhile = await findSigningKey(tx, settings.keySecret)
  if (meanwhile !== null && !isDueForRotation(meanwhile, tx.now)) return meanwhile
  return makeKey(tx, settings)
}

/** A new key signs from now on; the old one is published until its last token has expired. */
export async function rotateKey(tx: Tx, settings: TokenSettings): Promise<SigningKey> {
  await lockSigningKeys(tx)
  return makeKey(tx, settings)
}

async function makeKey(tx: Tx, settings: TokenSettings): Promise<SigningKey> {
  const pair = await generate('ec', { namedCurve: 'P-256' })
  const key: SigningKey = {
    kid: uuid(),
    publicJwk: pair.publicKey.export({ format: 'jwk' }),
    privateKey: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    createdAt: tx.now,
    retiredAt: null,
  }
  await replaceSigningKey(tx, key, settings.keySecret)
  await recordAudit(tx, { action: 'signing-key.rotated', subject: { id: key.kid, name: key.kid } })
  return key
}

/** Parsing a PEM costs more than signing with it. */
const parsed = new Map<string, KeyObject>()

function keyObjectOf(kid: string, pem: string): KeyObject {
  const known = parsed.get(kid)
  if (known !== undefined) return known
  const key = createPrivateKey(pem)
  parsed.clear()
  parsed.set(kid, key)
  return key
}
