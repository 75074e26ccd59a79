/** Wakes one waiting loop. A notification while nobody waits is kept until somebody does. */
export interface WakeSignal {
  notify(): void
  /** Resolves at the next notification, or after that time. */
  wait(atMostMs: number): Promise<void>
  /** Notifies, and resolves `stopped` for good. */
  stop(): void
  readonly stopped: Promise<void>
}

/** Makes a wake signal. */
export function createWakeSignal(): WakeSignal {
  const stopped = Promise.withResolvers<undefined>()
  let notified = false
  let wake: (() => void) | undefined
  const notify = (): void => {
    notified = true
    wake?.()
  }
  return {
    notify,
    wait: async (atMostMs) => {
      if (!notified) {
        const woken = Promise.withResolvers<undefined>()
        wake = () => woken.resolve(undefined)
        const timer = setTimeout(wake, atMostMs)
        await woken.promise
        clearTimeout(timer)
        wake = undefined
      }
      notified = false
    },
    stop: () => {
      notify()
      stopped.resolve(undefined)
    },
    stopped: stopped.promise,
  }
}
