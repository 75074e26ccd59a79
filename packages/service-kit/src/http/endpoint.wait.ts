/**
 * `Prefer: wait`: an answer that waits for a decision elsewhere. One poller per route looks up all waiting requests in one
 * call; it polls the rows, so that replicas need no channel between them, and it looks at once when a transaction of this
 * process signals that something is settled.
 */
import type { Logger } from '../runtime/logging.ts'
import { pauser } from '../runtime/linger.ts'
import type { Database } from '../database/transaction.ts'

const pollEveryMs = 25
/** Signals may come hundreds a second; looking again sooner than this gains nothing. */
const leastPauseMs = 4
const pauseAfterErrorMs = 100

interface Waiting {
  readonly answer: unknown
  readonly deadlineMs: number
  readonly resolve: (final: unknown) => void
}

/** Waits for final documents of one route. */
export interface SettledPoller {
  /** The final document, or null when it is not decided in time. */
  wait(answer: unknown, timeoutMs: number): Promise<unknown>
  /** Ends all waits. */
  stop(): void
}

export function settledPoller<P>(
  db: Database<P>,
  settled: (db: Database<P>, answers: readonly unknown[]) => Promise<readonly unknown[]>,
  log: Logger,
): SettledPoller {
  const waiting = new Set<Waiting>()
  const pause = pauser()
  const offSignal = db.onSignal('settled', pause.wake)
  let running = false
  let stopped = false

  const checkOnce = async (): Promise<void> => {
    const requests = [...waiting]
    const finals = await settled(
      db,
      requests.map((one) => one.answer),
    )
    requests.forEach((one, index) => {
      const final = finals[index] ?? null
      if (final !== null && waiting.delete(one)) one.resolve(final)
    })
  }
  const dropLate = (): void => {
    const now = performance.now()
    for (const one of waiting)
      if (stopped || one.deadlineMs <= now) {
        waiting.delete(one)
        one.resolve(null)
      }
  }
  const run = async (): Promise<void> => {
    while (waiting.size > 0) {
      try {
        await checkOnce()
      } catch (error) {
        log.warn({ err: error }, 'waiting requests could not be looked up')
        await delay(pauseAfterErrorMs)
      }
      dropLate()
      // A signal during the question is remembered, and ends the sleep at once.
      if (waiting.size > 0) await Promise.all([pause.sleep(pollEveryMs), delay(leastPauseMs)])
    }
    running = false
  }

  return {
    wait(answer, timeoutMs) {
      if (stopped) return Promise.resolve(null)
      return new Promise((resolve) => {
        waiting.add({ answer, deadlineMs: performance.now() + timeoutMs, resolve })
        if (running) return
        running = true
        // All that commit in this turn of the loop share the first question.
        setImmediate(() => void run())
      })
    },
    stop() {
      stopped = true
      offSignal()
      dropLate()
    },
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
