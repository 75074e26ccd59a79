/** Logging of the bus adapters, without repetitions while a trouble lasts. */
import { LRUCache } from 'lru-cache'

/** What the bus adapters log with. A pino logger fits. */
export interface BusLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

const quietMs = 30_000
/**
 * Limits what is logged of a trouble that lasts: the same text is due once in half a minute. So an outage of hours leaves a
 * few lines a minute, however often something is tried.
 */
export function createLogThrottle(): (text: string) => boolean {
  const logged = new LRUCache<string, true>({ max: 100, ttl: quietMs })
  return (text) => {
    if (logged.has(text)) return false
    logged.set(text, true)
    return true
  }
}
