/** Names and values as forms, queries and headers carry them: percent-encoded UTF-8, or refused by name. Pure. */
import type { FieldError } from '../refusal.ts'
import { textOfBytes } from './json.ts'
import { textError } from './texts.ts'

const percentEncoded = /(?:%[0-9A-Fa-f]{2})+/g
/** No form or query of ours has as many; without a limit a body of 1 MiB could bring half a million. */
const maxFields = 1_000
const notUtf8 = 'must be UTF-8, with percent-encoding'

/** The text with `%C3%BC` undone; undefined where that is no UTF-8. A `%` that encodes nothing stays. */
export function percentDecoded(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return text.replaceAll(percentEncoded, (run) => decodeURIComponent(run))
  } catch {
    return undefined
  }
}

/** Bytes as `node:http` gives them in addresses and headers, one character each, as the UTF-8 text that was sent. */
export function textOfLatin1(text: string): string | undefined {
  return /[\x80-\xff]/.test(text) ? textOfBytes(Buffer.from(text, 'latin1')) : text
}

/** Fields by name; one that is given twice is a list. Or everything that is wrong with them. */
export type FormFields =
  { readonly fields: Readonly<Record<string, string | readonly string[]>> } | { readonly faults: readonly FieldError[] }

/**
 * Reads `name=value&name=value`.
 *
 * @param pointerOf names a field in faults, from its name
 */
export function formFields(text: string, pointerOf: (path: readonly string[]) => string): FormFields {
  const pairs = text.split('&', maxFields + 1)
  if (pairs.length > maxFields)
    return { faults: [{ pointer: '', message: `must have at most ${String(maxFields)} fields` }] }
  const fields = new Map<string, string | string[]>()
  const faults: FieldError[] = []
  for (const pair of pairs) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const given = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    const [name, value] = given.map((one) => percentDecoded(one.replaceAll('+', ' ')))
    const message = name === undefined || value === undefined ? notUtf8 : (textError(name) ?? textError(value))
    if (message !== undefined) faults.push({ pointer: pointerOf([name ?? given[0] ?? '']), message })
    else if (name !== undefined && value !== undefined) add(fields, name, value)
  }
  return faults.length > 0 ? { faults } : { fields: Object.fromEntries(fields) }
}

function add(fields: Map<string, string | string[]>, name: string, value: string): void {
  const before = fields.get(name)
  if (before === undefined) fields.set(name, value)
  else if (typeof before === 'string') fields.set(name, [before, value])
  else before.push(value)
}
