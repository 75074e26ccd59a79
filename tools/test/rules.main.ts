/**
 * `pnpm test:rules`: the tests of the rules alone, in seconds: no PostgreSQL, no Kafka. Arguments are Jest's. The last line is
 * `N passed, N failed, N skipped`.
 */
import { join } from 'node:path'
import { end } from './counts.ts'
import { runJest } from './jest.ts'

const config = join(import.meta.dirname, '../../jest.rules.config.js')
end(await runJest(['--config', config, ...process.argv.slice(2)]))
