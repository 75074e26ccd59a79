import { setTimeout as sleep } from 'node:timers/promises'
import { inTime } from './deadline.ts'
import { pauser } from './linger.ts'
import { machineTime, type Time } from './time.ts'

/** Something that is tried in the background until it succeeds once. */
export interface Eventually<T> {
  /**
   * What was achieved. While an attempt runs it is waited for, at most some seconds; after one that failed it rejects at
   * once with the reason, until the next begins.
   */
  now(): Promise<T>
  /** Resolves with it whenever it is achieved; never, if it is stopped before. */
  readonly achieved: Promise<T>
  /** Tries no more. What was achieved goes to `end`; so does what a running attempt still brings, which is hardly waited for. */
  stop(end: (achieved: T) => Promise<void>): Promise<void>
}

const firstPauseMs = 100
const longestPauseMs = 2_000
const longestWaitMs = 5_000
const longestStopMs = 1_000

/** Tries at once, and again after a pause of at most two seconds whenever it failed. `onFailure` gets each reason. */
export function eventually<T>(
  attempt: () => Promise<T>,
  onFailure: (error: unknown) => void,
  time: Time = machineTime,
): Eventually<T> {
  const pause = pauser(time)
  const achieved = Promise.withResolvers<T>()
  let stopped = false
  const isStopped = (): boolean => stopped
  let isAchieved = false
  let current = attempt()

  const run = async (): Promise<void> => {
    for (let pauseMs = firstPauseMs; !isStopped(); pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        achieved.resolve(await current)
        isAchieved = true
        return
      } catch (error) {
        if (isStopped()) return
        onFailure(error)
      }
      await pause.sleep(pauseMs)
      if (!isStopped()) current = attempt()
    }
  }
  void run()

  return {
    now: () => inTime(current, longestWaitMs, 'it does not answer yet'),
    achieved: achieved.promise,
    stop: async (end) => {
      stopped = true
      pause.wake()
      const ended = current.then(end, () => undefined)
      await (isAchieved ? ended : Promise.race([ended, sleep(longestStopMs, undefined, { ref: false })]))
    },
  }
}
