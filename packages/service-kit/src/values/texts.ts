/**
 * Texts that the database stores exactly as they were sent. It cannot store U+0000, nor half of a surrogate pair, which
 * would come back as U+FFFD: two such texts would become one. Every way in checks it here. Pure.
 */
import { pointer } from './pointer.ts'
import type { FieldError } from '../refusal.ts'

const nul = String.fromCharCode(0)
const replacement = '\uFFFD'

/** JSON in which no such escape stands holds no such text: what is decoded from UTF-8 has no half pairs of its own. */
const escapes = /\\u(?:0000|[dD][89a-fA-F])/

type Path = readonly (string | number)[]

/** What is wrong with a text, as the end of a sentence; undefined when it can be stored as it is. */
export function textError(text: string): string | undefined {
  if (text.includes(nul)) return 'must not contain a NUL character'
  return text.isWellFormed() ? undefined : 'must not contain half of a surrogate pair'
}

/** The same for a text that was made of bytes: U+FFFD stands there for bytes that are no UTF-8. */
export function decodedTextError(text: string): string | undefined {
  return text.includes(replacement) ? 'must be UTF-8' : textError(text)
}

/** Every text in a value that cannot be stored, names of fields too, by JSON pointer. */
export function textErrors(value: unknown, path: Path = []): FieldError[] {
  const faults: FieldError[] = []
  collect(value, path, faults)
  return faults
}

/** The same for the value of a JSON text, without a look at each where the text shows that there is none. */
export function textErrorsOfJson(text: string, value: unknown): FieldError[] {
  return text.includes('\\u') && escapes.test(text) ? textErrors(value) : []
}

function collect(value: unknown, path: Path, faults: FieldError[]): void {
  if (typeof value === 'string') {
    const message = textError(value)
    if (message !== undefined) faults.push({ pointer: pointer(path), message })
  } else if (Array.isArray(value)) value.forEach((item, index) => collect(item, [...path, index], faults))
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value)) {
      const message = textError(name)
      if (message === undefined) collect(item, [...path, name], faults)
      else faults.push({ pointer: pointer([...path, name]), message })
    }
}

/** The text with U+FFFD for what cannot be stored: for descriptions of a message, never for what identifies it. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll(nul, replacement)
}

/** JSON of a value, all of whose texts can be stored. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) => {
    if (typeof item === 'string') return storable(item)
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).map(([name, inner]) => [storable(name), inner]))
  })
}
