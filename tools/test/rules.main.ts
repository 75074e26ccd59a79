/**
 * `pnpm test:rules`: the tests of the rules alone, in seconds: no PostgreSQL, no Kafka. With arguments, which are Jest's, Jest runs them;
 * without, it runs those again that failed. The last line is `N passed, N failed, N skipped`.
 */
import { join } from 'node:path'
import { end, type Counts } from './counts.ts'
import { runJest } from './jest.ts'
import { runRuleTests } from './rules.processes.ts'

const byJest = (args: readonly string[]): Promise<Counts> =>
  runJest(['--config', join(import.meta.dirname, '../../jest.rules.config.js'), ...args])

const args = process.argv.slice(2)
if (args.length > 0) end(await byJest(args))
else {
  const { counts, failed } = await runRuleTests()
  const again = failed.length === 0 ? { passed: 0, failed: 0, skipped: 0 } : await byJest(failed)
  end({
    passed: counts.passed + again.passed,
    failed: counts.failed + again.failed,
    skipped: counts.skipped + again.skipped,
  })
}
