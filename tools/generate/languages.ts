/** What patterns mean, by automata: whether one lets every text pass that another does. */
import { DFA, JS, NFA, type CharSet } from 'refa'
import type { CoversTexts, TextRule } from '../../packages/contracts/src/compatibility.ts'

const maxCharacter = 0x10ffff
const everything = '[^]*'

/**
 * Compares by meaning.
 *
 * @param refused texts that were refused all the same, by the pattern that let them pass
 */
export function coversTexts(refused: ReadonlyMap<string, string> = new Map()): CoversTexts {
  return (all, some) => {
    const refusedOfSome = refused.get(some.pattern ?? '')
    const left = minus(languageOf(some), refusedOfSome === undefined ? undefined : matching(refusedOfSome))
    return minus(left, languageOf(all)).isEmpty
  }
}

function languageOf({ pattern, not, minLength = 0 }: TextRule): DFA {
  const all = matching(pattern ?? everything)
  const matches = minLength === 0 ? all : both(all, matching('[^]'))
  return minus(matches, not?.pattern === undefined ? undefined : matching(not.pattern))
}

function minus(some: DFA, others: DFA | undefined): DFA {
  if (others === undefined) return some
  const rest = others.copy()
  rest.complement()
  return both(some, rest)
}

function both(one: DFA, other: DFA): DFA {
  const result = DFA.fromIntersection(one, other)
  result.minimize()
  return result
}

const known = new Map<string, DFA>()

/** Texts in which a pattern matches somewhere. */
function matching(pattern: string): DFA {
  const before = known.get(pattern)
  if (before !== undefined) return before
  const made = madeOf(pattern)
  known.set(pattern, made)
  return made
}

const lookahead = /^\^\(\?=([^()]*)\)/

function madeOf(pattern: string): DFA {
  const ahead = lookahead.exec(pattern)
  if (ahead !== null) return both(matching(`^${ahead[1] ?? ''}`), matching(`^${pattern.slice(ahead[0].length)}`))
  const [from, to] = [pattern.startsWith('^'), pattern.endsWith('$')]
  const inner = pattern.slice(from ? 1 : 0, to ? -1 : undefined)
  return automaton(`${from ? '' : everything}(?:${inner})${to ? '' : everything}`)
}

function automaton(source: string): DFA {
  const { expression } = JS.Parser.fromLiteral({ source, flags: 'u' }).parse({ assertions: 'throw' })
  const dfa = DFA.fromFA(NFA.fromRegex(expression, { maxCharacter } satisfies { maxCharacter: CharSet['maximum'] }))
  dfa.minimize()
  return dfa
}
