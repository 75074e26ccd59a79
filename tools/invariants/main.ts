/**
 * `pnpm invariants`: asks every published invariant of the installation in DATA_DIR (default `.data`), or of the databases
 * that `IDENTITY_DATABASE_URL` … `VALUATION_DATABASE_URL` name (or the files at `IDENTITY_DATABASE_URL_FILE` …). Reads only:
 * give it the read-only accounts. Exit code 1 when something is violated, 2 when it could not look.
 * What is younger than a minute and still travels between services is reported, and is no violation.
 */
import { resolve } from 'node:path'
import { checkAll } from './check.ts'

try {
  const report = await checkAll(resolve(process.env['DATA_DIR'] ?? '.data'), { say: (line) => console.log(line) })
  const { violations } = report
  if (violations.length > 0) console.error(`${String(violations.length)} violated:\n${violations.join('\n')}`)
  else if (report.remarks.length === 0) console.log('Every invariant holds.')
  else console.log('No invariant is violated. Some things are on their way or held, as the lines above say.')
  process.exitCode = violations.length === 0 ? 0 : 1
} catch (error) {
  console.error(`The invariants could not be asked: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
