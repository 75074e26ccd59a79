/**
 * Patterns that mean the same in every language's regular expressions: JavaScript's, Python's, Java's and RE2. Those of Zod and
 * of the contracts are put into that form; what cannot be is refused when schemas are made. Pure.
 */

/** A pattern, and another that no text may match besides. */
export interface PortablePattern {
  readonly matches: string
  /** Line ends at the end, where `$` alone lets one pass in Python or Java. Undefined: the pattern is not anchored there. */
  readonly endsIn: string | undefined
}

/** Characters before which Java's `$` still matches, and Python's before the first of them. */
const lineEnds = ['\\n', '\\r', '\\x85', '\u2028', '\u2029']

/** One token: an escape, an assertion or the bounds of a class, or one other character. */
const token = /\\u\{?[0-9a-fA-F]{4,6}\}?|\\x[0-9a-fA-F]{2}|\\.|\(\?(?!:)[<=!]{1,2}|[[\]]|[^]/gu
const plainEscapes = /^\\[/.\-+*?()[\]{}|^$\\nrt]$/

/**
 * @throws Error for lookaround, and for escapes whose meaning differs between languages
 */
export function portablePattern(source: string): PortablePattern {
  let isInClass = false
  const matches = source.replaceAll(token, (one) => {
    if (one === '[') isInClass = true
    else if (one === ']') isInClass = false
    return portableToken(one, isInClass, source)
  })
  return { matches, endsIn: source.endsWith('$') ? endsInLineEnd(source) : undefined }
}

function portableToken(one: string, isInClass: boolean, source: string): string {
  if (one.startsWith('(?')) throw new Error(`The pattern ${source} looks around, which not every language can: ${one}.`)
  if (!one.startsWith('\\') || one.length === 1) return one
  if (one === '\\d') return isInClass ? '0-9' : '[0-9]'
  if (one.startsWith('\\x') || plainEscapes.test(one)) return one
  if (!one.startsWith('\\u')) throw new Error(`The pattern ${source} has ${one}, which languages read differently.`)
  const code = Number.parseInt(one.replace(/[^0-9a-fA-F]/g, ''), 16)
  return code > 0xff ? String.fromCodePoint(code) : `\\x${code.toString(16).padStart(2, '0')}`
}

/** Those line ends that the pattern itself does not take at its end. */
function endsInLineEnd(source: string): string | undefined {
  const whole = new RegExp(source, 'u')
  const refused = lineEnds.filter((end) => !samples.some((sample) => whole.test(sample + decoded(end))))
  return refused.length === 0 ? undefined : `[${refused.join('')}]$`
}

/** Texts that end in a letter: a pattern that matches one with a line end behind it ignores line ends. */
const samples = ['A', 'AAA']

function decoded(end: string): string {
  return { '\\n': '\n', '\\r': '\r', '\\x85': '\x85' }[end] ?? end
}
