import { describe, expect, test } from '@jest/globals'
import { money, quantity } from '@stockline/amounts'
import { at, company, entriesOf, method, nothing, poolOf, run, standard, story } from '../../test/story.ts'
import { newInput, type InputData } from '../inputs/input.ts'
import { valueInputs } from './costing.ts'

describe('A change of method keeps the value', () => {
  test('average to FIFO makes one layer, FIFO to average one pool', () => {
    const { receipt, delivery } = story()
    const outcome = run(
      ...[
        receipt(['A', '10', { at: '1' }]),
        receipt(['A', '10', { at: '2' }]),
        method('fifo'),
        receipt(['A', '1', { at: '9' }]),
      ],
      ...[delivery(['A', '10']), method('average'), delivery(['A', '1'])],
    )
    expect(entriesOf(outcome).slice(3)).toEqual([
      ['delivery', 'Dr cogs Cr inventory 15.00 fifo'],
      ['delivery', 'Dr cogs Cr inventory 2.18 average'],
    ])
    expect(outcome.layers.every(({ layer }) => layer.remainingQuantity === 0n && layer.remainingValue === 0n)).toBe(
      true,
    )
  })

  test('to standard, the difference is a purchase price variance in an entry of its own', () => {
    const { receipt } = story()
    const outcome = run(receipt(['A', '10', { at: '1' }]), standard('A', '3'), method('standard'), standard('A', '2'))
    expect(entriesOf(outcome).slice(1)).toEqual([
      ['cost-method-changed', 'Dr inventory Cr purchase-price-variance 20.00 standard cost'],
      ['standard-cost-changed', 'Dr purchase-price-variance Cr inventory 10.00 standard cost'],
    ])
  })
})

