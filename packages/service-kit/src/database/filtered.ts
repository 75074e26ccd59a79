/**
 * Statements with only the conditions that were given: so their plan can use the index of these conditions,
 * and can be prepared. A condition that says `$1 is null or …` allows neither.
 */
import { sql, type Statement } from './transaction.ts'

/** Gives values their places in a statement. */
export interface Filters {
  /** The parameter for a value: `$3`. */
  readonly value: (value: unknown) => string
  /** Conditions joined by `and`; undefined ones are left out. Without any it is `true`. */
  readonly all: (...conditions: readonly (string | undefined)[]) => string
  /** A condition on a value, left out where the value is undefined or null. */
  readonly when: <T>(value: T | undefined | null, condition: (parameter: string) => string) => string | undefined
}

/** A statement and its values. */
export interface Filtered {
  readonly statement: Statement
  readonly values: readonly unknown[]
}

/** With more conditions a statement is too rare to be prepared, and there are too many of its kind. */
const mostPrepared = 2

/** By their text. There are few, as few as PostgreSQL keeps; making the name of one costs more than finding it. */
const prepared = new Map<string, Statement>()

function preparedStatement(text: string): Statement {
  const known = prepared.get(text)
  if (known !== undefined) return known
  const made = sql(text)
  prepared.set(text, made)
  return made
}

/**
 * Writes a statement for the given conditions:
 *
 * ```ts
 * const { statement, values } = filtered(({ all, when, value }) => `
 *   select id from receipts
 *   where ${all(when(number, (given) => `number = ${given}`), when(status, (given) => `status = ${given}`))}
 *   order by id limit ${value(limit + 1)}`)
 * ```
 */
export function filtered(write: (filters: Filters) => string): Filtered {
  const values: unknown[] = []
  let conditions = 0
  const value = (one: unknown): string => `$${String(values.push(one))}`
  const text = write({
    value,
    all: (...parts) => parts.filter((part) => part !== undefined).join(' and ') || 'true',
    when: (one, condition) => {
      if (one === undefined || one === null) return undefined
      conditions += 1
      return `(${condition(value(one))})`
    },
  })
  return { statement: conditions > mostPrepared ? { name: undefined, text } : preparedStatement(text), values }
}
