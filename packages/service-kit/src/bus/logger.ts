/** Logging of the bus adapters, without repetitions while a trouble lasts. */

/** What the bus adapters log with. A pino logger fits. */
export interface BusLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

const quietMs = 30_000
const mostTexts = 100

/**
 * Limits what is logged of a trouble that lasts: the same text is due once in half a minute. So an outage of hours leaves a
 * few lines a minute, however often something is tried.
 */
export function createLogThrottle(): (text: string) => boolean {
  const loggedAtMs = new Map<string, number>()
  return (text) => {
    const nowMs = performance.now()
    const before = loggedAtMs.get(text)
    if (before !== undefined && nowMs - before < quietMs) return false
    if (loggedAtMs.size >= mostTexts) loggedAtMs.clear()
    loggedAtMs.set(text, nowMs)
    return true
  }
}
