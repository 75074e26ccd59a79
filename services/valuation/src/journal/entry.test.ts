import { describe, expect, test } from '@jest/globals'
import { money } from '@stockline/amounts'
import { company } from '../../test/story.ts'
import { nextEntryNumber, shown, sidesOf, turned, type EntryLine, type LineDraft } from './entry.ts'

const line = (debit: number, credit: number, cents: bigint, move: string | null): EntryLine => ({
  ...{
    debit,
    credit,
    amount: money(cents),
    move,
    productId: null,
    sku: null,
    quantity: null,
    basis: null,
    partOf: null,
  },
})

describe('the sides of an entry', () => {
  const sides = (...lines: readonly EntryLine[]) =>
    sidesOf(lines).map(({ account, debit, credit }) => `${String(account)} ${String(debit)}/${String(credit)}`)
  test.each<[string, EntryLine[], string[]]>([
    ['none', [], []],
    ['a debit and a credit for each line', [line(1, 2, 5n, 'a')], ['1 5/0', '2 0/5']],
    [
      'lines of two moves, each by itself',
      [line(1, 2, 5n, 'a'), line(1, 2, 7n, 'b')],
      ['1 5/0', '2 0/5', '1 7/0', '2 0/7'],
    ],
    [
      'what one move credits to one account, as one amount',
      [line(1, 2, 5n, 'a'), line(3, 2, 7n, 'a')],
      ['1 5/0', '3 7/0', '2 0/12'],
    ],
    [
      'what one move debits to one account, too',
      [line(1, 2, 5n, 'a'), line(1, 3, 7n, 'a')],
      ['1 12/0', '2 0/5', '3 0/7'],
    ],
    [
      'what it debits and credits to one account, on both sides',
      [line(1, 2, 5n, 'a'), line(2, 3, 7n, 'a')],
      ['1 5/0', '2 7/5', '3 0/7'],
    ],
    [
      'lines of no move, each by itself',
      [line(1, 2, 5n, null), line(1, 2, 7n, null)],
      ['1 5/0', '2 0/5', '1 7/0', '2 0/7'],
    ],
    [
      'one move, then another of two lines',
      [line(1, 2, 5n, 'a'), line(1, 2, 7n, 'b'), line(1, 2, 9n, 'b')],
      ['1 5/0', '2 0/5', '1 16/0', '2 0/16'],
    ],
  ])('%s', (_title, lines, expected) => expect(sides(...lines)).toEqual(expected))
})

describe('a line', () => {
  const draft = (cents: bigint): LineDraft => ({ ...line(0, 0, cents, 'a'), debit: 'cogs', credit: 'inventory' })
  test.each([
    [5n, 'cogs', 'inventory', 5n],
    [0n, 'cogs', 'inventory', 0n],
    [-5n, 'inventory', 'cogs', 5n],
  ])('of %s debits %s and credits %s with %s', (cents, debit, credit, amount) =>
    expect(turned(draft(cents))).toMatchObject({ debit, credit, amount }),
  )
})

test('numbers count within a year, each year by itself', () => {
  const first = nextEntryNumber({}, '2026-12-31')
  const second = nextEntryNumber(first.numbers, '2027-01-01')
  const third = nextEntryNumber(second.numbers, '2026-01-01')
  expect([first, second, third].map(({ number }) => number)).toEqual(['2026/000001', '2027/000001', '2026/000002'])
  expect(third.numbers).toEqual({ '2026': 2, '2027': 1 })
})

test('an amount is shown with the decimals of the currency', () => {
  expect(shown(1_234n, company)).toBe('12.34')
  expect(shown(1_234n, { ...company, minorDigits: 0 })).toBe('1234')
})
