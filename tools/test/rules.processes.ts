/** Runs the tests of rules in processes that stay: a world of modules for each file, as Jest makes it, takes longer than the tests. */
import { makeRuns, type Runs } from '../figures/runs.ts'
import { isRuleTest, readTree, root } from '../figures/tree.ts'
import type { Counts } from './counts.ts'

/** Runs all of them, and gives the files in which a test failed, of which nothing is counted: Jest tells how it failed. */
export async function runRuleTests(): Promise<{ readonly counts: Counts; readonly failed: readonly string[] }> {
  const tree = readTree()
  const left = [...tree.keys()].filter(isRuleTest).values()
  const failed: string[] = []
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const work = async (runs: Runs): Promise<void> => {
    for (const test of left) {
      const { outcome } = await runs.run({ changed: null, files: [], tests: [test] }, (_test, _ms, counts) => {
        sum.passed += counts.passed
        sum.skipped += counts.skipped
      })
      if (outcome !== 'passed') failed.push(test)
    }
  }
  const processes = [1, 2].map(() => makeRuns({ root, tree: [...tree] }))
  try {
    await Promise.all(processes.map(work))
  } finally {
    for (const { end } of processes) end()
  }
  return { counts: sum, failed }
}
