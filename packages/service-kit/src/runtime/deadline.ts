/** A limit for what may never answer. */
import { setTimeout as sleep } from 'node:timers/promises'

/** What the promise brings, or an error after so many milliseconds. The work behind the promise goes on. */
export async function inTime<T>(
  promise: Promise<T>,
  limitMs: number,
  message = `no answer within ${limitMs} ms`,
): Promise<T> {
  const limit = new AbortController()
  const late = sleep(limitMs, undefined, { ref: false, signal: limit.signal }).then(() => {
    throw new Error(message)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    limit.abort()
  }
}
