/**
 * JSON from outside, within bounds: what is too large, nested too deep or holds too many values is refused before it is
 * parsed, so that whatever walks a value afterwards may call itself. Pure.
 */
import { isUtf8 } from 'node:buffer'

/** What is read at most. */
export const jsonLimits = {
  /** Of a body, and of a message on the bus. */
  bytes: 1_048_576,
  /** Lists and objects within each other. */
  depth: 64,
  /** Items of lists and fields of objects, all together. */
  values: 100_000,
} as const

/** Why a text is not read. `not-json` includes bytes that are no UTF-8. */
export type JsonError = 'not-json' | 'too-large' | 'too-deep' | 'too-many'

/** A value with its text, or why there is none. */
export type ReadJson = { readonly value: unknown; readonly text: string } | { readonly wrong: JsonError }

/** What is wrong, as the end of a sentence. */
export const jsonErrorWording: Readonly<Record<JsonError, string>> = {
  'not-json': 'is not JSON in UTF-8',
  'too-large': `has more than ${String(jsonLimits.bytes)} bytes`,
  'too-deep': `nests lists and objects more than ${String(jsonLimits.depth)} levels deep`,
  'too-many': `has more than ${String(jsonLimits.values)} fields and items`,
}

/** Reads bytes. A byte order mark before the text is passed over. */
export function readJsonBytes(bytes: Buffer): ReadJson {
  if (bytes.length > jsonLimits.bytes) return { wrong: 'too-large' }
  const text = textOfBytes(bytes)
  return text === undefined ? { wrong: 'not-json' } : parsed(text, bytes)
}

/** Reads a text. */
export function readJson(text: string): ReadJson {
  return parsed(text, undefined)
}

function parsed(text: string, bytes: Buffer | undefined): ReadJson {
  if (!isSurelyWithin(text)) {
    const wrong = beyondLimits(bytes ?? Buffer.from(text))
    if (wrong !== undefined) return { wrong }
  }
  try {
    return { value: JSON.parse(text), text }
  } catch {
    return { wrong: 'not-json' }
  }
}

const byteOrderMark = 0xfeff

/** The bytes as text; undefined where they are none. */
export function textOfBytes(bytes: Buffer | null): string | undefined {
  if (bytes === null || !isUtf8(bytes)) return undefined
  const text = bytes.toString()
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text
}

const quote = 0x22
const comma = 0x2c
const openList = 0x5b
const backslash = 0x5c
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** Most texts are so short and have so few brackets that they can be neither too deep nor too many. */
function isSurelyWithin(text: string): boolean {
  if (text.length > jsonLimits.values) return false
  let brackets = 0
  for (const bracket of '{[')
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      brackets += 1
      if (brackets > jsonLimits.depth) return false
    }
  return true
}

/** One look at each byte. What is no JSON may pass: the parser will see. */
function beyondLimits(bytes: Buffer): 'too-deep' | 'too-many' | undefined {
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const one = bytes[at]
    if (one === quote) at = endOfText(bytes, at)
    else if (one === comma) values += 1
    else if (one === openObject || one === openList) {
      depth += 1
      values += 1
      if (depth > jsonLimits.depth) return 'too-deep'
    } else if (one === closeObject || one === closeList) depth -= 1
  }
  return values > jsonLimits.values ? 'too-many' : undefined
}

/** Where the text in quotes that begins here ends. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1
  while (at < bytes.length) {
    const one = bytes[at]
    if (one === quote) break
    at += one === backslash ? 2 : 1
  }
  return at
}

/** The items of a JSON list, each as it was written; undefined where the bytes are no list in UTF-8. */
export function itemsOfList(bytes: Buffer): string[] | undefined {
  const list = Buffer.from(textOfBytes(bytes)?.trim() ?? '')
  if (list[0] !== openList || list.at(-1) !== closeList) return undefined
  const items: string[] = []
  let depth = 0
  let start = 1
  for (let at = 0; at < list.length; at += 1) {
    const one = list[at]
    if (one === quote) at = endOfText(list, at)
    else if (one === openObject || one === openList) depth += 1
    else if (one === closeObject || one === closeList) depth -= 1
    else if (one === comma && depth === 1) {
      items.push(list.subarray(start, at).toString().trim())
      start = at + 1
    }
    if (depth === 0 && at < list.length - 1) return undefined
  }
  const last = list.subarray(start, -1).toString().trim()
  return items.length === 0 && last === '' ? [] : [...items, last]
}