describe('X7 a category of another method counts at once, by an entry of its own, and keeps the total but for a standard', () => {
  /** 10 at 1.00, then 10 at 2.00, less 5: by the method that the category has then. */
  const bought = ({ receipt, delivery }: ReturnType<typeof story>, category: string) => [
    receipt(['A', '10', { at: '1', category }]),
    receipt(['A', '10', { at: '2', category }]),
    delivery(['A', '5', { category }]),
  ]
  const before = { average: '15 worth 22.50', fifo: '15 worth 25.00', standard: '15 worth 45.00' }
  type Name = keyof typeof before
  const variance = (amount: string) => `Dr inventory Cr purchase-price-variance ${amount} standard cost`
  const cases: readonly [from: Name, to: Name, entry: string | null, after: string, next: string][] = [
    ['average', 'fifo', null, '15 worth 22.50', 'Dr cogs Cr inventory 1.50 fifo'],
    ['average', 'standard', variance('22.50'), '15 worth 45.00', 'Dr cogs Cr inventory 3.00 standard'],
    ['fifo', 'average', null, '15 worth 25.00', 'Dr cogs Cr inventory 1.67 average'],
    ['fifo', 'standard', variance('20.00'), '15 worth 45.00', 'Dr cogs Cr inventory 3.00 standard'],
    ['standard', 'average', null, '15 worth 45.00', 'Dr cogs Cr inventory 3.00 average'],
    ['standard', 'fifo', null, '15 worth 45.00', 'Dr cogs Cr inventory 3.00 fifo'],
  ]

  test.each(cases)('the method of its category, from %s to %s', (from, to, entry, after, next) => {
    const of = story()
    const inputs = [method(from), standard('A', '3'), ...bought(of, 'all')]
    expect(poolOf(run(...inputs), 'A')).toBe(before[from])
    const outcome = run(...inputs, method(to))
    expect(entriesOf(outcome).slice(3)).toEqual(entry === null ? [] : [['cost-method-changed', entry]])
    expect(poolOf(outcome, 'A')).toBe(after)
    expect(entriesOf(run(...inputs, method(to), of.delivery(['A', '1']))).at(-1)).toEqual(['delivery', next])
  })

  test.each(cases)('the category of the product, from one of %s to one of %s', (from, to, entry, after, next) => {
    const of = story()
    const inputs = [method(from), method(to, 'other'), standard('A', '3'), ...bought(of, 'all')]
    const outcome = run(...inputs, standard('A', '3', 'other'))
    expect(entriesOf(outcome).slice(3)).toEqual(entry === null ? [] : [['category-changed', entry]])
    expect(outcome.entries[3]?.document ?? null).toBeNull()
    expect(poolOf(outcome, 'A')).toBe(after)
    expect(outcome.state.inventoryValue).toBe(outcome.state.pools.get('id-A')?.value)
    const moved = run(...inputs, standard('A', '3', 'other'), of.delivery(['A', '1', { category: 'other' }]))
    expect(entriesOf(moved).slice(3)).toEqual([
      ...(entry === null ? [] : [['category-changed', entry]]),
      ['delivery', next],
    ])
  })

  test('a new standard cost that comes with the new category is the one that it brings', () => {
    const inputs = [method('standard', 'other'), standard('A', '3'), ...bought(story(), 'all')]
    expect(entriesOf(run(...inputs, standard('A', '4', 'other'))).slice(3)).toEqual([
      ['category-changed', variance('37.50')],
    ])
    const leaving = run(...inputs, standard('A', '3', 'other'), standard('A', '9', 'all'))
    expect(entriesOf(leaving).slice(3)).toEqual([['category-changed', variance('22.50')]])
    expect(poolOf(leaving, 'A')).toBe('15 worth 45.00')
  })

  test('within one method nothing is booked, and the category that it has then is the one whose method counts', () => {
    const inputs = [standard('A', '3'), ...bought(story(), 'all'), standard('A', '3', 'other')]
    expect(entriesOf(run(...inputs)).slice(3)).toEqual([])
    expect(entriesOf(run(...inputs, method('standard'))).slice(3)).toEqual([])
    expect(entriesOf(run(...inputs, method('standard', 'other'))).slice(3)).toEqual([
      ['cost-method-changed', variance('22.50')],
    ])
  })

  test('a line that was written before the product moved does not move it back', () => {
    const of = story()
    const inputs = [method('standard', 'other'), standard('A', '3'), ...bought(of, 'all'), standard('A', '3', 'other')]
    const outcome = run(...inputs, of.receipt(['A', '1', { at: '7', category: 'all' }]))
    expect(entriesOf(outcome).slice(4)).toEqual([
      ['receipt', 'Dr inventory Cr grni 3.00 order price', 'Dr purchase-price-variance Cr grni 4.00 order price'],
    ])
    expect(outcome.state.pools.get('id-A')).toMatchObject({ category: 'other', method: 'standard' })
  })

  test('until stock has told of the product, lines tell its category', () => {
    const { receipt } = story()
    const outcome = run(
      ...[method('fifo', 'fine'), receipt(['A', '1', { at: '1' }]), receipt(['A', '1', { at: '2', category: 'fine' }])],
    )
    expect(outcome.state.pools.get('id-A')).toMatchObject({ category: 'fine', method: 'fifo' })
  })

  test('by version 1 of the rules a product moves with its next line, whatever stock told of it', () => {
    const of = story()
    const inputs: readonly InputData[] = [
      ...[method('standard', 'fine'), { ...standard('A', '3'), kind: 'standard-cost-changed' } as InputData],
      ...[of.receipt(['A', '1', { at: '1' }]), of.receipt(['A', '1', { at: '1', category: 'fine' }])],
    ]
    const news = inputs.map((data) => newInput(data, at, 1))
    const outcome = valueInputs(nothing, news, company)
    expect(entriesOf(outcome).slice(1)).toEqual([
      ['receipt', 'Dr inventory Cr grni 1.00 order price', 'Dr inventory Cr purchase-price-variance 2.00 order price'],
      ['category-changed', variance('2.00')],
    ])
  })

  test('what is less than nothing is converted too, and a move of what nobody has yet costs nothing', () => {
    const { receipt, delivery } = story()
    const inputs = [method('standard', 'other'), receipt(['A', '1', { at: '2' }]), delivery(['A', '3'])]
    const outcome = run(...inputs, standard('A', '5', 'other'))
    expect(entriesOf(outcome).at(-1)).toEqual([
      'category-changed',
      'Dr purchase-price-variance Cr inventory 6.00 standard cost',
    ])
    expect(run(standard('B', null, 'other')).inputs).toEqual([])
  })
})

describe('A change of accounts', () => {
  test('moves the balance of inventory, and leaves old entries theirs', () => {
    const { receipt } = story()
    const wanted = { role: 'inventory', code: '1410', name: 'Stock' } as const
    const outcome = run(receipt(['A', '1', { at: '7' }]), { kind: 'accounts-changed', accounts: [wanted] })
    expect(entriesOf(outcome)[1]).toEqual(['accounts-changed', 'Dr inventory Cr inventory 7.00'])
    expect(outcome.entries[1]?.lines[0]).toMatchObject({ debit: 9, credit: 1, amount: money(700n), quantity: null })
    expect(outcome.state.inventoryValue).toBe(700n)
    expect(outcome.state.pools.get('id-A')?.quantity).toBe(quantity(1_000_000n))
  })
})
