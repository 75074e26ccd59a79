/** Values that a schema allows. */
import type { Choice } from './choice.ts'
import type { Schema } from './documents.ts'
import type { Knowledge } from './knowledge.ts'

/** Makes a value of the schema. `name` is the field's, whose known values are preferred. */
export function valueOf(schema: Schema, name: string, choice: Choice, knowledge: Knowledge): unknown {
  const branches = schema.oneOf ?? schema.anyOf
  if (branches !== undefined) return valueOf(choice.of(branches), name, choice, knowledge)
  if (schema.enum !== undefined) return choice.of(schema.enum)
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any'])
  const type = types.includes('null') && choice.oneIn(6) ? 'null' : choice.of(types.filter((one) => one !== 'null'))
  switch (type) {
    case 'object':
      return objectOf(schema, choice, knowledge)
    case 'array':
      return listOf(schema, name, choice, knowledge)
    case 'integer':
    case 'number':
      return numberOf(schema, name, choice, knowledge)
    case 'boolean':
      return choice.oneIn(2)
    case 'null':
      return null
    case 'string':
      return textOf(schema, name, choice, knowledge)
    default:
      return { any: choice.below(10) }
  }
}

function objectOf(schema: Schema, choice: Choice, knowledge: Knowledge): Record<string, unknown> {
  const required = new Set(schema.required)
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => required.has(name) || choice.oneIn(3))
  return Object.fromEntries(fields.map(([name, field]) => [name, valueOf(field, name, choice, knowledge)]))
}

function listOf(schema: Schema, name: string, choice: Choice, knowledge: Knowledge): unknown[] {
  const least = schema.minItems ?? 0
  const most = Math.min(schema.maxItems ?? 3, Math.max(3, least))
  const length = least + choice.below(most - least + 1)
  const { items } = schema
  if (items === undefined) return []
  const list = Array.from({ length }, () => valueOf(items, name, choice, knowledge))
  // A line's number stands once in a document.
  list.forEach((item, index) => {
    if (typeof item === 'object' && item !== null && 'line' in item && !choice.oneIn(8)) item.line = index + 1
  })
  return list
}

function numberOf({ minimum, maximum }: Schema, name: string, choice: Choice, knowledge: Knowledge): number {
  const known = knowledge.valueOf(name)
  if (typeof known === 'number' && known >= (minimum ?? known) && known <= (maximum ?? known)) return known
  if (choice.oneIn(10)) return choice.of([minimum ?? -1, maximum ?? 2_147_483_648])
  return (minimum ?? 0) + choice.below(Math.min(20, (maximum ?? 20) - (minimum ?? 0) + 1))
}

function textOf(schema: Schema, name: string, choice: Choice, knowledge: Knowledge): string {
  if (schema.format === 'uuid') return knownOr(name, schema, knowledge) ?? choice.uuid()
  if (schema.format === 'date') return choice.of(['2026-04-23', '2024-02-29', '0001-01-01', '9999-12-31'])
  if (schema.format === 'date-time')
    return choice.of(['2026-04-20T08:00:00Z', '2026-04-20T08:00:00.123+02:00', '0001-01-01T00:00:00Z'])
  if (schema.format === 'password') return 'a long enough password'
  const known = choice.oneIn(4) ? undefined : knownOr(name, schema, knowledge)
  if (known !== undefined) return known
  const fitting = samples.filter((sample) => allows(schema, sample))
  if (fitting.length > 0) return made(choice.of(fitting), schema, choice)
  return 'x'.repeat(schema.minLength ?? 1)
}

function knownOr(name: string, schema: Schema, knowledge: Knowledge): string | undefined {
  const known = knowledge.valueOf(name)
  return typeof known === 'string' && allows(schema, known) ? known : undefined
}

/** Numbers of orders and names of things are to be new at times. */
function made(sample: string, schema: Schema, choice: Choice): string {
  const fresh = `${sample}${String(choice.below(1_000_000))}`
  return choice.oneIn(2) && allows(schema, fresh) ? fresh : sample
}

const patterns = new Map<string, RegExp>()

function allows({ pattern, minLength = 0, maxLength = Infinity }: Schema, text: string): boolean {
  if (text.length < minLength || text.length > maxLength) return false
  if (pattern === undefined) return true
  let known = patterns.get(pattern)
  if (known === undefined) patterns.set(pattern, (known = new RegExp(pattern, 'u')))
  return known.test(text)
}

const samples = [
  '1',
  '12.5',
  '0',
  '0.000001',
  '99999999999999',
  'a',
  'WH',
  'WH/Stock',
  'WH/Stock/A1-03',
  'WH/IN/00001',
  'USD',
  '"1"',
  'Ünïcödé ✓ 日本',
  'fuzz-',
  'FUZZ',
  'a name with spaces',
  "O'Brien; drop table receipts; --",
  '%_\\',
  '../../etc/passwd',
  '😀',
  '1.0',
  'wait=1',
  'x'.repeat(64),
  'x'.repeat(200),
  '(01)09506000134352(10)ABC',
  '0109506000134352\u001d10ABC',
  '2026-04-23',
  '4006381333931',
]
