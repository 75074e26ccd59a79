/** Which elements may and must stand beside each other. Pure. */
import { dictionary, fits, type Group } from './dictionary.ts'
import type { Element, CodeProblem } from './elements.ts'

/** What is wrong with elements together: repeated with another value, excluded by another, or without what they need. */
export function companionProblems(elements: readonly Element[]): CodeProblem[] {
  const values = new Map<string, string>()
  const problems: CodeProblem[] = []
  for (const [identifier, value] of elements) {
    const before = values.get(identifier)
    if (before === undefined) values.set(identifier, value)
    else if (before !== value) problems.push(repeated(identifier, before, value))
  }
  const present = [...values.keys()]
  for (const identifier of present) {
    const entry = dictionary.get(identifier)
    const excluded = entry?.excludes.length ? excludedBy(entry.excludes, identifier, present) : undefined
    if (excluded !== undefined) problems.push(excludes(identifier, excluded))
    for (const groups of entry?.requires ?? [])
      if (!groups.some((group) => isThere(group, present))) problems.push(missing(identifier, groups))
  }
  return problems
}

function excludedBy(patterns: readonly string[], own: string, present: readonly string[]): string | undefined {
  return present.find((other) => other !== own && patterns.some((pattern) => fits(pattern, other)))
}

function isThere(group: Group, present: readonly string[]): boolean {
  return group.every((pattern) => present.some((other) => fits(pattern, other)))
}

function repeated(identifier: string, before: string, value: string): CodeProblem {
  return { identifier, kind: 'repeated', message: `(${identifier}) stands there twice: "${before}" and "${value}".` }
}

function excludes(identifier: string, other: string): CodeProblem {
  return { identifier, kind: 'excluded', message: `(${identifier}) and (${other}) must not stand together.` }
}

function missing(identifier: string, groups: readonly Group[]): CodeProblem {
  const wanted = groups.map((group) => group.map((pattern) => `(${pattern})`).join(' with ')).join(', or ')
  return { identifier, kind: 'companion', message: `(${identifier}) needs ${wanted} beside it.` }
}
