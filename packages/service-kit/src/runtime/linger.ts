/**
 * Lingering, for work that comes in batches. A batch costs the same handful of round trips whether it holds one message or
 * a hundred, so a steady stream is better taken in fewer, larger ones. Work that comes after a quiet moment is done at
 * once: only work that follows closely on other work is delayed, and never by more than the linger time.
 */
import { machineTime, sleepIn, type Time } from './time.ts'

/** @returns call it when a batch is done: it resolves at once after a quiet moment, else when it has lingered */
export function lingerer(lingerMs: number, time: Time = machineTime): () => Promise<void> {
  let previousMs = Number.NEGATIVE_INFINITY
  return async () => {
    const now = time.now()
    const quiet = now - previousMs > 2 * lingerMs
    previousMs = now
    if (quiet) return
    await sleepIn(time, lingerMs)
    previousMs = time.now()
  }
}

/** See {@link pauser}. */
export interface Pauser {
  readonly sleep: (ms: number) => Promise<void>
  readonly wake: () => void
}

/** A sleep that can be cut short. A wake while awake makes the next sleep end at once. */
export function pauser(time: Time = machineTime): Pauser {
  let awake = false
  let end: (() => void) | undefined
  return {
    sleep: async (ms) => {
      if (!awake) {
        await new Promise<void>((resolve) => {
          const cancel = time.after(ms, resolve)
          end = () => {
            cancel()
            resolve()
          }
        })
        end = undefined
      }
      awake = false
    },
    wake: () => {
      awake = true
      end?.()
    },
  }
}
