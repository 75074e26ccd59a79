/** What is wrong with a field, in words for its sender: never the validator's own. */
import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** Begin the validator's own sentences; whatever else stands in an issue was written by us. */
const stock = /^(Invalid|Too) /

const kinds: Readonly<Record<string, string>> = {
  string: 'must be text',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  tuple: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
}

const formats: Readonly<Record<string, string>> = {
  date: 'must be a date such as 2026-11-23',
  datetime: 'must be a time such as 2026-11-23T08:00:00Z',
  uuid: 'must be a UUID',
}

/** One sentence without its subject: "is missing", "must be a list". Needs issues that report their input. */
export function messageOf(issue: Issue): string {
  if (!stock.test(issue.message)) return issue.message
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the others have no words of their own
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : kindMessage(issue)
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : valueMessage(issue.values)
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'has none of the forms it may have'
    case 'invalid_format':
      return formats[issue.format] ?? issue.message.replace(/^Invalid string: /, '')
    case 'too_small':
      return sizeMessage(issue.origin, 'at least', issue.minimum, issue.inclusive ?? true)
    case 'too_big':
      return sizeMessage(issue.origin, 'at most', issue.maximum, issue.inclusive ?? true)
    default:
      return issue.message.replace(/^Invalid input: /, '')
  }
}

function kindMessage(issue: z.core.$ZodIssueInvalidType): string {
  // Amounts are texts here, and a number is what most would send first.
  if (issue.expected === 'string' && typeof issue.input === 'number')
    return isExact(issue.input) ? `must be text, in quotes: "${String(issue.input)}"` : 'must be text, in quotes'
  return kinds[issue.expected] ?? issue.message.replace(/^Invalid input: /, '')
}

/** Is it surely the number that was sent? */
function isExact(input: number): boolean {
  return Math.abs(input) <= Number.MAX_SAFE_INTEGER
}

function valueMessage(values: readonly unknown[]): string {
  const shown = values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value)))
  return shown.length === 1 ? `must be ${shown.join('')}` : `must be one of ${shown.join(', ')}`
}

function sizeMessage(origin: string, side: 'at least' | 'at most', limit: number | bigint, inclusive: boolean): string {
  if (origin === 'string')
    return side === 'at least' && limit === 1 ? 'must not be empty' : `must have ${side} ${String(limit)} characters`
  if (origin === 'array' || origin === 'set') return `must have ${side} ${String(limit)} items`
  if (inclusive) return `must be ${side} ${String(limit)}`
  return `must be ${side === 'at least' ? 'more' : 'less'} than ${String(limit)}`
}
