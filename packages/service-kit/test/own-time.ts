/** Time that passes when a test says so: nothing depends on how fast the machine is. */
import type { Time } from '../src/runtime/time.ts'

/** A time that stands still by itself. */
export interface OwnTime extends Time {
  /** Lets so many milliseconds pass, from timer to timer; what they begin runs as far as it gets without time. */
  readonly pass: (ms: number) => Promise<void>
  /** Lets time pass until that has ended, and gives what came of it. Fails where nothing waits for time any more. */
  readonly until: <T>(work: Promise<T>) => Promise<T>
}

/** Makes one that begins at 1000. */
export function ownTime(): OwnTime {
  const timers = new Set<{ readonly at: number; readonly act: () => void }>()
  let now = 1_000
  const next = () => [...timers].sort((a, b) => a.at - b.at)[0]
  const due = () => {
    const timer = next()
    if (timer === undefined) throw new Error('Nothing waits for time, and it has not ended.')
    return timer
  }
  const fire = async (timer: NonNullable<ReturnType<typeof next>>): Promise<void> => {
    timers.delete(timer)
    now = Math.max(now, timer.at)
    timer.act()
    await settled()
  }
  return {
    now: () => now,
    after: (ms, act) => {
      const timer = { at: now + ms, act }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    pass: async (ms) => {
      const end = now + ms
      await settled()
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) await fire(timer)
      now = end
    },
    until: async (work) => {
      let ended = false
      const isOver = () => ended
      const end = () => {
        ended = true
      }
      work.then(end, end)
      await settled()
      while (!isOver()) await fire(due())
      return work
    },
  }
}

/** All that needs no time has been done: promises, and what is set for the next turns of the loop. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve))
}
