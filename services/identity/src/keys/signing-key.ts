/** When a key signs, when it is only published, and when it is gone. */

export const accessTokenSeconds = 300
const daysSigning = 30
/** A retired key is published until its last token has expired everywhere, clocks and caches included. */
const overlapMs = 60 * 60 * 1000

/** A key of the two sorts: private to sign with, public for everyone. */
export interface SigningKey {
  readonly kid: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** PKCS #8 PEM. */
  readonly privateKey: string
  readonly createdAt: Date
  readonly retiredAt: Date | null
}

/** Has it signed for long enough? */
export function isDueForRotation(key: Pick<SigningKey, 'createdAt'>, now: Date): boolean {
  return now.getTime() - key.createdAt.getTime() >= daysSigning * 24 * 60 * 60 * 1000
}

/** Keys retired before this are published no more. */
export function publishedSince(now: Date): Date {
  return new Date(now.getTime() - overlapMs)
}
