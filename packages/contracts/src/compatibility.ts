/** What may change in a published schema. It depends on who writes the event: others to us, or we to others. */
import type { EventContract } from './envelope.ts'
import type { JsonSchema } from './json-schema.ts'

/** `in`: written by other systems, read by us; `out`: written by us. */
export type Direction = 'in' | 'out'

/** Owners of events that other systems write. */
const outsiders: ReadonlySet<string> = new Set(['purchasing', 'sales', 'catalog'])

/** Who writes an event. */
export function directionOf({ owner }: Pick<EventContract, 'owner'>): Direction {
  return outsiders.has(owner) ? 'in' : 'out'
}

/**
 * Names every way in which `next` breaks those who know `published`.
 *
 * - `out`: whoever reads the old must be able to read the new: optional fields may be added, nothing else changes.
 * - `in`: whoever writes the old must still be accepted: optional fields may be added, and what is demanded may be loosened.
 *
 * @returns sentences, each beginning with the place; none when compatible
 */
export function breaks(published: JsonSchema, next: JsonSchema, direction: Direction, at = '$'): string[] {
  const loosened = direction === 'in' ? variantOf(published, next) : undefined
  if (loosened !== undefined) return breaks(published, loosened, direction, at)
  return [
    ...brokenFields(published, next, direction, at),
    ...brokenItems(published, next, direction, at),
    ...brokenVariants(published, next, direction, at),
    ...brokenKeywords(published, next, direction, at),
  ]
}

/**
 * Names what `next` accepts and `published` refused: events that a version which knows only `published` would put aside. A new
 * field is none of it, since unknown fields are let pass.
 */
export function loosens(published: JsonSchema, next: JsonSchema): string[] {
  return breaks(next, published, 'in').filter((fault) => !fault.endsWith(gone))
}

const gone = ' is gone'

function brokenFields(published: JsonSchema, next: JsonSchema, direction: Direction, at: string): string[] {
  const found: string[] = []
  for (const [name, field] of Object.entries(published.properties ?? {})) {
    const now = next.properties?.[name]
    if (now === undefined) found.push(`${at}.${name}${gone}`)
    else found.push(...breaks(field, now, direction, `${at}.${name}`))
  }
  for (const name of next.required ?? [])
    if (!(published.required ?? []).includes(name)) found.push(`${at}.${name} is required now`)
  for (const name of published.required ?? [])
    if (direction === 'out' && !(next.required ?? []).includes(name))
      found.push(`${at}.${name} is no longer always there`)
  return found
}

function brokenItems(published: JsonSchema, next: JsonSchema, direction: Direction, at: string): string[] {
  if (published.items === undefined) return []
  return next.items === undefined ? [`${at}[]${gone}`] : breaks(published.items, next.items, direction, `${at}[]`)
}

function brokenVariants(published: JsonSchema, next: JsonSchema, direction: Direction, at: string): string[] {
  const found = (published.anyOf ?? []).flatMap((one, index) => {
    const now = next.anyOf ?? []
    const same = now[index]
    if (direction === 'in' && now.some((other) => breaks(one, other, direction).length === 0)) return []
    return same === undefined ? [`${at} lost a variant`] : breaks(one, same, direction, `${at}|${String(index)}`)
  })
  const isMore = (next.anyOf?.length ?? 0) > (published.anyOf?.length ?? 0)
  return isMore && !(direction === 'in' && published.anyOf !== undefined) ? [...found, `${at} gained a variant`] : found
}

/** Where there was one shape and now are several: the one that accepts what the old one did. */
function variantOf(published: JsonSchema, next: JsonSchema): JsonSchema | undefined {
  if (published.anyOf !== undefined) return undefined
  return next.anyOf?.find((one) => breaks(published, one, 'in').length === 0)
}

function brokenKeywords(published: JsonSchema, next: JsonSchema, direction: Direction, at: string): string[] {
  return [...new Set([...Object.keys(published), ...Object.keys(next)])]
    .filter((keyword) => !structural.has(keyword))
    .filter((keyword) => JSON.stringify(published[keyword]) !== JSON.stringify(next[keyword]))
    .filter((keyword) => direction === 'out' || !isLooser(keyword, published[keyword], next[keyword]))
    .map((keyword) => `${at}: ${keyword} changed`)
}

/** Compared field by field above, or only prose. */
const structural = new Set(['properties', 'required', 'items', 'anyOf', '$id', '$schema', 'title', 'description'])
const upperBounds = new Set(['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'])
const lowerBounds = new Set(['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'])
/** Whoever had to obey it need not where it is gone. */
const demands = new Set(['pattern', 'format', 'uniqueItems', 'multipleOf', ...upperBounds, ...lowerBounds])

function isLooser(keyword: string, before: unknown, now: unknown): boolean {
  if (now === undefined) return demands.has(keyword)
  if (before === undefined) return false
  if (keyword === 'enum' || keyword === 'type') return [before].flat().every((one) => [now].flat().includes(one))
  if (typeof before !== 'number' || typeof now !== 'number') return false
  return upperBounds.has(keyword) ? now > before : lowerBounds.has(keyword) && now < before
}
