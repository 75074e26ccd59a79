/** `null` is absent: in every body and event, wherever a field may be left out and `null` is no value of its own. */
import { z } from 'zod'
import { definitionOf, wrappedIn } from './wrapped.ts'

/** Gives the value without such fields: the same value where there is none. What it is given it does not change. */
export type WithoutNulls = (value: unknown) => unknown

/** A schema that takes `null` for every optional field, at any depth, as if the field were not there. */
export function nullIsAbsent<Output>(schema: z.ZodType<Output>): z.ZodType<Output> {
  const without = withoutNulls(schema)
  return without === undefined ? schema : z.preprocess(without, schema)
}

/** Prepares, once for a schema, the search for such fields. Undefined: there can be none. */
export function withoutNulls(schema: z.core.$ZodType): WithoutNulls | undefined {
  const within = inside(schema)
  if (!isOptional(schema)) return within
  return (value) => (value === null ? undefined : within === undefined ? value : within(value))
}

/** May it be left out, while `null` is not a value of its own? Where a field may be null, null is its value: it clears the field. */
export function isOptional(schema: z.core.$ZodType): boolean {
  return schema._zod.optin !== undefined && !z.safeParse(schema, null).success
}

function inside(schema: z.core.$ZodType): WithoutNulls | undefined {
  const wrapped = wrappedIn(schema)
  if (wrapped !== undefined) return inside(wrapped)
  const def = definitionOf(schema)
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- all others hold no fields
  switch (def.type) {
    case 'object':
      return inObject(def)
    case 'array':
      return inArray(inside(def.element))
    case 'union':
      return inUnion(def.options)
    default:
      return undefined
  }
}

function inObject({ shape }: z.core.$ZodObjectDef): WithoutNulls | undefined {
  const fields = Object.entries(shape).flatMap(([name, field]) => {
    const [optional, within] = [isOptional(field), inside(field)]
    return optional || within !== undefined ? [{ name, optional, within }] : []
  })
  if (fields.length === 0) return undefined
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const given = value as Record<string, unknown>
    let kept = given
    for (const { name, optional, within } of fields) {
      const before = given[name]
      if (typeof before !== 'object' || (before === null && !optional)) continue
      const after = before === null ? undefined : within === undefined ? before : within(before)
      if (after === before) continue
      if (kept === given) kept = { ...given }
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy, of which the field is left out
      if (after === undefined) delete kept[name]
      else kept[name] = after
    }
    return kept
  }
}

function inArray(within: WithoutNulls | undefined): WithoutNulls | undefined {
  if (within === undefined) return undefined
  return (value) => {
    if (!Array.isArray(value)) return value
    const given: readonly unknown[] = value
    let kept: unknown[] | undefined
    for (let at = 0; at < given.length; at += 1) {
      const after = within(given[at])
      if (after !== given[at]) (kept ??= [...given])[at] = after
    }
    return kept ?? given
  }
}

/** The fields of the first form that the value has without them. */
function inUnion(options: readonly z.core.$ZodType[]): WithoutNulls | undefined {
  const forms = options.map((option) => ({ option, within: inside(option) }))
  if (forms.every(({ within }) => within === undefined)) return undefined
  return (value) => {
    for (const { option, within } of forms) {
      const after = within === undefined ? value : within(value)
      if (z.safeParse(option, after).success) return after
    }
    return value
  }
}
