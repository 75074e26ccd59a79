/** Runs the tests of rules on changed rules, one change at a time, in a copy of the tree. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawn, mutantsOf, type Mutant } from './mutants.ts'
import { isRules, readTree, root } from './tree.ts'

/** What is drawn, and for how long. */
export interface Sample {
  readonly count: number
  readonly seed: number
  /** No further one is begun after so long. */
  readonly minutes: number
  /** Files of rules whose path has this in it; all where it is empty. */
  readonly only: string
}

/** A change that makes a rule run for ever is noticed, too. */
const longestMs = 60_000

/** Draws mutants and runs the tests on each. Returns the exit code: 1 where a change was not noticed. */
export async function sampleMutants(
  { count, seed, minutes, only }: Sample,
  say: (line: string) => void,
): Promise<number> {
  const tree = readTree()
  const rules = [...tree].filter(([path]) => isRules(path) && path.includes(only)).sort(([a], [b]) => (a < b ? -1 : 1))
  const all = rules.flatMap(([path, text]) => mutantsOf(path, text))
  const mutants = drawn(all, count, seed)
  const folder = copyOfTree()
  const endsAt = performance.now() + minutes * 60_000
  const survivors: Mutant[] = []
  let tried = 0
  try {
    if ((await run(folder, [])) !== 'passed') throw new Error('The tests of the rules fail without any change.')
    say(
      `Seed ${String(seed)}: ${String(mutants.length)} of ${String(all.length)} changes in ${String(rules.length)} files.`,
    )
    for (const mutant of mutants) {
      if (performance.now() > endsAt) break
      tried += 1
      const outcome = await tryOne(folder, tree.get(mutant.path) ?? '', mutant)
      if (outcome === 'passed') survivors.push(mutant)
      say(
        `${String(tried).padStart(3)} ${outcome === 'passed' ? 'NOT NOTICED' : `noticed (${outcome})`} ${shown(mutant)}`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  say(`${String(survivors.length)} of ${String(tried)} changes were not noticed.`)
  for (const mutant of survivors) say(`  ${shown(mutant)}`)
  if (tried < mutants.length) say(`${String(mutants.length - tried)} were not tried: the time was up.`)
  return survivors.length === 0 ? 0 : 1
}

function shown({ path, line, was, becomes }: Mutant): string {
  const short = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 90)
  return `${path}:${String(line)}  ${short(was)}  →  ${short(becomes)}`
}

type Outcome = 'passed' | 'failed' | 'for ever'

async function tryOne(folder: string, text: string, { path, start, end, becomes }: Mutant): Promise<Outcome> {
  writeFileSync(join(folder, path), text.slice(0, start) + becomes + text.slice(end))
  try {
    return await run(folder, ['--bail', '--findRelatedTests', path])
  } finally {
    writeFileSync(join(folder, path), text)
  }
}

async function run(folder: string, more: readonly string[]): Promise<Outcome> {
  const jest = join(root, 'node_modules/jest/bin/jest.js')
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest]
  const options = ['--config', join(folder, 'jest.rules.config.js'), '--passWithNoTests', '--silent', '--reporters']
  const environment = { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' }
  const child = spawn(process.execPath, [...flags, ...options, join(folder, 'silent.cjs'), ...more], {
    cwd: folder,
    env: environment,
    stdio: 'ignore',
  })
  const slow = setTimeout(() => child.kill('SIGKILL'), more.length === 0 ? 5 * longestMs : longestMs)
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(slow)
  return signal !== null ? 'for ever' : code === 0 ? 'passed' : 'failed'
}

/** The sources, what the tests of rules need to run, and the installed dependencies by links. */
function copyOfTree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stockline-mutants-'))
  const copy = (name: string): void =>
    cpSync(join(root, name), join(folder, name), {
      recursive: true,
      // Links between packages are relative: in the copy they lead to the copy.
      verbatimSymlinks: true,
      filter: (path) => !/\/(generated|\.cache|\.bin)$/.test(path),
    })
  for (const name of ['package.json', 'jest.config.js', 'jest.rules.config.js', 'tools/test', 'services', 'packages'])
    copy(name)
  writeFileSync(join(folder, 'silent.cjs'), 'module.exports = class {}\n')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
