/** `pnpm check`: all checks that do not run the code. All failures are shown at once. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const programs = join(root, 'node_modules/.bin')

interface Check {
  readonly name: string
  readonly command: readonly [program: string, ...args: string[]]
}

interface Outcome {
  readonly name: string
  readonly passed: boolean
  readonly output: string
}

/** The longest first, so that two at a time end together. */
const checks: readonly Check[] = [
  { name: 'lint', command: ['eslint', '.'] },
  { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  {
    name: 'imports',
    command: ['depcruise', '--config', '.dependency-cruiser.cjs', 'packages', 'services', 'tools', 'tests'],
  },
  { name: 'unused', command: ['knip', '--no-progress'] },
]

const outcomes = await inPairs(checks)
const failed = outcomes.filter((outcome) => !outcome.passed)
for (const { name, output } of failed) console.log(`\n── ${name} ${'─'.repeat(100 - name.length)}\n${output.trim()}`)
console.log(failed.length === 0 ? 'All checks passed.' : `\nFailed: ${failed.map(({ name }) => name).join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

async function inPairs(wanted: readonly Check[]): Promise<Outcome[]> {
  const waiting = [...wanted]
  const found: Outcome[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) found.push(await run(next))
  }
  await Promise.all([work(), work()])
  return found
}

async function run({ name, command: [program, ...args] }: Check): Promise<Outcome> {
  const startedAt = performance.now()
  // The Node of the lockfile runs them, whichever Node runs this.
  const env = { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` }
  const child = spawn(join(programs, program), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await Promise.race([
    once(child, 'close').then(([status]) => status as number | null),
    once(child, 'error').then(([error]) => String(error)),
  ])
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${code === 0 ? '✓' : '✕'} ${name.padEnd(8)} ${seconds.padStart(6)} s`)
  const output = typeof code === 'string' ? code : Buffer.concat(chunks).toString()
  return { name, passed: code === 0, output }
}
