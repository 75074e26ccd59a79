/** The schemas of each release, and those of the code now. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contracts, longerNow, refusedBefore } from '@stockline/contracts'
import { breaks, directionOf, loosens } from '../../packages/contracts/src/compatibility.ts'
import { jsonSchemaOf, type JsonSchema } from '../../packages/contracts/src/json-schema.ts'
import { coversTexts } from './languages.ts'

const root = join(import.meta.dirname, '../..')
const schemas = 'packages/contracts/schemas'
/** A folder for each release, named by its version. */
export const released = 'packages/contracts/released'

/** Schemas by event type. */
export type Schemas = ReadonlyMap<string, JsonSchema>

/** Versions of all releases, the oldest first. */
export function releases(): readonly string[] {
  return readdirSync(join(root, released)).sort(byVersion)
}

/** The schemas in a release's folder. */
export function releasedSchemas(version: string): Schemas {
  const folder = join(root, released, version)
  return new Map(readdirSync(folder).map((file) => [typeOf(file), parse(readFileSync(join(folder, file), 'utf8'))]))
}

/** The schemas as they stood at the release's tag; undefined where this clone has no such tag. */
export function taggedSchemas(version: string): Schemas | undefined {
  if (!tags().includes(`v${version}`)) return undefined
  const files = git('ls-tree', '--name-only', `v${version}`, `${schemas}/`).split('\n')
  return new Map(
    files.map((file) => [typeOf(file.slice(schemas.length + 1)), parse(git('show', `v${version}:${file}`))]),
  )
}

/** Tags of releases that this clone has: `v0.1.0`. None in a folder that is no clone. */
export function tags(): readonly string[] {
  if (!existsSync(join(root, '.git'))) return []
  return git('tag', '--list', 'v*.*.*')
    .split('\n')
    .filter((tag) => tag !== '')
}

const covers = coversTexts(refusedBefore)

/** How the schemas of the code would break writers and readers of a release: sentences, none when all is well. */
export function brokenSince(schemasThen: Schemas): readonly string[] {
  const now = new Map(contracts.map((one) => [one.type, one]))
  return [...schemasThen].flatMap(([type, schema]) => {
    const contract = now.get(type)
    if (contract === undefined) return [`${type} is gone`]
    return breaks(schema, jsonSchemaOf(contract), directionOf(contract), covers)
      .filter((fault) => !longerNow.has(/\.(\w+)(?:\|\d+)?: maxLength changed$/.exec(fault)?.[1] ?? ''))
      .map((fault) => `${type}: ${fault}`)
  })
}

/** What is accepted from outside now, and would be put aside by a service of that release. */
export function loosenedSince(schemasThen: Schemas): readonly string[] {
  return contracts
    .filter((one) => directionOf(one) === 'in')
    .flatMap((one) => {
      const then = schemasThen.get(one.type)
      if (then === undefined) return [`${one.type} is new`]
      return loosens(then, jsonSchemaOf(one), covers).map((fault) => `${one.type}: ${fault}`)
    })
}

/** Which of two versions comes first. */
export function byVersion(one: string, other: string): number {
  const [first, second] = [one, other].map((version) => version.split('.').map(Number))
  const index = first?.findIndex((number, at) => number !== second?.[at]) ?? -1
  return index < 0 ? 0 : (first?.[index] ?? 0) - (second?.[index] ?? 0)
}

function git(...command: string[]): string {
  return execFileSync('git', command, { cwd: root, encoding: 'utf8' }).trim()
}

function typeOf(file: string): string {
  return file.replace(/\.json$/, '')
}

function parse(text: string): JsonSchema {
  return JSON.parse(text) as JsonSchema
}
