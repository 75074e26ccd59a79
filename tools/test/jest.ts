/** Jest as the test programs run it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseCounts, type Counts } from './counts.ts'

const root = join(import.meta.dirname, '../..')
const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js')

/** Runs Jest with these arguments, its output shown as it comes, and gives the counts. Signals are passed on to it. */
export async function runJest(args: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'stockline-counts-'))
  const countsFile = join(folder, 'counts.json')
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  const reporter = `--reporters=${join(import.meta.dirname, 'reporter.ts')}`
  const child = spawn(process.execPath, [...flags, jest, ...args, reporter], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      TEST_COUNTS_FILE: countsFile,
      // Tests start the same programs hundreds of times: what one has compiled, the next ones read.
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    },
  })
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  process.on('SIGINT', forward).on('SIGTERM', forward)
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  const counts = readCounts(countsFile)
  rmSync(folder, { recursive: true, force: true })
  if (code === 0 || counts.failed > 0) return counts
  console.log(`No test failed, but Jest ended with ${signal ?? `code ${code}`}: what it said last tells why.`)
  return { ...counts, failed: 1 }
}

function readCounts(file: string): Counts {
  try {
    return parseCounts(readFileSync(file, 'utf8'))
  } catch {
    console.log('The tests ended without a report.')
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
