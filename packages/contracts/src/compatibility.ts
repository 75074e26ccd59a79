/** What may change in a published schema. It depends on the writer of the event: an outside system, or a service of ours. */
import type { EventContract } from './envelope.ts'
import { comesIn, type JsonSchema } from './json-schema.ts'

/** `in`: written by other systems, read by us; `out`: written by us. */
export type Direction = 'in' | 'out'

/** Who writes an event. */
export function directionOf(contract: Pick<EventContract, 'subjectField'>): Direction {
  return comesIn(contract) ? 'in' : 'out'
}

/**
 * Are all texts that `some` lets pass among those that `all` does? Asked of the parts of schemas that judge texts. Without an
 * answer from outside, only of what is written alike.
 */
export type CoversTexts = (all: TextRule, some: TextRule) => boolean

/** What a schema requires of a text. Of the length only that it is not empty: the rest is compared separately. */
export type TextRule = Pick<JsonSchema, 'pattern' | 'not' | 'minLength'>

const writtenAlike: CoversTexts = (all, some) =>
  isFree(all) || JSON.stringify(textRuleOf(all)) === JSON.stringify(textRuleOf(some))

function isFree({ pattern, not }: TextRule): boolean {
  return pattern === undefined && not === undefined
}

function textRuleOf({ pattern, not }: TextRule): TextRule {
  return { ...(pattern === undefined ? {} : { pattern }), ...(not === undefined ? {} : { not }) }
}

/**
 * Names every way in which `next` breaks those who know `published`.
 *
 * - `out`: readers of the old schema must be able to read the new: optional fields may be added, nothing else changes.
 * - `in`: writers of the old schema must still be accepted: optional fields may be added, and requirements may be loosened.
 *
 * @param covers compares what patterns mean
 * @returns sentences, each beginning with the place; none when compatible
 */
export function breaks(
  published: JsonSchema,
  next: JsonSchema,
  direction: Direction,
  covers: CoversTexts = writtenAlike,
): string[] {
  return brokenAt('$', published, next, { direction, covers })
}

interface Rules {
  readonly direction: Direction
  readonly covers: CoversTexts
}

function brokenAt(at: string, published: JsonSchema, next: JsonSchema, rules: Rules): string[] {
  const loosened = rules.direction === 'in' ? variantOf(published, next, rules) : undefined
  if (loosened !== undefined) return brokenAt(at, published, loosened, rules)
  return [
    ...brokenFields(published, next, rules, at),
    ...brokenItems(published, next, rules, at),
    ...brokenVariants(published, next, rules, at),
    ...brokenKeywords(published, next, rules, at),
    ...brokenTexts(published, next, rules, at),
  ]
}

/** A reader must not get texts that the old schema excludes; a writer must not be refused texts that it allows. */
function brokenTexts(published: JsonSchema, next: JsonSchema, { direction, covers }: Rules, at: string): string[] {
  if (isFree(published) && isFree(next)) return []
  const isKept = direction === 'in' ? covers(next, published) : covers(published, next) && !isFree(next)
  return isKept ? [] : [`${at}: pattern changed`]
}

/**
 * Names what `next` accepts and `published` refused: events that a version which knows only `published` would put aside. A new
 * field is none of it, since unknown fields are let pass.
 */
export function loosens(published: JsonSchema, next: JsonSchema, covers?: CoversTexts): string[] {
  return breaks(next, published, 'in', covers).filter((fault) => !fault.endsWith(gone))
}

const gone = ' is gone'

function brokenFields(published: JsonSchema, next: JsonSchema, rules: Rules, at: string): string[] {
  const found: string[] = []
  for (const [name, field] of Object.entries(published.properties ?? {})) {
    const now = next.properties?.[name]
    if (now === undefined) found.push(`${at}.${name}${gone}`)
    else found.push(...brokenAt(`${at}.${name}`, field, now, rules))
  }
  for (const name of next.required ?? [])
    if (!(published.required ?? []).includes(name)) found.push(`${at}.${name} is required now`)
  for (const name of published.required ?? [])
    if (rules.direction === 'out' && !(next.required ?? []).includes(name))
      found.push(`${at}.${name} is no longer always there`)
  return found
}

function brokenItems(published: JsonSchema, next: JsonSchema, rules: Rules, at: string): string[] {
  if (published.items === undefined) return []
  return next.items === undefined ? [`${at}[]${gone}`] : brokenAt(`${at}[]`, published.items, next.items, rules)
}

function brokenVariants(published: JsonSchema, next: JsonSchema, rules: Rules, at: string): string[] {
  const { direction } = rules
  const found = (published.anyOf ?? []).flatMap((one, index) => {
    const now = next.anyOf ?? []
    const same = now[index]
    if (direction === 'in' && now.some((other) => brokenAt(at, one, other, rules).length === 0)) return []
    return same === undefined ? [`${at} lost a variant`] : brokenAt(`${at}|${String(index)}`, one, same, rules)
  })
  const isMore = (next.anyOf?.length ?? 0) > (published.anyOf?.length ?? 0)
  return isMore && !(direction === 'in' && published.anyOf !== undefined) ? [...found, `${at} gained a variant`] : found
}

/** Where there was one shape and now are several: the one that accepts what the old one did. */
function variantOf(published: JsonSchema, next: JsonSchema, { covers }: Rules): JsonSchema | undefined {
  if (published.anyOf !== undefined) return undefined
  return next.anyOf
    ?.map((one) => withVariant(next, one))
    .find((one) => breaks(published, one, 'in', covers).length === 0)
}

/** What must be obeyed where a variant is chosen: it, and what stands beside all of them. */
function withVariant({ anyOf: _anyOf, ...common }: JsonSchema, variant: JsonSchema): JsonSchema {
  return {
    ...common,
    ...variant,
    ...(common.properties === undefined ? {} : { properties: { ...variant.properties, ...common.properties } }),
    ...(common.required === undefined ? {} : { required: [...common.required, ...(variant.required ?? [])] }),
  }
}

function brokenKeywords(published: JsonSchema, next: JsonSchema, { direction }: Rules, at: string): string[] {
  return [...new Set([...Object.keys(published), ...Object.keys(next)])]
    .filter((keyword) => !structural.has(keyword))
    .filter((keyword) => JSON.stringify(published[keyword]) !== JSON.stringify(next[keyword]))
    .filter((keyword) => direction === 'out' || !isLooser(keyword, published[keyword], next[keyword]))
    .map((keyword) => `${at}: ${keyword} changed`)
}

/** Compared field by field above, or only prose. */
const structural = new Set([
  'properties',
  'required',
  'items',
  'anyOf',
  'pattern',
  'not',
  '$id',
  '$schema',
  'title',
  'description',
])
const upperBounds = new Set(['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'])
const lowerBounds = new Set(['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'])
/** Whoever had to obey it need not where it is gone. */
const demands = new Set(['format', 'uniqueItems', 'multipleOf', ...upperBounds, ...lowerBounds])

function isLooser(keyword: string, before: unknown, now: unknown): boolean {
  if (now === undefined) return demands.has(keyword)
  if (before === undefined) return false
  if (keyword === 'enum' || keyword === 'type') return [before].flat().every((one) => [now].flat().includes(one))
  if (typeof before !== 'number' || typeof now !== 'number') return false
  return upperBounds.has(keyword) ? now > before : lowerBounds.has(keyword) && now < before
}
