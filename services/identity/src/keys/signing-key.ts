/** When a key is published, when it signs, and when it is gone. */

export const accessTokenSeconds = 300
const daysSigning = 30
/** A retired key is published until its last token has expired everywhere, clocks and caches included. */
const overlapMs = 60 * 60 * 1000
/**
 * The next key is published for so long before it signs. Our services renew their keys every five minutes; libraries of
 * others keep a key set for ten minutes at most as they come.
 */
const publishedBeforeMs = 15 * 60 * 1000

/** A key of the two sorts: private to sign with, public for everyone. */
export interface SigningKey {
  readonly kid: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** PKCS #8 PEM. */
  readonly privateKey: string
  /** Published since then. */
  readonly createdAt: Date
  /**
   * When it begins to sign. Null for the next key until a rotation is requested, and for a key of an earlier version, which signed
   * from the beginning.
   */
  readonly signsFrom: Date | null
}

/** The first moment at which a key that was published then may sign. */
export function earliestSigning(next: Pick<SigningKey, 'createdAt'>, now: Date): Date {
  return new Date(Math.max(now.getTime(), next.createdAt.getTime() + publishedBeforeMs))
}

type Times = Pick<SigningKey, 'createdAt' | 'signsFrom'>

/** Is it time for the next key to sign in place of this one? */
export function isDueForRotation(signing: Times, next: Times, now: Date): boolean {
  if (next.signsFrom !== null) return next.signsFrom <= now
  const signedMs = now.getTime() - (signing.signsFrom ?? signing.createdAt).getTime()
  return signedMs >= daysSigning * 24 * 60 * 60 * 1000 && earliestSigning(next, now) <= now
}

/** Keys retired before this are published no more. */
export function publishedSince(now: Date): Date {
  return new Date(now.getTime() - overlapMs)
}
