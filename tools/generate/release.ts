/**
 * `pnpm release`: puts the schemas as they are now into the folder of the version in package.json, once. From then on changes are
 * compared with them.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokenSince, byVersion, released, releasedSchemas, releases } from './releases.ts'

const root = join(import.meta.dirname, '../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const folder = join(root, released, version)
const last = releases().at(-1)

try {
  if (existsSync(folder)) throw new Error(`${version} was released: raise the version in package.json first.`)
  if (last !== undefined && byVersion(version, last) < 0)
    throw new Error(`${version} in package.json is before ${last}, which was released.`)
  const broken = last === undefined ? [] : brokenSince(releasedSchemas(last))
  if (broken.length > 0) throw new Error(`This breaks those who know ${last}:\n${broken.join('\n')}`)
  cpSync(join(root, 'packages/contracts/schemas'), folder, { recursive: true })
  console.log(`The schemas of ${version} are in ${released}/${version}. Commit them, then: git tag v${version}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
