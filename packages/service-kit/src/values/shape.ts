/** Shapes at the border: every wrong field is named at once, and so is every unknown field. */
import { definitionOf, withoutNulls, wrappedIn } from '@stockline/contracts/envelope'
import { z } from 'zod'
import { messageOf } from './wording.ts'
import { pointer, queryPointer } from './pointer.ts'
import type { FieldError } from '../refusal.ts'

/** Checks a value: the parsed one, or what is wrong with it. */
export type ShapeCheck = (value: unknown) => { readonly value: unknown } | { readonly faults: readonly FieldError[] }

/**
 * Prepares the check of a schema once, for many requests. In a body an optional field that is `null` is absent.
 *
 * @param base what pointers begin with: nothing for a body, `?` for a query
 */
export function shapeCheck(schema: z.ZodType, base: '' | '?' = ''): ShapeCheck {
  const find = finderOf(schema)
  const pointerOf = base === '?' ? queryPointer : pointer
  const without = base === '?' ? undefined : withoutNulls(schema)
  return (given) => {
    const value = without === undefined ? given : without(given)
    const faults: FieldError[] = []
    find?.(value, [], (path) => faults.push({ pointer: pointerOf(path), message: 'is not a known field' }))
    const parsed = schema.safeParse(value, { reportInput: true })
    if (parsed.success && faults.length === 0) return { value: parsed.data }
    if (!parsed.success) for (const issue of parsed.error.issues) faults.push(...errorsOf(issue, pointerOf))
    return { faults }
  }
}

function errorsOf(issue: z.core.$ZodIssue, pointerOf: (path: readonly PropertyKey[]) => string): FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), message: 'is not a known field' }))
  return [{ pointer: pointerOf(issue.path), message: messageOf(issue) }]
}

/** Prepares, once for a schema, the search for fields that it does not know. */
export function unknownFields(schema: z.ZodType, under: string): (value: unknown) => FieldError[] {
  const find = finderOf(schema)
  return (value) => {
    const faults: FieldError[] = []
    find?.(value, [], (path) => faults.push({ pointer: under + pointer(path), message: 'is not a known field' }))
    return faults
  }
}

type Path = readonly (string | number)[]
type Report = (path: Path) => void
type Finder = (value: unknown, path: Path, report: Report) => void

/** Parsing drops what it does not know; a misspelled field must become an error. Undefined: nothing to find. */
function finderOf(schema: z.core.$ZodType): Finder | undefined {
  const wrapped = wrappedIn(schema)
  if (wrapped !== undefined) return finderOf(wrapped)
  const type = definitionOf(schema)
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- all others hold no fields
  switch (type.type) {
    case 'object':
      return inObject(type)
    case 'array':
      return inArray(finderOf(type.element))
    case 'record':
      return inRecord(finderOf(type.valueType))
    case 'union':
      return inUnion(type.options.map(finderOf))
    default:
      return undefined
  }
}

function inObject(type: z.core.$ZodObjectDef): Finder {
  const fields = new Map(Object.entries(type.shape).map(([name, field]) => [name, finderOf(field)]))
  // A catch-all decides about other fields itself: `strictObject` refuses them, `looseObject` takes them.
  const open = type.catchall !== undefined
  return (value, path, report) => {
    if (!isRecord(value)) return
    for (const name of Object.keys(value)) {
      if (!fields.has(name)) {
        if (!open) report([...path, name])
        continue
      }
      const find = fields.get(name)
      if (find !== undefined) find(value[name], [...path, name], report)
    }
  }
}

function inArray(find: Finder | undefined): Finder | undefined {
  if (find === undefined) return undefined
  return (value, path, report) => {
    if (Array.isArray(value)) value.forEach((item, index) => find(item, [...path, index], report))
  }
}

function inRecord(find: Finder | undefined): Finder | undefined {
  if (find === undefined) return undefined
  return (value, path, report) => {
    if (isRecord(value)) for (const [name, item] of Object.entries(value)) find(item, [...path, name], report)
  }
}

/** A field is unknown to a union when the alternative that fits best does not know it. */
function inUnion(finders: readonly (Finder | undefined)[]): Finder | undefined {
  if (finders.every((find) => find === undefined)) return undefined
  return (value, path, report) => {
    let fewest: Path[] | undefined
    for (const find of finders) {
      const found: Path[] = []
      find?.(value, path, (at) => found.push(at))
      if (find !== undefined && (fewest === undefined || found.length < fewest.length)) fewest = found
    }
    fewest?.forEach(report)
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Is this text a UUID, of any version? */
export function isUuid(text: string): boolean {
  return uuidText.test(text)
}

/** Shape of a path's parameters where a route declares none. */
export function defaultParams(path: string): z.ZodObject {
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '')
  return z.object(
    Object.fromEntries(
      names.map((name) => [
        name,
        name === 'id' || name.endsWith('Id')
          ? z.string().regex(uuidText).toLowerCase().meta({ format: 'uuid' })
          : z.string().min(1).max(200),
      ]),
    ),
  )
}
