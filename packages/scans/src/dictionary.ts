/** The Syntax Dictionary, parsed for look-ups. Pure. */
import { dictionaryData } from './dictionary.data.ts'
import { isRule, type RuleName } from './rules.ts'

/** A part of an element's value. */
export interface Component {
  /** `N` digits, `X` GS1's set of 82 characters, `Y` that of 39, `Z` base64url. */
  readonly kind: ComponentKind
  readonly least: number
  readonly most: number
  /** It may be left out, with all that follow it. */
  readonly optional: boolean
  readonly rules: readonly RuleName[]
}

export type ComponentKind = 'N' | 'X' | 'Y' | 'Z'

/** Identifiers that must be present together; `310n` stands for any digit in the place of `n`. */
export type Group = readonly string[]

/** The dictionary's entry of an application identifier. */
export interface DictionaryEntry {
  readonly identifier: string
  /** Its value has a predefined length: no separator ends it. */
  readonly isPredefined: boolean
  /** Characters of the value. */
  readonly length: number
  readonly components: readonly Component[]
  /** Each demand: one of its groups must be there. */
  readonly requires: readonly (readonly Group[])[]
  readonly excludes: readonly string[]
  /** It may stand in the query of a Digital Link. */
  readonly inQuery: boolean
  /** As a key of a Digital Link: sequences of the qualifiers that may follow it. Undefined: it is no key. */
  readonly qualifiers: readonly (readonly string[])[] | undefined
}

/** All application identifiers. */
export const dictionary: ReadonlyMap<string, DictionaryEntry> = new Map(
  dictionaryData
    .trim()
    .split('\n')
    .flatMap(entriesOf)
    .map((entry) => [entry.identifier, entry] as const),
)

/** How long the identifiers are whose first two digits these are. */
const identifierLengths: ReadonlyMap<string, number> = new Map(
  [...dictionary.keys()].map((identifier) => [identifier.slice(0, 2), identifier.length]),
)

/** The identifier that stands at a place of a text; undefined where none that GS1 has given out does. */
export function entryAt(text: string, at: number): DictionaryEntry | undefined {
  const length = identifierLengths.get(text.slice(at, at + 2))
  return length === undefined ? undefined : dictionary.get(text.slice(at, at + length))
}

/** `310n` fits 3100 to 3109. */
export function fits(pattern: string, identifier: string): boolean {
  const fixed = pattern.indexOf('n')
  if (fixed < 0) return pattern === identifier
  return pattern.length === identifier.length && identifier.startsWith(pattern.slice(0, fixed))
}

function entriesOf(line: string): DictionaryEntry[] {
  const [identifiers = '', ...words] = line.split(' ')
  const flags = words[0] !== undefined && /^[*?]+$/.test(words[0]) ? words[0] : ''
  const rest = flags === '' ? words : words.slice(1)
  const components = rest.filter((word) => /^\[?[NXYZ]/.test(word)).map(componentOf)
  const attributes = rest.map((word) => /^(req|ex|dlpkey)(?:=(.*))?$/.exec(word)).filter((found) => found !== null)
  const valuesOf = (name: string): string[] =>
    attributes.filter(([, attribute]) => attribute === name).map(([, , value]) => value ?? '')
  const shared = {
    isPredefined: flags.includes('*'),
    length: components.reduce((sum, { most }) => sum + most, 0),
    components,
    requires: valuesOf('req').map((value) => value.split(',').map((group) => group.split('+'))),
    excludes: valuesOf('ex').flatMap((value) => value.split(',')),
    inQuery: flags.includes('?'),
    qualifiers: valuesOf('dlpkey').map((value) =>
      value.split('|').map((list) => (list === '' ? [] : list.split(','))),
    )[0],
  }
  return rangeOf(identifiers).map((identifier) => ({ identifier, ...shared }))
}

function rangeOf(identifiers: string): string[] {
  const [first = '', last = first] = identifiers.split('-')
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) =>
    String(Number(first) + index).padStart(first.length, '0'),
  )
}

function componentOf(word: string): Component {
  const found = /^(\[?)([NXYZ])(\.\.)?(\d+)\]?((?:,\w+)*)$/.exec(word)
  if (found === null) throw new Error(`The dictionary has a component that is not understood: ${word}`)
  const [, bracket, kind, free, length, rules = ''] = found
  const names = rules.split(',').filter((name) => name !== '')
  const unknown = names.find((name) => !isRule(name))
  if (unknown !== undefined) throw new Error(`The dictionary has a rule that is not known: ${unknown}`)
  return {
    kind: kind as ComponentKind,
    least: free === undefined ? Number(length) : 1,
    most: Number(length),
    optional: bracket === '[',
    rules: names.filter(isRule),
  }
}
