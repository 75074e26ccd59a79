/** Everything that is derived from the code and committed: JSON Schemas and events to try them with, docs/reference, the diagram. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contracts } from '@stockline/contracts'
import { asyncApi } from '../../packages/contracts/src/asyncapi.ts'
import { jsonSchemaOf } from '../../packages/contracts/src/json-schema.ts'
import { schemaEvents } from '@stockline/test-kit/schema-events'
import { accessReference } from './access-reference.ts'
import { busDeclarations } from './bus-declarations.ts'
import { diagram } from './diagram.ts'
import { endpointReference } from './endpoint-reference.ts'
import { eventReference } from './event-reference.ts'

const root = join(import.meta.dirname, '../..')
const schemaFile = (type: string): string => `packages/contracts/schemas/${type}.json`
const marked = /(<!-- diagram -->\n)[^]*?(<!-- \/diagram -->)/

/** Text of each derived file by its path from the root. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const schemas = contracts.map((one) => [schemaFile(one.type), json(jsonSchemaOf(one))] as const)
  return new Map([
    ...schemas,
    [
      'tests/clients/schema-events.jsonl',
      `${schemaEvents()
        .map((one) => ascii(one))
        .join('\n')}\n`,
    ],
    ['docs/reference/asyncapi.json', json(asyncApi())],
    ['docs/reference/events.md', eventReference()],
    ['docs/reference/access.md', accessReference()],
    ['docs/reference/endpoints.md', await endpointReference()],
    ['ARCHITECTURE.md', withDiagram(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'), diagram(busDeclarations))],
  ])
}

function withDiagram(page: string, drawn: string): string {
  if (!marked.test(page)) throw new Error('ARCHITECTURE.md lacks the marks <!-- diagram --> and <!-- /diagram -->.')
  return page.replace(marked, (_all, begin: string, end: string) => `${begin}\n${drawn}\n\n${end}`)
}

function json(value: unknown): string {
  return `${ascii(value, 2)}\n`
}

/** In ASCII, so that each character of a pattern is visible. */
function ascii(value: unknown, indent = 0): string {
  const text = JSON.stringify(value, null, indent)
  return text.replaceAll(/[^\x00-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
