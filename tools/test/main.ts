/**
 * `pnpm test`: all tests, or those that the arguments name (they are Jest's). The last line is always
 * `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { kafkaMissing } from '@stockline/test-kit'
import { type Counts, countingLine, parseCounts } from './counts.ts'

const root = join(import.meta.dirname, '../..')
const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js')

const kafka = await announceKafka()
if (!kafka.present && process.env['REQUIRE_KAFKA'] === '1') {
  console.log('REQUIRE_KAFKA=1 is set, so this is a failure: the tests on Kafka must run.')
  end({ passed: 0, failed: 1, skipped: 0 })
} else {
  end(await runJest())
}

/** Kafka is fetched before the tests, so that none of them waits for a download. */
async function announceKafka(): Promise<{ present: boolean }> {
  const given = process.env['KAFKA_BROKERS'] ?? ''
  if (given !== '') {
    console.log(`Kafka: ${given}`)
    return { present: true }
  }
  const missing = await kafkaMissing()
  console.log(missing === undefined ? 'Kafka: started by the tests that need it' : `Kafka: SKIPPED, because ${missing}`)
  return { present: missing === undefined }
}

async function runJest(): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'stockline-counts-'))
  const countsFile = join(folder, 'counts.json')
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  const reporter = `--reporters=${join(import.meta.dirname, 'reporter.ts')}`
  const child = spawn(process.execPath, [...flags, jest, ...process.argv.slice(2), reporter], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning', TEST_COUNTS_FILE: countsFile },
  })
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  process.on('SIGINT', forward).on('SIGTERM', forward)
  const [code] = (await once(child, 'exit')) as [number | null]
  const counts = readCounts(countsFile)
  rmSync(folder, { recursive: true, force: true })
  // Jest itself may fail where no test did: then that is the failure.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function readCounts(file: string): Counts {
  try {
    return parseCounts(readFileSync(file, 'utf8'))
  } catch {
    console.log('The tests ended without a report.')
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

function end(counts: Counts): void {
  process.exitCode = counts.failed === 0 ? 0 : 1
  console.log(countingLine(counts))
}
