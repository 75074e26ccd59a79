/**
 * Schemas in the form that generators of clients understand. They mean the same to a validator: a type of its own for
 * null makes them fail, a `const` is overlooked, and of `format` and `pattern` together they take one. Pure.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type JsonObject = Readonly<Record<string, Json>>

/** Formats that imply the patterns that Zod writes out. */
const spelledOut = new Set(['uuid', 'date', 'date-time'])

/** The document with every schema in it put into that form. */
export function plainSchemas(document: object): object {
  return plain(document as JsonObject) as object
}

function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => plain(item as Json))
  if (!isObject(value)) return value
  const inside = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]))
  return withNullAsType(withoutPattern(withoutSafeBounds(withEnumForConst(open(inside)))))
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function without(schema: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)))
}

/** Answers may gain fields within a version: what reads them must let others pass. */
function open(schema: JsonObject): JsonObject {
  return schema['additionalProperties'] === false ? without(schema, 'additionalProperties') : schema
}

function withEnumForConst(schema: JsonObject): JsonObject {
  const { const: only } = schema
  return typeof only === 'string' && schema['type'] === 'string'
    ? { ...without(schema, 'const'), enum: [only] }
    : schema
}

/** Zod bounds each integer by what a double can represent, which is no information. */
function withoutSafeBounds(schema: JsonObject): JsonObject {
  if (schema['type'] !== 'integer') return schema
  const names = ['minimum', 'maximum'].filter((name) => Math.abs(Number(schema[name])) === Number.MAX_SAFE_INTEGER)
  return without(schema, ...names)
}

function withoutPattern(schema: JsonObject): JsonObject {
  const { format } = schema
  return typeof format === 'string' && spelledOut.has(format) ? without(schema, 'pattern') : schema
}

/** `anyOf` one schema or null is that schema, whose type may also be null. */
function withNullAsType(schema: JsonObject): JsonObject {
  const { anyOf } = schema
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema
  const [one, other] = anyOf as readonly Json[]
  if (!isObject(one) || !isObject(other) || other['type'] !== 'null' || typeof one['type'] !== 'string') return schema
  const values = one['enum']
  return {
    ...without(schema, 'anyOf'),
    ...one,
    type: [one['type'], 'null'],
    ...(Array.isArray(values) ? { enum: [...(values as readonly Json[]), null] } : {}),
  }
}
