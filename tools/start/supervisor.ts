/** Keeps one process running: when it ends unasked, it is back after a short while, unless it refuses to run. */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { markOf, signal } from './process-table.ts'

/** A process to be kept running. */
export interface Task {
  readonly name: string
  readonly spawn: () => ChildProcess
  /** What has to be put right after it died and before it can run again. */
  readonly beforeRestart?: () => Promise<void>
  /** Called whenever it runs (again), with its number. */
  readonly onSpawn: (child: ChildProcess) => void
  readonly say: (line: string) => void
  /** The exit code of a process that is not to be started again until its configuration is changed. */
  readonly refusal?: number
}

/** How a supervised process is watched and ended. */
export interface Supervised {
  readonly name: string
  /** How often it ended unasked since it was last known to be well. */
  readonly failures: () => number
  /** To be called when the process is well: resets its failures. */
  readonly isWell: () => void
  /** It ended with that code, and is not started again. */
  readonly hasRefused: () => boolean
  readonly running: () => ChildProcess | undefined
  /** Ends it for good: first by the signal, after `patienceMs` by force. */
  readonly stop: (first: NodeJS.Signals, patienceMs: number) => Promise<void>
}

const shortestPauseMs = 200
const longestPauseMs = 2_000
/** A process that ran this long before it ended starts again without a pause. */
const steadyMs = 20_000

/** The pause before the n-th restart in a row. */
export function pauseBefore(restart: number): number {
  return Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.max(0, restart - 1))
}

/** The first restarts in a row are reported, and then every thirtieth. */
export function isWorthSaying(restart: number): boolean {
  return restart <= 3 || restart % 30 === 0
}

/** Starts the process and keeps it running until `stop`. */
export function supervise(task: Task): Supervised {
  let failures = 0
  let child: ChildProcess | undefined
  let stopping = false
  let refused = false
  const isStopping = (): boolean => stopping
  const ended = loop()

  async function loop(): Promise<void> {
    while (!isStopping()) {
      const began = performance.now()
      const how = await runOnce()
      if (isStopping()) return
      if (task.refusal !== undefined && child?.exitCode === task.refusal) {
        refused = true
        task.say(`${task.name} ${how}: it refuses to run, and is not started again. Its log says why`)
        return
      }
      failures = performance.now() - began > steadyMs ? 1 : failures + 1
      if (isWorthSaying(failures)) task.say(`${task.name} ${how}; it is started again`)
      await sleep(pauseBefore(failures))
      await prepare()
    }
  }

  async function prepare(): Promise<void> {
    try {
      if (!isStopping()) await task.beforeRestart?.()
    } catch (error) {
      task.say(`${task.name} could not be made ready to start again: ${String(error)}`)
    }
  }

  function runOnce(): Promise<string> {
    return new Promise((resolve) => {
      try {
        child = task.spawn()
      } catch (error) {
        resolve(`could not be started (${String(error)})`)
        return
      }
      child.once('error', (error) => resolve(`could not be started (${error.message})`))
      child.once('exit', (code, name) => resolve(name === null ? `ended with code ${code}` : `was ended by ${name}`))
      task.onSpawn(child)
    })
  }

  return {
    name: task.name,
    failures: () => failures,
    isWell: () => {
      failures = 0
    },
    hasRefused: () => refused,
    running: () => child,
    stop: async (first, patienceMs) => {
      stopping = true
      const end = (name: NodeJS.Signals): void => {
        const pid = child?.pid
        if (child?.exitCode === null && child.signalCode === null && pid !== undefined && markOf(pid)) signal(pid, name)
      }
      end(first)
      const force = setTimeout(() => end('SIGKILL'), patienceMs)
      await ended
      clearTimeout(force)
    },
  }
}
