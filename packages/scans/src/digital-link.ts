/**
 * GS1 Digital Link: `https://anywhere/01/09506000134352/10/ABC?17=271231`. Pure.
 *
 * @see https://ref.gs1.org/standards/digital-link/uri-syntax/
 */
import { dictionary, type DictionaryEntry } from './dictionary.ts'
import type { Element, ElementString, CodeProblem } from './elements.ts'

/** Elements of a Digital Link; undefined where the address has no key of GS1's, and is any other address. */
export function linkedElements(text: string): ElementString | undefined {
  const found = /^https?:\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/i.exec(text)
  if (found === null) return undefined
  const [, , path = '', query = ''] = found
  const segments = path.split('/').slice(1)
  if (segments.at(-1) === '') segments.pop()
  const start = keyPlace(segments)
  if (start === undefined) return undefined
  const pairs = Array.from(
    { length: (segments.length - start) / 2 },
    (_, index) => [segments[start + 2 * index] ?? '', segments[start + 2 * index + 1] ?? ''] as const,
  )
  const problems = [...qualifierProblems(pairs.map(([identifier]) => identifier))]
  const elements: Element[] = []
  for (const [identifier, value] of [...pairs, ...queryPairs(query, problems)]) {
    const decoded = decodedOf(value)
    if (decoded === undefined) problems.push(structure(`(${identifier}) has a % that encodes nothing.`))
    else elements.push([identifier, identifier === '01' ? paddedGtin(decoded) : decoded])
  }
  return { elements, problems }
}

/** The last key, with pairs of identifier and value behind it. */
function keyPlace(segments: readonly string[]): number | undefined {
  for (let at = segments.length - 2; at >= 0; at -= 2)
    if (dictionary.get(segments[at] ?? '')?.qualifiers !== undefined) return at
  return undefined
}

function qualifierProblems([key = '', ...qualifiers]: readonly string[]): CodeProblem[] {
  const allowed = dictionary.get(key)?.qualifiers ?? []
  if (allowed.some((sequence) => isInOrder(qualifiers, sequence)) || qualifiers.length === 0) return []
  const shown = qualifiers.map((one) => `(${one})`).join(', ')
  return [structure(`${shown} may not follow (${key}) in a Digital Link, or not in this order.`)]
}

function isInOrder(given: readonly string[], sequence: readonly string[]): boolean {
  let at = 0
  for (const one of given) {
    at = sequence.indexOf(one, at) + 1
    if (at === 0) return false
  }
  return true
}

/** Identifiers in the query; other names (`linkType`) are for the server that is asked. */
function queryPairs(query: string, problems: CodeProblem[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  for (const part of query.split(/[&;]/)) {
    const at = part.indexOf('=')
    const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
    if (!/^\d+$/.test(name)) continue
    const entry: DictionaryEntry | undefined = dictionary.get(name)
    if (entry?.inQuery === true) pairs.push([name, value.replaceAll('+', ' ')])
    else problems.push(structure(`"${name}" may not stand in the query of a Digital Link.`))
  }
  return pairs
}

function decodedOf(value: string): string | undefined {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** A Digital Link may have a GTIN of 8, 12 or 13 digits. */
function paddedGtin(value: string): string {
  return /^(?:\d{8}|\d{12,13})$/.test(value) ? value.padStart(14, '0') : value
}

function structure(message: string): CodeProblem {
  return { kind: 'structure', message }
}
