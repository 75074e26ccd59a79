/** Walks a shape of Zod: a value that it takes, and where in it the optional fields and the decimals stand. */
import { decimalKindOf, definitionOf, isOptional, wrappedIn, type DecimalKind } from '@stockline/contracts/envelope'
import { z } from 'zod'

/** From the outside in: `lines`, 0, `quantity`. */
export type Path = readonly (string | number)[]

/** A place in the sample. */
export type Place =
  | { readonly path: Path; readonly is: 'optional' }
  | { readonly path: Path; readonly is: 'decimal'; readonly kind: DecimalKind }

/** Texts of which at least one suits every text that bodies and events have. */
const texts = [
  'A',
  'a',
  '1',
  'WH',
  'EUR',
  '2026-04-23',
  '2026-04-20T08:00:00Z',
  '01990000-0000-7000-8000-000000000001',
  'a-password-that-is-long-enough',
  'client_credentials',
  '4006381333931',
  '095060052601815901',
  '9506005',
  'https://example.org/evidence.jpg',
]

/** A value that the schema takes, with every field that may stand in it. */
export function sampleOf(schema: z.core.$ZodType): unknown {
  if (decimalKindOf(schema) !== undefined) return '100'
  const wrapped = wrappedIn(schema)
  if (wrapped !== undefined) return sampleOf(wrapped)
  const def = definitionOf(schema)
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- all others are tried
  switch (def.type) {
    case 'object':
      return Object.fromEntries(Object.entries(def.shape).map(([name, field]) => [name, sampleOf(field)]))
    case 'array':
      return [sampleOf(def.element)]
    case 'union':
      return sampleOf(def.options[0]!)
    default:
      return tried(schema)
  }
}

function tried(schema: z.core.$ZodType): unknown {
  const values = schema._zod.values === undefined ? [] : [...schema._zod.values]
  const found = [...values, ...texts, 1, true].find((one) => z.safeParse(schema, one).success)
  if (found === undefined) throw new Error(`No sample of ${JSON.stringify(definitionOf(schema))}.`)
  return found
}

/** Every optional field and every decimal, at the places where {@link sampleOf} has them. */
export function placesIn(schema: z.core.$ZodType, path: Path = []): readonly Place[] {
  const kind = decimalKindOf(schema)
  if (kind !== undefined) return [{ path, is: 'decimal', kind }]
  const wrapped = wrappedIn(schema)
  if (wrapped !== undefined) return placesIn(wrapped, path)
  const def = definitionOf(schema)
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- all others hold no fields
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([name, field]) => [
        ...(isOptional(field) ? [{ path: [...path, name], is: 'optional' as const }] : []),
        ...placesIn(field, [...path, name]),
      ])
    case 'array':
      return placesIn(def.element, [...path, 0])
    case 'union':
      return placesIn(def.options[0]!, path)
    default:
      return []
  }
}

/** A copy with another value at a place; `undefined` leaves the field out. */
export function withValue(whole: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(whole)
  const parent = path.slice(0, -1).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], copy)
  const fields = parent as Record<string, unknown>
  const name = String(path.at(-1))
  if (value === undefined) Reflect.deleteProperty(fields, name)
  else fields[name] = value
  return copy
}
