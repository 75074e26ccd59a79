/**
 * `pnpm generate`: writes what is derived from the code: Prisma clients, the events' JSON Schemas, docs/reference, the
 * diagram of ARCHITECTURE.md. What breaks those who know the last release's events stops here and wants a new version of
 * the event.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import './prisma-clients.ts'

const root = join(import.meta.dirname, '../..')
// Loaded only now: the services' files need the clients that were just generated.
const { documents } = await import('./documents.ts')
const { brokenSince, releasedSchemas, releases } = await import('./releases.ts')

const last = releases().at(-1)
const broken = last === undefined ? [] : brokenSince(releasedSchemas(last))
if (broken.length > 0) {
  console.error(
    `These changes break those who know the events of ${last}. Publish a new version beside the old one:\n${broken.join('\n')}`,
  )
  process.exit(1)
}
const written = await documents()
for (const [path, text] of written) {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
console.log(`${String(written.size)} derived files are up to date.`)
