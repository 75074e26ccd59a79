/** Runs the tests of rules on changed rules, one change at a time. No file is changed, and what runs is as it was at the beginning. */
import { drawn, mutantsOf, type Mutant } from './mutants.ts'
import { importersOf, relatedTo } from './related.ts'
import type { Run } from './runner.ts'
import { makeRuns, type OnPassed, type Outcome, type Runs } from './runs.ts'
import { isRules, isRuleTest, readTree, root, type Tree } from './tree.ts'

/** What is drawn, and for how long. */
export interface Sample {
  readonly count: number
  readonly seed: number
  /** No further one is begun after so long. */
  readonly minutes: number
  /** Files of rules whose path has this in it; all where it is empty. */
  readonly only: string
}

/** Old modules stay in memory: after so many runs a process is checked, and another one begun. */
const runsBetweenChecks = 150

/** Draws mutants and runs the tests on each. Returns the exit code: 1 where a change was not noticed. */
export async function sampleMutants(
  { count, seed, minutes, only }: Sample,
  say: (line: string) => void,
): Promise<number> {
  const endsAt = performance.now() + minutes * 60_000
  const tree = readTree()
  const rules = [...tree].filter(([path]) => isRules(path) && path.includes(only)).sort(([a], [b]) => (a < b ? -1 : 1))
  const all = rules.flatMap(([path, text]) => mutantsOf(path, text))
  const mutants = drawn(all, count, seed)
  const workers = [1, 2].map(() => makeRuns({ root, tree: [...tree] }))
  const survivors: Mutant[] = []
  let tried = 0
  try {
    const tests = [...tree.keys()].filter(isRuleTest)
    const asked = await plan(tree, tests, workers)
    say(
      `Seed ${String(seed)}: ${String(mutants.length)} of ${String(all.length)} changes in ${String(rules.length)} files.`,
    )
    const left = mutants.values()
    const work = async (runs: Runs): Promise<void> => {
      let since = 0
      for (const mutant of left) {
        if (performance.now() > endsAt) break
        if ((since += 1) % runsBetweenChecks === 0) {
          await runUnchanged(runs, tests)
          runs.end()
        }
        const outcome = await runs.run(asked(mutant))
        tried += 1
        if (outcome.outcome === 'passed') survivors.push(mutant)
        say(`${String(tried).padStart(3)} ${told(outcome)}  ${shown(mutant)}`)
      }
      await runUnchanged(runs, tests)
    }
    await Promise.all(workers.map(work))
  } finally {
    for (const { end } of workers) end()
  }
  say(`${String(survivors.length)} of ${String(tried)} changes were not noticed.`)
  for (const mutant of survivors) say(`  ${shown(mutant)}`)
  if (tried < mutants.length) say(`${String(mutants.length - tried)} were not tried: the time was up.`)
  return survivors.length === 0 ? 0 : 1
}

/** Runs all tests of rules without a change, and gives what to run on each one: first what is near and quick. */
async function plan(tree: Tree, tests: readonly string[], workers: readonly Runs[]): Promise<(mutant: Mutant) => Run> {
  const importers = importersOf(tree, tests)
  const tookMs = new Map<string, number>()
  const halves = workers.map((_, index) => tests.filter((_test, at) => at % workers.length === index))
  await Promise.all(
    workers.map((runs, index) => runUnchanged(runs, halves[index] ?? [], (test, ms) => tookMs.set(test, ms))),
  )
  return ({ path, start, end, becomes }) => {
    const { tests: related, files } = relatedTo(path, importers)
    const cost = (one: { readonly path: string; readonly distance: number }) =>
      one.distance * (tookMs.get(one.path) ?? 0)
    const text = tree.get(path) ?? ''
    return {
      changed: { path, text: text.slice(0, start) + becomes + text.slice(end) },
      files,
      tests: [...related].sort((a, b) => cost(a) - cost(b)).map((one) => one.path),
    }
  }
}

/** What ran before must have left nothing behind by which a test fails: then a test that failed did so by its change. */
async function runUnchanged(runs: Runs, tests: readonly string[], onPassed?: OnPassed) {
  const outcome = await runs.run({ changed: null, files: tests, tests }, onPassed)
  if (outcome.outcome !== 'passed') throw new Error(`Without any change: ${told(outcome)}`)
}

function told(outcome: Outcome): string {
  return outcome.outcome === 'passed' ? 'NOT NOTICED' : `${outcome.outcome} (${outcome.test.split('/').at(-1) ?? ''})`
}

function shown({ path, line, was, becomes }: Mutant): string {
  const short = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 90)
  return `${path}:${String(line)}  ${short(was)}  →  ${short(becomes)}`
}
