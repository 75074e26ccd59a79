import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { sql } from '@stockline/service-kit'
import type { Prisma, SigningKey as SigningKeyRow } from '../generated/client.ts'
import type { Database, Tx } from '../database.ts'
import type { SigningKey } from './signing-key.ts'

const lockKeys = sql(`select pg_advisory_xact_lock(hashtext('identity.signing-keys'))`)

/** One rotation at a time, over all replicas. Held to the end of the transaction. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
  await tx.query(lockKeys)
}

/** The key that signs now, or null before the first. */
export async function findSigningKey(db: Database | Tx, secret: string | undefined): Promise<SigningKey | null> {
  const row = await db.prisma.signingKey.findFirst({ where: { retiredAt: null } })
  return row === null ? null : keyOf(row, secret)
}

/** Public halves of the keys that sign or were retired after that time. */
export async function findPublishedKeys(db: Database, since: Date): Promise<Readonly<Record<string, unknown>>[]> {
  const rows = await db.prisma.signingKey.findMany({
    where: { OR: [{ retiredAt: null }, { retiredAt: { gt: since } }] },
    orderBy: { createdAt: 'desc' },
    select: { kid: true, publicJwk: true },
  })
  return rows.map((row) => publicJwkOf(row.kid, row.publicJwk))
}

/** Retires the key that signs and puts the new one in its place. */
export async function replaceSigningKey(tx: Tx, key: SigningKey, secret: string | undefined): Promise<void> {
  await tx.prisma.signingKey.updateMany({ where: { retiredAt: null }, data: { retiredAt: tx.now } })
  await tx.prisma.signingKey.createMany({
    data: {
      kid: key.kid,
      publicJwk: key.publicJwk as Prisma.InputJsonObject,
      privateKey: secret === undefined ? key.privateKey : seal(key.privateKey, secret),
      createdAt: key.createdAt,
    },
  })
}

function keyOf(row: SigningKeyRow, secret: string | undefined): SigningKey {
  return {
    kid: row.kid,
    publicJwk: publicJwkOf(row.kid, row.publicJwk),
    privateKey: row.privateKey.startsWith(sealMark) ? unseal(row.privateKey, secret) : row.privateKey,
    createdAt: row.createdAt,
    retiredAt: row.retiredAt,
  }
}

function publicJwkOf(kid: string, jwk: Prisma.JsonValue): Readonly<Record<string, unknown>> {
  return { ...(jwk as Prisma.JsonObject), kid, alg: 'ES256', use: 'sig' }
}

const sealMark = 'sealed:v1:'

/** AES-256-GCM under a key made from the secret. */
function seal(text: string, secret: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(secret), nonce)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return sealMark + [nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')).join(':')
}

function unseal(sealed: string, secret: string | undefined): string {
  if (secret === undefined)
    throw new Error('The signing key in the database is sealed: set KEY_ENCRYPTION_SECRET to what it was sealed with.')
  const [nonce, tag, text] = sealed
    .slice(sealMark.length)
    .split(':')
    .map((part) => Buffer.from(part, 'base64url'))
  if (nonce === undefined || tag === undefined || text === undefined)
    throw new Error('The sealed signing key in the database is damaged.')
  try {
    const decipher = createDecipheriv('aes-256-gcm', sealingKey(secret), nonce)
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new Error('KEY_ENCRYPTION_SECRET is not the one that the signing key was sealed with.', { cause: error })
  }
}

function sealingKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'stockline', 'identity signing key', 32))
}
