/**
 * What a JSON value means, as a text: two values with the same text mean the same. Keys are sorted, `null` is left out where it
 * means nothing, as is a field's default; decimals stand by their value. The schema shows which texts are decimals; what it does not know stands as it was
 * sent, but for the order of keys and for null. Pure.
 */
import { decimalReaderOf, definitionOf, isOptional, wrappedIn, type DecimalReader } from '@stockline/contracts/envelope'
import { z } from 'zod'

/** Writes what a value means. What is of another shape than the schema's stands as it was sent. */
export type Meaning = (value: unknown) => string

/** Prepares, once for a schema, what its values mean. */
export function meaningBySchema(schema: z.core.$ZodType): Meaning {
  const read = decimalReaderOf(schema)
  if (read !== undefined) return ofDecimal(read)
  const wrapped = wrappedIn(schema)
  if (wrapped !== undefined) return meaningBySchema(wrapped)
  const def = definitionOf(schema)
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- all others hold no fields
  switch (def.type) {
    case 'object':
      return ofObject(def)
    case 'array':
      return ofArray(meaningBySchema(def.element))
    default:
      return asSent
  }
}

function ofDecimal(read: DecimalReader): Meaning {
  return (value) => {
    if (typeof value !== 'string' && typeof value !== 'number') return asSent(value)
    const result = read(String(value))
    return 'text' in result ? textOf(result.text) : asSent(value)
  }
}

interface Field {
  readonly name: string
  /** The name as {@link textOf} writes it. */
  readonly key: string
  readonly nullCounts: boolean
  readonly meaning: Meaning
  /** What it means where it is left out; undefined where that means nothing. The same value adds nothing. */
  readonly leftOut: string | undefined
}

function ofObject({ shape }: z.core.$ZodObjectDef): Meaning {
  const fields = Object.keys(shape)
    .sort()
    .map((name): Field => fieldOf(name, shape[name] as z.core.$ZodType))
  const byName = new Map(fields.map((field) => [field.name, field]))
  return (value) => {
    if (!isObject(value)) return asSent(value)
    let text = ''
    let written = 0
    for (const field of fields) {
      const item = value[field.name]
      if (item === undefined) continue
      written += 1
      text += textOfField(field, item)
    }
    // With others among them, all are put in one order: that of a field must not change when the schema learns of it.
    return written === Object.keys(value).length ? `{${text}}` : objectOf(value, byName)
  }
}

function fieldOf(name: string, schema: z.core.$ZodType): Field {
  const read = schema._zod.optin === undefined ? undefined : z.safeParse(schema, undefined)
  const given = read?.success === true ? read.data : undefined
  const meaning = meaningBySchema(schema)
  return {
    name,
    key: textOf(name),
    nullCounts: !isOptional(schema) && given !== null,
    meaning,
    leftOut: given === undefined || given === null ? undefined : meaning(given),
  }
}

/** Empty where it means the same as being left out. */
function textOfField({ key, nullCounts, meaning, leftOut }: Field, item: unknown): string {
  if (item === null) return nullCounts ? `${key}null` : ''
  const text = meaning(item)
  return text === leftOut ? '' : key + text
}

function objectOf(value: Readonly<Record<string, unknown>>, known?: ReadonlyMap<string, Field>): string {
  const texts = Object.keys(value)
    .sort()
    .flatMap((name) => {
      const [item, field] = [value[name], known?.get(name)]
      if (field !== undefined) return textOfField(field, item)
      return item === null ? [] : textOf(name) + asSent(item)
    })
  return `{${texts.join('')}}`
}

function ofArray(meaning: Meaning): Meaning {
  return (value) => {
    if (!Array.isArray(value)) return asSent(value)
    let text = ''
    for (let at = 0; at < value.length; at += 1) text += `${at === 0 ? '' : ','}${meaning(value[at])}`
    return `[${text}]`
  }
}

/** A text with its length before it, so that nothing in it can be taken for what stands around it. */
function textOf(text: string): string {
  return `"${String(text.length)}:${text}`
}

/** As sent, but for the order of keys and for fields that are null. */
function asSent(value: unknown): string {
  if (typeof value === 'string') return textOf(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(asSent).join(',')}]`
  const sent = numeralOf(value)
  return sent ?? objectOf(value as Readonly<Record<string, unknown>>)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const numeral = Symbol('numeral')

function numeralOf(value: object): string | undefined {
  const sent: unknown = Reflect.get(value, numeral)
  return typeof sent === 'string' ? sent : undefined
}

/** Without so many digits together, not at the beginning of a text, no number is more than JavaScript can hold. */
const manyDigits = /[:,[\s-][\d.]{16}/

/**
 * The value of a JSON text in which numbers of more digits than JavaScript can hold stand as they were sent: 1234567890123456789 is
 * another number than 1234567890123456788. Undefined where there is no such number.
 */
export function withNumerals(text: string): unknown {
  if (!manyDigits.test(text)) return undefined
  const found: string[] = []
  const value: unknown = JSON.parse(text, (_name, item: unknown, context?: { readonly source?: string }) => {
    const source = context?.source
    if (typeof item !== 'number' || source === undefined || isHeld(item, source)) return item
    found.push(source)
    return { [numeral]: source }
  })
  return found.length > 0 ? value : undefined
}

function isHeld(item: number, source: string): boolean {
  return (
    Number.isFinite(item) &&
    source
      .replace(/[eE].*$/, '')
      .replaceAll(/\D/g, '')
      .replace(/^0+/, '').length < 16
  )
}
