/**
 * Ends the process when a test has used too much of the processor's time: it runs for ever. Time that is waited does not count, so
 * that a busy machine ends nothing. A thread of `runner.ts`.
 */
import { workerData } from 'node:worker_threads'

/** `begun` counts the tests that have begun, in memory that both threads see. */
export interface Watched {
  readonly begun: Int32Array
  readonly longestMs: number
}

const { begun, longestMs } = workerData as Watched
let test = 0
let before = 0
setInterval(() => {
  const { user, system } = process.cpuUsage()
  const usedMs = (user + system) / 1000
  if (Atomics.load(begun, 0) !== test) {
    test = Atomics.load(begun, 0)
    before = usedMs
  } else if (usedMs - before > longestMs) process.kill(process.pid, 'SIGKILL')
}, 250)
