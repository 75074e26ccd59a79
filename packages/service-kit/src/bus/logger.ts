/** What the bus adapters say to the log. A pino logger fits. */
export interface BusLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

const quietMs = 30_000
const mostRemembered = 100

/**
 * Decides what of a trouble that lasts goes into the log: the same is logged once in half a minute. So an outage of hours leaves a
 * few lines a minute, however often something is tried.
 */
export function createLogThrottle(): (what: string) => boolean {
  const said = new Map<string, number>()
  return (what) => {
    const nowMs = performance.now()
    const before = said.get(what)
    if (before !== undefined && nowMs - before < quietMs) return false
    if (said.size >= mostRemembered) said.clear()
    said.set(what, nowMs)
    return true
  }
}
