/**
 * Lingering, for work that comes in batches. A batch costs the same handful of round trips whether it holds one message or
 * a hundred, so a steady stream is better taken in fewer, larger ones. Work that comes after a quiet moment is done at
 * once: only work that follows closely on other work is delayed, and never by more than the linger time. Nor is a stream delayed of which
 * several batches in a row held one piece of work: whoever sends it waits for each before the next, and nothing is gained.
 */
import { machineTime, sleepIn, type Time } from './time.ts'

/** So many batches of one in a row are a stream that gains nothing. */
const mostAlone = 4

/**
 * @returns call it when a batch is done, with what it held: it resolves at once after a quiet moment, or where batches hold one piece
 *   each; else when it has lingered
 */
export function lingerer(lingerMs: number, time: Time = machineTime): (size?: number) => Promise<void> {
  let previousMs = Number.NEGATIVE_INFINITY
  let alone = 0
  return async (size = Infinity) => {
    const now = time.now()
    const quiet = now - previousMs > 2 * lingerMs
    previousMs = now
    alone = size > 1 ? 0 : alone + 1
    if (quiet || alone >= mostAlone) return
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
