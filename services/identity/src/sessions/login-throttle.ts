/** How many failed logins an account and an address are allowed. Logins that succeed never count. */

const windowMs = 5 * 60 * 1000
const allowed = { account: 10, client: 10, address: 100 } as const

/** What failures are counted by: `account:alice`, `client:erp`, `address:192.0.2.7`. */
export type ThrottleSubject = `${keyof typeof allowed}:${string}`

export interface Failures {
  readonly subject: string
  readonly failures: number
  /** When the first of them was. */
  readonly since: Date
}

/** Seconds until a try is allowed again; undefined when it is allowed now. */
export function retryAfterSeconds(counted: readonly Failures[], now: Date): number | undefined {
  const waits = counted.filter(exhausted).map((each) => each.since.getTime() + windowMs - now.getTime())
  const longest = Math.max(0, ...waits)
  return longest === 0 ? undefined : Math.ceil(longest / 1000)
}

/** Failures begun before this count no more. */
export function windowStart(now: Date): Date {
  return new Date(now.getTime() - windowMs)
}

/** An IPv6 customer has a whole /64: they count as one. */
export function addressSubject(address: string): ThrottleSubject {
  const plain = address.replace(/^::ffff:/i, '').replace(/%.*$/, '')
  return `address:${plain.includes(':') ? networkOf(plain) : plain}`
}

function exhausted({ subject, failures }: Failures): boolean {
  return failures >= allowed[subject.slice(0, subject.indexOf(':')) as keyof typeof allowed]
}

function networkOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':')
}
