import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { serviceLocks, sql } from '@stockline/service-kit'
import type { Prisma, SigningKey as SigningKeyRow } from '../generated/client.ts'
import type { Database, Tx } from '../database.ts'
import type { SigningKey } from './signing-key.ts'

const lockKeys = sql(`select pg_advisory_xact_lock(${serviceLocks.identity.signingKeys})`)

/** One rotation at a time, over all replicas. Held to the end of the transaction. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
  await tx.query(lockKeys)
}

/** The key that signs and the one that is published to sign next; null before the first of each. */
export async function findSigningKeys(
  db: Database | Tx,
  secret: string | undefined,
): Promise<{ readonly signing: SigningKey | null; readonly next: SigningKey | null }> {
  const rows = await db.prisma.signingKey.findMany({ where: { OR: [{ retiredAt: null }, { next: true }] } })
  const of = (row: SigningKeyRow | undefined) => (row === undefined ? null : keyOf(row, secret))
  return { signing: of(rows.find((row) => !row.next)), next: of(rows.find((row) => row.next)) }
}

/** Public halves of the keys that sign, will sign, or were retired after that time. */
export async function findPublishedKeys(db: Database, since: Date): Promise<Readonly<Record<string, unknown>>[]> {
  const rows = await db.prisma.signingKey.findMany({
    where: { OR: [{ retiredAt: null }, { retiredAt: { gt: since } }] },
    orderBy: { createdAt: 'desc' },
    select: { kid: true, publicJwk: true },
  })
  return rows.map((row) => publicJwkOf(row.kid, row.publicJwk))
}

/**
 * The version before this one knows no next key: to it this is a key that was retired and is still published, so it
 * publishes the key and does not sign with it.
 */
const notYetSigning = new Date('9999-12-31T00:00:00Z')

/** Adds a key: the first one, which signs, or the next one, which is published only. */
export async function insertSigningKey(
  tx: Tx,
  key: SigningKey,
  place: 'signing' | 'next',
  secret: string | undefined,
): Promise<void> {
  await tx.prisma.signingKey.createMany({
    data: {
      kid: key.kid,
      publicJwk: key.publicJwk as Prisma.InputJsonObject,
      privateKey: secret === undefined ? key.privateKey : seal(key.privateKey, secret),
      createdAt: key.createdAt,
      signsFrom: key.signsFrom,
      next: place === 'next',
      retiredAt: place === 'next' ? notYetSigning : null,
    },
  })
}

/** Retires the key that signs, and the next one signs in its place from now on. */
export async function promoteNextKey(tx: Tx, next: SigningKey): Promise<void> {
  await tx.prisma.signingKey.updateMany({ where: { retiredAt: null }, data: { retiredAt: tx.now } })
  await tx.prisma.signingKey.updateMany({
    where: { kid: next.kid },
    data: { next: false, retiredAt: null, signsFrom: tx.now },
  })
}

/** The next key will sign from then on. */
export async function planNextKey(tx: Tx, next: SigningKey, signsFrom: Date): Promise<void> {
  await tx.prisma.signingKey.updateMany({ where: { kid: next.kid }, data: { signsFrom } })
}

function keyOf(row: SigningKeyRow, secret: string | undefined): SigningKey {
  return {
    kid: row.kid,
    publicJwk: publicJwkOf(row.kid, row.publicJwk),
    privateKey: row.privateKey.startsWith(sealMark) ? unseal(row.privateKey, secret) : row.privateKey,
    createdAt: row.createdAt,
    signsFrom: row.signsFrom,
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
