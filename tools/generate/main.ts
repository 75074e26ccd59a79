/**
 * `pnpm generate`: writes what is derived from the code: Prisma clients, the events' JSON Schemas, docs/reference.
 * A published schema is only ever extended by optional fields; anything else stops here and wants a new version.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contracts } from '@stockline/contracts'
import { asyncApi } from '../../packages/contracts/src/asyncapi.ts'
import { breaks, jsonSchemaOf, type JsonSchema } from '../../packages/contracts/src/json-schema.ts'
import { eventReference } from './event-reference.ts'
import { accessReference } from './access-reference.ts'
import './prisma-clients.ts'

const root = join(import.meta.dirname, '../..')
const schemas = join(root, 'packages/contracts/schemas')
const reference = join(root, 'docs/reference')

const broken: string[] = []
mkdirSync(schemas, { recursive: true })
for (const contract of contracts) {
  const file = join(schemas, `${contract.type}.json`)
  const next = jsonSchemaOf(contract)
  const faults = existsSync(file) ? breaks(JSON.parse(readFileSync(file, 'utf8')) as JsonSchema, next) : []
  if (faults.length > 0) broken.push(`${contract.type}:`, ...faults.map((fault) => `  ${fault}`))
  else writeFileSync(file, `${JSON.stringify(next, null, 2)}\n`)
}

mkdirSync(reference, { recursive: true })
writeFileSync(join(reference, 'asyncapi.json'), `${JSON.stringify(asyncApi(), null, 2)}\n`)
writeFileSync(join(reference, 'events.md'), eventReference())
writeFileSync(join(reference, 'access.md'), accessReference())

if (broken.length > 0) {
  console.error(
    `These changes break those who read the events. Publish a new version beside the old one:\n${broken.join('\n')}`,
  )
  process.exit(1)
}
console.log(`${String(contracts.length)} schemas and docs/reference are up to date.`)
