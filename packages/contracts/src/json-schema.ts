/** JSON Schemas of the events' data, as published to other systems, and what may change in them. */
import { z } from 'zod'
import { decimalKindOf, takenPattern, type DecimalKind } from './decimals.ts'
import type { EventContract } from './envelope.ts'
import { portablePattern } from './json-schema.patterns.ts'

/** The part of JSON Schema that our contracts use. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  /** What a text must not end with, as {@link portablePattern} has it. */
  readonly not?: JsonSchema
}

/** The name of an event's schema, as its envelope has it in `dataschema`. */
function schemaIdOf(contract: Pick<EventContract, 'type'>): string {
  return `urn:stockline:${contract.type}`
}

/** Does another system write it, and do we read it? */
export function comesIn({ subjectField }: Pick<EventContract, 'subjectField'>): boolean {
  return subjectField !== undefined
}

/**
 * The data of an event. Of one that comes in it says what is taken: what has a default may be missing, what may be missing may
 * be null, decimals may come in any notation. Of one that we write it says what we write. Unknown fields are let pass. What a
 * schema cannot say stands in its description.
 */
export function jsonSchemaOf(contract: EventContract): JsonSchema {
  const isTaken = comesIn(contract)
  const plain = z.toJSONSchema(contract.data, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ zodSchema, jsonSchema }) => {
      const kind = isTaken ? decimalKindOf(zodSchema) : undefined
      if (kind === undefined) return
      delete jsonSchema.type
      delete jsonSchema.pattern
      Object.assign(jsonSchema, takenDecimal(kind))
    },
  }) as JsonSchema
  const schema = published(plain, isTaken)
  const description = isTaken ? `${contract.summary} ${unsaid(schema)}` : contract.summary
  return { $id: schemaIdOf(contract), title: contract.type, description, ...schema }
}

function takenDecimal(kind: DecimalKind): JsonSchema {
  const most = Math.min(10 ** kind.integerDigits - 1, Number.MAX_SAFE_INTEGER)
  const least = { positive: 1, 'zero-or-more': 0, any: -most }[kind.sign]
  return {
    anyOf: [
      { type: 'string', pattern: takenPattern(kind) },
      { type: 'integer', minimum: least, maximum: most },
    ],
  }
}

function published(schema: JsonSchema, isTaken: boolean): JsonSchema {
  const { properties, items, anyOf, required = [] } = schema
  const fields = Object.entries(properties ?? {}).map(([name, field]) => {
    const shown = published(field, isTaken)
    return [name, isTaken && !required.includes(name) ? orNull(shown) : shown] as const
  })
  return {
    ...schema,
    ...portable(schema),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(fields) }),
    ...(items === undefined ? {} : { items: published(items, isTaken) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((one) => published(one, isTaken)) }),
  }
}

function portable({ pattern }: JsonSchema): Partial<JsonSchema> {
  if (pattern === undefined) return {}
  const { matches, endsIn } = portablePattern(pattern)
  return { pattern: matches, ...(endsIn === undefined ? {} : { not: { type: 'string', pattern: endsIn } }) }
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf } = schema
  if (anyOf !== undefined) return { ...schema, anyOf: [...anyOf, { type: 'null' }] }
  if (type === undefined || [type].flat().includes('null')) return schema
  const values = schema.enum === undefined ? {} : { enum: [...schema.enum, null] }
  return { ...schema, type: [...[type].flat(), 'null'], ...values }
}

/** What is refused though the schema lets it pass. */
function unsaid(schema: JsonSchema): string {
  const lines = schema.properties?.['lines']?.items?.properties
  const all = { ...schema.properties, ...lines }
  const hasDecimals = Object.values(all).some((field) => field.anyOf?.some(({ type }) => type === 'integer') === true)
  const refused = [
    ...(lines === undefined ? [] : ['a line number that stands twice']),
    ...(lines?.['gtin'] === undefined ? [] : ['a GTIN with a wrong check digit']),
    ...(schema.properties?.['shipTo'] === undefined
      ? []
      : [
          'a GLN with a wrong check digit',
          'a delivery window that ends before it begins',
          'more than 256 KiB in the optional fields, from `shipTo` on, of an order and its lines',
        ]),
    ...(schema.properties?.['minimumRemainingLife'] === undefined
      ? []
      : ['a minimum remaining life that says neither days nor percent, or more than 100 percent']),
    ...(hasDecimals ? ['a decimal with an exponent that is too large or too precise by its value'] : []),
    'a text with U+0000 or with half of a surrogate pair, in any field',
    'more than 1 MiB, 64 levels or 100,000 fields and items',
  ]
  return `Refused as well, which a schema cannot say: ${refused.join('; ')}.`
}
