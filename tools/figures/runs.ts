/** A process that runs tests of rules, on changed files or as they are. It is ended and begun again where a test runs for ever. */
import { fork, type ChildProcess } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import type { Passed, Report, Run, Start } from './runner.ts'

/** What came of a run: all passed, this test failed, or it ran for ever or ended the process. */
export type Outcome =
  { readonly outcome: 'passed' } | { readonly outcome: 'failed' | 'for ever' | 'crashed'; readonly test: string }

/** A file of tests has passed, in so many milliseconds. */
export type OnPassed = (test: string, ms: number, counts: Passed) => void

/** Runs changes. */
export interface Runs {
  /** `passed`: called with each file of tests that passed. */
  readonly run: (asked: Run, passed?: OnPassed) => Promise<Outcome>
  /** Ends its process; a further run begins another one. */
  readonly end: () => void
}

/** Begins no process before the first run. Others on the machine go first. */
export function makeRuns(start: Start): Runs {
  let child: ChildProcess | undefined
  const end = () => {
    child?.kill('SIGKILL')
    child = undefined
  }
  const begin = (): ChildProcess => {
    const made = fork(join(import.meta.dirname, 'runner.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--max-old-space-size=1500', '--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
    })
    if (made.pid !== undefined) setPriority(made.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    made.send(start)
    return made
  }
  return {
    end,
    async run(asked, onPassed) {
      child ??= begin()
      const outcome = await outcomeOf(child, asked, onPassed)
      if (outcome.outcome === 'for ever' || outcome.outcome === 'crashed') end()
      return outcome
    },
  }
}

/** Sends a run, and listens until it or its process has ended. */
function outcomeOf(child: ChildProcess, asked: Run, onPassed?: OnPassed): Promise<Outcome> {
  return new Promise((resolve) => {
    let test = ''
    let since = performance.now()
    const ended = (outcome: Outcome) => {
      child.off('message', hear).off('exit', crashed)
      resolve(outcome)
    }
    const crashed = (_code: number | null, signal: string | null) => {
      ended({ outcome: signal === 'SIGKILL' ? 'for ever' : 'crashed', test })
    }
    const hear = (report: Report) => {
      if ('hasPassed' in report) onPassed?.(report.hasPassed, performance.now() - since, report.counts)
      else if ('failed' in report) ended(report.failed === null ? passed : { outcome: 'failed', test: report.failed })
      else {
        test = report.begins
        since = performance.now()
      }
    }
    child.on('message', hear).on('exit', crashed)
    child.send(asked)
  })
}

const passed: Outcome = { outcome: 'passed' }
