import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Counts } from './counts.ts'
import { failuresAtEnd, type FileFailures } from './failures.ts'

/** The parts of Jest's results that are used here. */
interface FileResult extends FileFailures {
  readonly numPassingTests: number
  readonly numFailingTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly console?: readonly { readonly type: string; readonly message: string }[]
  readonly perfStats: { readonly runtime: number }
}

interface RunResults {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numRuntimeErrorTestSuites: number
  readonly numTotalTestSuites: number
  readonly testResults: readonly FileFailures[]
}

/** One line per file as it ends, failures in full at once and again at the end; the counts go to the file that the caller reads. */
function createReporter(): object {
  const root = process.cwd()
  let done = 0
  return {
    onTestResult: (_test: unknown, result: FileResult, soFar: RunResults): void => {
      done += 1
      const { numPassingTests: passed, numFailingTests: failed } = result
      const skipped = result.numPendingTests + result.numTodoTests
      const broken = failed > 0 || Boolean(result.testExecError)
      const counts = [`${passed} passed`, failed > 0 && `${failed} FAILED`, skipped > 0 && `${skipped} skipped`]
      const progress = `${done}/${soFar.numTotalTestSuites}`.padStart(7)
      const seconds = `${(result.perfStats.runtime / 1000).toFixed(1)} s`.padStart(7)
      const file = relative(root, result.testFilePath)
      print(`${progress} ${broken ? '✕' : '✓'} ${seconds}  ${file}: ${counts.filter(Boolean).join(', ')}`)
      for (const { message } of result.console ?? []) print(`           ${message.replaceAll('\n', '\n           ')}`)
      if (broken) print(`\n${result.failureMessage ?? String(result.testExecError)}\n`)
    },
    onRunComplete: (_contexts: unknown, results: RunResults): void => {
      for (const line of failuresAtEnd(results.testResults, root)) print(line)
      const counts: Counts = {
        passed: results.numPassedTests,
        failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
        skipped: results.numPendingTests + results.numTodoTests,
      }
      const file = process.env['TEST_COUNTS_FILE'] ?? ''
      if (file !== '') writeFileSync(file, JSON.stringify(counts))
    },
    getLastError: () => undefined,
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

// Jest makes its reporter with `new`; a function that returns an object will do.
function StocklineReporter(): object {
  return createReporter()
}

export { StocklineReporter as default }
