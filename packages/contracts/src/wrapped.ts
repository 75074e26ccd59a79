/** Unwraps schemas that wrap another, so that code that walks a schema sees only objects, arrays, records and unions. */
import type { z } from 'zod'

/**
 * The schema that this one stands around: whether a value may be left out or null, has a default, is made of another one first. Of a
 * transformation it is the side that has a shape. Undefined where it stands around none.
 */
export function wrappedIn(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const def = definitionOf(schema)
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- all others stand around none
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return def.innerType
    case 'pipe':
      return definitionOf(def.in).type === 'transform' ? def.out : def.in
    default:
      return undefined
  }
}

/** The definition of a schema, told apart by its `type`. */
export function definitionOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  return (schema as z.core.$ZodTypes)._zod.def
}
