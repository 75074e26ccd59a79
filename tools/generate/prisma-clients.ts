/**
 * Generates each service's Prisma client into `services/<name>/src/generated`, offline.
 * Runs after every install. Prisma would download its schema engine, which generating does not need:
 * a stand-in binary keeps it from trying.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

for (const service of ['identity', 'stock', 'picking', 'valuation']) {
  const schema = join(root, 'services', service, 'prisma/schema.prisma')
  if (!existsSync(schema)) continue
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/prisma/build/index.js'), 'generate', '--schema', schema, '--no-hints'],
    {
      cwd: join(root, 'services', service),
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
}
