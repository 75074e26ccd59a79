/**
 * `pnpm invariants`: asks every published invariant of the installation in DATA_DIR (default `.data`), or of the databases
 * that `IDENTITY_DATABASE_URL` … `VALUATION_DATABASE_URL` name. Reads only: give it the read-only accounts.
 * What still travels between services gets a minute to arrive.
 */
import { resolve } from 'node:path'
import { violationsOf } from './check.ts'

const violations = await violationsOf(resolve(process.env['DATA_DIR'] ?? '.data'), (line) => console.log(line))
if (violations.length === 0) console.log('Every invariant holds.')
else console.error(`${String(violations.length)} violated:\n${violations.join('\n')}`)
process.exitCode = violations.length === 0 ? 0 : 1
