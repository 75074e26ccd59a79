/**
 * How many failed logins an account and an address are allowed, and how much they are slowed down after that. Logins
 * that succeed never count.
 *
 * Where an account has signed in from before, an address or a device, failures are counted apart: whoever guesses
 * passwords from elsewhere slows down those from elsewhere, and the owner at his usual place does not notice.
 */

/** Failures begun before so many seconds count no more. */
export const windowSeconds = 5 * 60
/** When the free tries are used up, one more may be made so long after the last. */
const slowSeconds = 30
const freeTries = { account: 10, client: 10, address: 100, known: 10 } as const

/** What failures are counted by: `account:alice`, `client:erp`, `address:192.0.2.7`, `known:account:alice …`. */
export type ThrottleSubject = `${keyof typeof freeTries}:${string}`
/** Who signs in. */
export type LoginSubject = `account:${string}` | `client:${string}`
/** Where a login comes from: an address, or a device by the hash of its token. */
export type LoginOrigin = `address:${string}` | `device:${string}`

export interface Failures {
  readonly subject: string
  readonly failures: number
  /** Seconds since the last of them, by the database's clock. */
  readonly lastSeconds: number
}

/** What a try is counted by: each of these that has no try left makes it wait, and a failure counts for all `counts`. */
export interface ThrottledBy {
  readonly waits: readonly ThrottleSubject[]
  readonly counts: readonly ThrottleSubject[]
  /** A success wipes out its failures. */
  readonly own: ThrottleSubject
}

/** @param known the origin of this try that the subject has signed in from before, if any */
export function throttledBy(subject: LoginSubject, address: string, known: LoginOrigin | undefined): ThrottledBy {
  const from = addressSubject(address)
  // Logins of others from the same address must not lock out a known user: failures count for the address, which is not checked.
  if (known !== undefined)
    return {
      waits: [`known:${subject} ${known}`],
      counts: [`known:${subject} ${known}`, from],
      own: `known:${subject} ${known}`,
    }
  return { waits: [subject, from], counts: [subject, from], own: subject }
}

/** Seconds until a try is allowed again; undefined when it is allowed now. */
export function retryAfterSeconds(counted: readonly Failures[]): number | undefined {
  const waits = counted.filter(exhausted).map(({ lastSeconds }) => slowSeconds - Math.max(0, lastSeconds))
  const longest = Math.max(0, ...waits)
  return longest === 0 ? undefined : Math.ceil(longest)
}

/** An IPv6 customer has a whole /64: they count as one. */
export function addressSubject(address: string): `address:${string}` {
  const plain = address.replace(/^::ffff:/i, '').replace(/%.*$/, '')
  return `address:${plain.includes(':') ? networkOf(plain) : plain}`
}

function exhausted({ subject, failures }: Failures): boolean {
  return failures >= freeTries[subject.slice(0, subject.indexOf(':')) as keyof typeof freeTries]
}

function networkOf(address: string): string {
  const [before = [], after = []] = address
    .toLowerCase()
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
