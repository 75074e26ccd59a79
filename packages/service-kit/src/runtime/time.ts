/** Time as it passes for pauses, paces and deadlines. Tests give their own, and decide when it passes. */

/** Milliseconds and timers. */
export interface Time {
  /** Milliseconds since any moment; it is never set. */
  readonly now: () => number
  /** Calls back after so many milliseconds, unless what it returns is called before. */
  readonly after: (ms: number, act: () => void) => () => void
}

/** The machine's. */
export const machineTime: Time = {
  now: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms)
    return () => {
      clearTimeout(timer)
    }
  },
}

/** Resolves after so many milliseconds. */
export function sleepIn(time: Time, ms: number): Promise<void> {
  return new Promise((resolve) => time.after(ms, resolve))
}
