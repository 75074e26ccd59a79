/** Wakes one waiting loop. A ring while nobody waits is remembered. */
export interface Doorbell {
  ring(): void
  /** Resolves at the next ring, or after that time. */
  wait(atMostMs: number): Promise<void>
  /** Rings, and resolves `stopped` for good. */
  stop(): void
  readonly stopped: Promise<void>
}

/** Makes a doorbell. */
export function createDoorbell(): Doorbell {
  const stopped = Promise.withResolvers<undefined>()
  let rung = false
  let wake: (() => void) | undefined
  const ring = (): void => {
    rung = true
    wake?.()
  }
  return {
    ring,
    wait: async (atMostMs) => {
      if (!rung) {
        const woken = Promise.withResolvers<undefined>()
        wake = () => woken.resolve(undefined)
        const timer = setTimeout(wake, atMostMs)
        await woken.promise
        clearTimeout(timer)
        wake = undefined
      }
      rung = false
    },
    stop: () => {
      ring()
      stopped.resolve(undefined)
    },
    stopped: stopped.promise,
  }
}
