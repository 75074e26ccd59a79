/** GS1 element strings: application identifiers and their values, as scanners send them and as labels print them. Pure. */
import { type Component, type ComponentKind, type DictionaryEntry, dictionary, entryAt } from './dictionary.ts'
import { ruleFault } from './rules.ts'

/** Application identifier and value. */
export type Element = readonly [identifier: string, value: string]

/** What is wrong with a code, for a person. */
export interface CodeProblem {
  /** The application identifier that it is about. */
  readonly identifier?: string
  /** `companion`: all that is there is right, but an identifier is missing that another one needs. */
  readonly kind: 'structure' | 'value' | 'repeated' | 'excluded' | 'companion'
  /** A sentence. */
  readonly message: string
}

/** Elements in their order, as far as they could be read. */
export interface ElementString {
  readonly elements: readonly Element[]
  readonly problems: readonly CodeProblem[]
}

/** FNC1 as scanners send it, ASCII 29: the end of an element whose length is free. */
export const groupSeparator = '\u001d'

/** `0104006381333931` `10ABC`, with group separators. Those before the first element and after the last are passed over. */
export function sentElements(text: string): ElementString {
  const elements: Element[] = []
  let at = 0
  while (at < text.length) {
    if (text.startsWith(groupSeparator, at)) {
      at += 1
      continue
    }
    const entry = entryAt(text, at)
    if (entry === undefined) return { elements, problems: [unknownIdentifier(text.slice(at))] }
    const start = at + entry.identifier.length
    const separator = text.indexOf(groupSeparator, start)
    const end = separator < 0 ? text.length : separator
    at = entry.isPredefined ? Math.min(end, start + entry.length) : end
    elements.push([entry.identifier, text.slice(start, at)])
  }
  return { elements, problems: [] }
}

/**
 * `(01)04006381333931(10)ABC`. A value may have brackets: one that is written `\(`, or that is not followed by an identifier and its
 * bracket, belongs to it.
 */
export function printedElements(text: string): ElementString {
  const elements: Element[] = []
  let value = ''
  let entry: DictionaryEntry | undefined
  for (let at = 0; at < text.length;) {
    const next = printedIdentifier(text, at)
    if (next !== undefined) {
      if (entry !== undefined) elements.push([entry.identifier, value.trimEnd()])
      ;[entry, value] = [next, '']
      at += next.identifier.length + 2
    } else if (entry === undefined) return { elements, problems: [unknownIdentifier(text.slice(at).replace('(', ''))] }
    else {
      if (text.startsWith('\\(', at)) at += 1
      value += text.charAt(at)
      at += 1
    }
  }
  if (entry !== undefined) elements.push([entry.identifier, value.trimEnd()])
  return { elements, problems: [] }
}

function printedIdentifier(text: string, at: number): DictionaryEntry | undefined {
  if (text.charAt(at) !== '(') return undefined
  const entry = entryAt(text, at + 1)
  return entry !== undefined && text.charAt(at + 1 + entry.identifier.length) === ')' ? entry : undefined
}

function unknownIdentifier(rest: string): CodeProblem {
  const shown = /^[^\u001d]{0,4}/.exec(rest)?.[0] ?? ''
  return { kind: 'structure', message: `"${shown}" is no application identifier that GS1 has given out.` }
}

/** What is wrong with the value of an element by itself. */
export function valueProblem([identifier, value]: Element): CodeProblem | undefined {
  const entry = dictionary.get(identifier)
  const fault = entry === undefined ? 'is no application identifier.' : valueFault(entry, value)
  return fault === undefined ? undefined : { identifier, kind: 'value', message: `(${identifier}) ${fault}` }
}

function valueFault({ components }: DictionaryEntry, value: string): string | undefined {
  if (value === '') return 'has no value.'
  let at = 0
  for (const component of components) {
    if (at === value.length && component.optional) return undefined
    const part = value.slice(at, at + component.most)
    const fault = partFault(part, component)
    if (fault !== undefined) return fault
    at += part.length
  }
  if (at === value.length) return undefined
  return `has at most ${String(at)} characters: "${value}" is too long, or a separator is missing.`
}

function partFault(part: string, { kind, least, most, rules }: Component): string | undefined {
  const wrong = wrongCharacter(part, kind)
  if (wrong !== undefined) return `must not have "${wrong}"${kind === 'N' ? ': it has digits alone' : ''}.`
  if (part.length < least)
    return `must have ${least === most ? '' : 'at least '}${String(least)} ${kind === 'N' ? 'digits' : 'characters'}, not "${part}".`
  for (const rule of rules) {
    const fault = ruleFault(rule, part)
    if (fault !== undefined) return `${fault}: "${part}".`
  }
  return undefined
}

const allowed: Readonly<Record<ComponentKind, RegExp>> = {
  N: /^[0-9]*$/,
  X: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/,
  Y: /^[#\-/0-9A-Z]*$/,
  Z: /^[A-Za-z0-9\-_=]*$/,
}

function wrongCharacter(part: string, kind: ComponentKind): string | undefined {
  if (allowed[kind].test(part)) return undefined
  return Array.from(part).find((character) => !allowed[kind].test(character))
}
