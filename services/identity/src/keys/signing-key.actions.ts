/**
 * Keys that sign access tokens: made and published ahead of their turn, rotated by age or on demand, published while
 * any token of theirs may live.
 */
import { generateKeyPair, type KeyObject, createPrivateKey } from 'node:crypto'
import { promisify } from 'node:util'
import jwt from 'jsonwebtoken'
import { v7 as uuid } from 'uuid'
import { recordAudit } from '../audit/audit.actions.ts'
import type { Tx } from '../database.ts'
import { findSigningKeys, insertSigningKey, lockSigningKeys, planNextKey, promoteNextKey } from './signing-key.store.ts'
import { accessTokenSeconds, earliestSigning, isDueForRotation, type SigningKey } from './signing-key.ts'

const generate = promisify(generateKeyPair)

/** Where tokens come from and whom they are for. */
export interface TokenSettings {
  readonly issuer: string
  readonly audience: string
  /** Seals private keys in the database. */
  readonly keySecret: string | undefined
}

/** The claims of a token about its bearer. */
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

/** The key that signs now. Makes the first and the next one where they are missing, and rotates where it is time. */
export async function currentKey(tx: Tx, settings: TokenSettings): Promise<SigningKey> {
  const { signing, next } = await findSigningKeys(tx, settings.keySecret)
  if (signing !== null && next !== null && !isDueForRotation(signing, next, tx.now)) return signing
  await lockSigningKeys(tx)
  const both = await completeKeys(tx, settings)
  return isDueForRotation(both.signing, both.next, tx.now) ? promote(tx, settings, both.next) : both.signing
}

/**
 * The next key signs in place of the present one: from now on, or as soon as it has been published for long enough.
 * The present one is published until its last token has expired.
 */
export async function rotateKey(tx: Tx, settings: TokenSettings): Promise<SigningKey & { readonly signsFrom: Date }> {
  await lockSigningKeys(tx)
  const { next } = await completeKeys(tx, settings)
  const signsFrom = next.signsFrom ?? earliestSigning(next, tx.now)
  if (signsFrom <= tx.now) return { ...(await promote(tx, settings, next)), signsFrom: tx.now }
  if (next.signsFrom === null) {
    await planNextKey(tx, next, signsFrom)
    const subject = { id: next.kid, name: next.kid }
    const planned = { signsFrom: signsFrom.toISOString() }
    await recordAudit(tx, { action: 'signing-key.rotation-planned', subject, new: planned })
  }
  return { ...next, signsFrom }
}

/** Both keys, made where they are missing. The lock is held. */
async function completeKeys(tx: Tx, settings: TokenSettings): Promise<{ signing: SigningKey; next: SigningKey }> {
  const found = await findSigningKeys(tx, settings.keySecret)
  const signing = found.signing ?? (await makeKey(tx, settings, 'signing'))
  const next = found.next ?? (await makeKey(tx, settings, 'next'))
  return { signing, next }
}

async function promote(tx: Tx, settings: TokenSettings, next: SigningKey): Promise<SigningKey> {
  await promoteNextKey(tx, next)
  await makeKey(tx, settings, 'next')
  await recordAudit(tx, { action: 'signing-key.rotated', subject: { id: next.kid, name: next.kid } })
  return next
}

async function makeKey(tx: Tx, settings: TokenSettings, place: 'signing' | 'next'): Promise<SigningKey> {
  const pair = await generate('ec', { namedCurve: 'P-256' })
  const key: SigningKey = {
    kid: uuid(),
    publicJwk: pair.publicKey.export({ format: 'jwk' }),
    privateKey: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    createdAt: tx.now,
    signsFrom: place === 'signing' ? tx.now : null,
  }
  await insertSigningKey(tx, key, place, settings.keySecret)
  if (place === 'signing')
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
