import { describe, expect, test } from '@jest/globals'
import { filtered, type Filtered } from './filtered.ts'
import { sql } from './transaction.ts'

interface Wanted {
  readonly number?: string | null | undefined
  readonly status?: string | null | undefined
  readonly after?: readonly [number: string, id: string] | undefined
}

/** A list as the stores write them. */
function list({ number, status, after }: Wanted): Filtered {
  return filtered(
    ({ all, value, when }) =>
      `select from things where ${all(
        when(number, (given) => `number = ${given}`),
        when(status, (given) => `status = ${given} or ${given} = 'any'`),
        when(after?.[0], (given) => `(number, id) > (${given}, ${value(after?.[1])})`),
      )} limit ${value(3)}`,
  )
}

test.each<[string, Wanted, string, readonly unknown[]]>([
  ['nothing asked for', {}, 'true limit $1', [3]],
  ['null and undefined are not asked for', { number: null, status: undefined }, 'true limit $1', [3]],
  ['one condition', { number: 'A' }, '(number = $1) limit $2', ['A', 3]],
  ['the empty text is asked for', { number: '' }, '(number = $1) limit $2', ['', 3]],
  ['a value twice has one place', { status: 'done' }, `(status = $1 or $1 = 'any') limit $2`, ['done', 3]],
  [
    'two conditions, each in brackets',
    { number: 'A', status: 'done' },
    `(number = $1) and (status = $2 or $2 = 'any') limit $3`,
    ['A', 'done', 3],
  ],
  ['a condition with a second value', { after: ['A', 'id'] }, '((number, id) > ($1, $2)) limit $3', ['A', 'id', 3]],
  [
    'all of them',
    { number: 'A', status: 'done', after: ['B', 'id'] },
    `(number = $1) and (status = $2 or $2 = 'any') and ((number, id) > ($3, $4)) limit $5`,
    ['A', 'done', 'B', 'id', 3],
  ],
])('%s', (_title, wanted, text, values) => {
  const { statement, values: given } = list(wanted)
  expect(statement.text).toBe(`select from things where ${text}`)
  expect(given).toEqual(values)
})

describe('a statement', () => {
  test('of two conditions at most is kept, under the name that its text gives it', () => {
    for (const wanted of [{}, { number: 'A' }, { number: 'A', status: 'done' }]) {
      const { statement } = list(wanted)
      expect(statement).toEqual(sql(statement.text))
    }
    expect(list({ number: 'A' }).statement).toEqual(list({ number: 'B' }).statement)
    expect(list({ number: 'A' }).statement.name).not.toBe(list({ status: 'A' }).statement.name)
  })

  test('of more is not', () => {
    expect(list({ number: 'A', status: 'done', after: ['B', 'id'] }).statement.name).toBeUndefined()
  })
})

test.each<[string, (string | undefined)[], string]>([
  ['no condition', [], 'true'],
  ['none left', [undefined, undefined], 'true'],
  ['what always holds beside what was left out', ['open', undefined, 'id > 0'], 'open and id > 0'],
])('all: %s', (_title, conditions, text) => {
  const { statement, values } = filtered(({ all }) => all(...conditions))
  expect(statement).toEqual(sql(text))
  expect(values).toEqual([])
})

test.each<[string, unknown]>([
  ['zero', 0],
  ['false', false],
  ['zero as a bigint', 0n],
  ['an empty list', []],
])('when: %s is asked for', (_title, one) => {
  const { statement, values } = filtered(({ when }) => when(one, (given) => `it = ${given}`) ?? 'left out')
  expect(statement.text).toBe('(it = $1)')
  expect(values).toEqual([one])
})
