import { describe, expect, test } from '@jest/globals'
import { money } from '@stockline/amounts'
import { at, company, entriesOf, method, poolOf, run, standard, story } from '../../test/story.ts'
import { newInput, type InputData } from '../inputs/input.ts'
import { layersNeeded, valueInputs } from './costing.ts'
import { tooLarge, type Valued } from './document.ts'

const released = (input: number, ...unitCosts: { sku: string; unitCost: string }[]): InputData => ({
  ...{ kind: 'parked-released', input: String(input), unitCosts },
})
const discarded = (input: number): InputData => ({ kind: 'parked-discarded', input: String(input), reason: 'a gift' })
const reasons = (outcome: ReturnType<typeof run>) =>
  outcome.state.parked.map(({ reason, detail }) => `${reason}: ${detail}`)

describe('what is worth more than any product can be', () => {
  const most = 10n ** 17n
  const valued = (value: bigint, amount = 0n): Valued => {
    const parts = { layers: [], covered: [], converted: [], orderLines: new Map() }
    const pools = new Map([['id-A', { sku: 'A', value: money(value) }]])
    return { ...parts, pools, original: [{ sku: 'B', amount: money(amount) }] } as unknown as Valued
  }
  test.each([
    ['as much as may be', valued(most - 1n), undefined],
    ['a cent more', valued(most), 'A would be worth more than any product can be.'],
    ['as little as may be', valued(1n - most), undefined],
    ['a cent less', valued(-most), 'A would be worth more than any product can be.'],
    ['a line of as much as may be', valued(0n, most - 1n), undefined],
    ['a line of a cent more', valued(0n, most), 'B would be worth more than any product can be.'],
  ])('%s', (_title, of, detail) => expect(tooLarge(of, company)?.detail).toBe(detail))
})

describe('what stands in the way of a document', () => {
  test.each<[string, (of: ReturnType<typeof story>) => readonly InputData[], string[]]>([
    [
      'all products whose cost is not known',
      ({ receipt }) => [receipt(['A', '1'], ['B', '1'], ['A', '2'])],
      ['no-cost: No cost is known of A, B.'],
    ],
    [
      'not those of which it is',
      ({ receipt }) => [receipt(['A', '1', { at: '1' }], ['B', '1'])],
      ['no-cost: No cost is known of B.'],
    ],
    [
      'a consumable that is bought and has no price',
      ({ receipt }) => [receipt(['C', '1', { productType: 'consumable' }])],
      ['no-cost: No cost is known of C.'],
    ],
    [
      'a price in another currency',
      ({ receipt }) => [receipt(['A', '1', { at: '1', currency: 'EUR' }])],
      ['foreign-currency: The price of A is in EUR, not USD.'],
    ],
    [
      'a price below zero',
      ({ receipt }) => [receipt(['A', '1', { at: '-0.01' }])],
      ['negative-price: The price of A is negative.'],
    ],
    [
      'a unit cost below zero',
      ({ gain }) => [gain(['A', '1', { unitCost: '-0.01' }])],
      ['negative-price: The unit cost of A is negative.'],
    ],
    ['nothing of a price of zero', ({ receipt }) => [receipt(['A', '1', { at: '0' }])], []],
    ['nothing of a unit cost of zero', ({ gain }) => [gain(['A', '1', { unitCost: '0' }])], []],
    [
      'nothing of what an outgoing line says',
      ({ receipt, delivery }) => [
        receipt(['A', '2', { at: '1' }]),
        delivery(['A', '1', { at: '-1' }]),
        delivery(['A', '1', { at: '1', currency: 'EUR' }]),
      ],
      [],
    ],
    [
      'nothing of a foreign price, where a cost is given',
      ({ receipt }) => [receipt(['A', '1', { at: '1', currency: 'EUR' }]), released(1, { sku: 'A', unitCost: '2' })],
      [],
    ],
    [
      'the same again, where one of another product is',
      ({ receipt }) => [receipt(['A', '1', { at: '1', currency: 'EUR' }]), released(1, { sku: 'B', unitCost: '2' })],
      ['foreign-currency: The price of A is in EUR, not USD.'],
    ],
    ['nothing, once it is discarded', ({ receipt }) => [receipt(['A', '1', { at: '-1' }]), discarded(1)], []],
    [
      'nothing of what leaves at no cost, once it is discarded',
      ({ delivery }) => [delivery(['A', '1']), discarded(1)],
      [],
    ],
    [
      'a move without an account, discarded or not',
      ({ build }) => [build(['A', '1', { unitCost: '1' }]), discarded(1)],
      ['unsupported-move: A move of A between production and internal has no account.'],
    ],
  ])('%s', (_title, inputs, expected) => expect(reasons(run(...inputs(story())))).toEqual(expected))
})

describe('a cost that is given on release', () => {
  test('goes before the price of the order, and is what leaves before anything came', () => {
    const { receipt } = story()
    const foreign = run(receipt(['A', '2', { at: '1', currency: 'EUR' }]), released(1, { sku: 'A', unitCost: '4' }))
    expect(entriesOf(foreign)).toEqual([['receipt', 'Dr inventory Cr grni 8.00 cost given on release']])
    const gone = story()
    const outcome = run(gone.delivery(['B', '2']), released(1, { sku: 'B', unitCost: '3' }))
    expect(entriesOf(outcome)).toEqual([['delivery', 'Dr cogs Cr inventory 6.00 average']])
    expect(poolOf(outcome, 'B')).toBe('-2 worth -6.00')
  })
})

describe('a consumable', () => {
  const consumable = { productType: 'consumable' } as const
  test('that is found again does not change what is known of its cost', () => {
    const { receipt, gain } = story()
    const outcome = run(
      receipt(['C', '10', { at: '1', ...consumable }]),
      gain(['C', '5', consumable]),
      receipt(['C', '2', consumable]),
    )
    expect(entriesOf(outcome).at(-1)).toEqual(['receipt', 'Dr expense Cr grni 2.00 last known cost'])
  })

  test('that cost nothing is known to cost nothing', () => {
    const { receipt } = story()
    const outcome = run(receipt(['C', '10', { at: '0', ...consumable }]), receipt(['C', '2', consumable]))
    expect(entriesOf(outcome).at(-1)).toEqual(['receipt', 'Dr expense Cr grni 0.00 last known cost'])
  })
})

describe('what a unit costs is told', () => {
  test.each([
    ['2.50', 25_000_000_000n],
    ['999999999999.99', 9_999_999_999_999_900_000_000n],
    ['1000000000000', undefined],
  ])('%s', (unitCost, told) => {
    const outcome = run(story().opening(['A', '1', { unitCost }]))
    expect(outcome.entries[0]?.unitCosts).toEqual(told === undefined ? [] : [{ sku: 'A', unitCost: told }])
  })

  test('not with the entries that are linked', () => {
    const { receipt, delivery } = story()
    const { entries } = run(receipt(['A', '1', { at: '4' }]), delivery(['A', '3']), receipt(['A', '5', { at: '6' }]))
    expect(entries.map(({ original, unitCosts }) => [original, unitCosts.length])).toEqual([
      [true, 1],
      [true, 1],
      [true, 1],
      [false, 0],
    ])
  })
})

test('a document that trips a bug is parked with what it says, and the books go on', () => {
  const { receipt, delivery } = story()
  const { state } = run(method('fifo'), receipt(['A', '5', { at: '1' }]))
  const pools = new Map([...state.pools].map(([id, pool]) => [id, { ...pool, layers: [] }]))
  const inputs = [delivery(['A', '1']), receipt(['B', '1', { at: '1' }])].map((data) => newInput(data, at))
  const outcome = valueInputs({ ...state, pools }, inputs, company)
  expect(reasons(outcome)).toEqual(['fault: A layer of A that is needed was not loaded.'])
  expect(outcome.entries).toHaveLength(1)
})

describe('which layers must be loaded', () => {
  const fifo = (...more: readonly InputData[]) =>
    run(method('fifo'), method('fifo', 'other'), story().receipt(['A', '3', { at: '1' }]), ...more).state
  const needed = (state: ReturnType<typeof fifo>, ...inputs: readonly InputData[]) =>
    Object.fromEntries(
      layersNeeded(
        state.pools,
        inputs.map((data) => newInput(data, at)),
        state.parked,
      ),
    )
  const other = { category: 'other' }

  test('as many as leave, where stock has told the category, whatever a line says of it', () => {
    const told = fifo(standard('A', '1', 'other'), standard('A', '1'))
    expect(needed(told, story(1).receipt(['A', '1', { at: '1', ...other }]))).toEqual({})
    expect(needed(told, story(1).delivery(['A', '1', other], ['A', '1']))).toEqual({ 'id-A': 2_000_000n })
  })

  test('all, once a line moves it, whatever leaves behind it', () => {
    expect(needed(fifo(), story(1).receipt(['A', '1', { at: '1', ...other }], ['A', '1']))).toEqual({ 'id-A': 'all' })
  })

  test('those of parked documents, too', () => {
    const of = story(1)
    const parked = fifo(of.receipt(['B', '1']), of.delivery(['A', '2'], ['B', '1']))
    expect(parked.parked).toHaveLength(2)
    expect(needed(parked)).toEqual({ 'id-A': 2_000_000n })
  })

  test('none of a product at average', () => {
    const state = run(story().receipt(['A', '3', { at: '1' }])).state
    expect(needed(state, story(1).delivery(['A', '1']), standard('A', null, 'other'), method('fifo'))).toEqual({})
  })
})

describe('a revaluation', () => {
  test('has at most 1000 lines an entry, in the order of the products', () => {
    const codes = Array.from({ length: 1001 }, (_one, index) => `P${String(index).padStart(4, '0')}`).toReversed()
    const { receipt } = story()
    const outcome = run(
      receipt(...codes.map((sku) => [sku, '1', { at: '1' }] as const)),
      ...codes.map((sku) => standard(sku, '3')),
      method('standard'),
    )
    const changes = outcome.entries.filter(({ cause }) => cause === 'cost-method-changed')
    expect(changes.map(({ lines }) => lines.length)).toEqual([1000, 1])
    expect(changes.flatMap(({ lines }) => lines.map(({ sku }) => sku))).toEqual(codes.toReversed())
  })
})

describe('accounts that change', () => {
  const wanted = (code: string, name = 'Stock', role: 'inventory' | 'cogs' = 'inventory'): InputData => ({
    ...{ kind: 'accounts-changed', accounts: [{ role, code, name }] },
  })
  test.each<[string, (of: ReturnType<typeof story>) => readonly InputData[], unknown[]]>([
    ['a balance moves', ({ receipt }) => [receipt(['A', '1', { at: '7' }]), wanted('1410')], [[9, 1, 700n]]],
    [
      'one below zero moves the other way',
      ({ receipt, loss }) => [receipt(['A', '1', { at: '7' }]), loss(['A', '2']), wanted('1410')],
      [[1, 9, 700n]],
    ],
    ['none does not', () => [wanted('1410')], []],
    ['another name moves nothing', ({ receipt }) => [receipt(['A', '1', { at: '7' }]), wanted('1400')], []],
    [
      'nor does another account',
      ({ receipt }) => [receipt(['A', '1', { at: '7' }]), wanted('5100', 'Cost', 'cogs')],
      [],
    ],
    [
      'twice, each has an id of its own',
      ({ receipt }) => [receipt(['A', '1', { at: '7' }]), wanted('1410'), wanted('1420')],
      [
        [9, 1, 700n],
        [10, 9, 700n],
      ],
    ],
    [
      'the same again is nothing',
      ({ receipt }) => [receipt(['A', '1', { at: '7' }]), wanted('1410'), wanted('1410')],
      [[9, 1, 700n]],
    ],
  ])('%s', (_title, inputs, expected) => {
    const { entries } = run(...inputs(story()))
    const moved = entries.filter(({ cause }) => cause === 'accounts-changed')
    expect(moved.flatMap(({ lines }) => lines.map(({ debit, credit, amount }) => [debit, credit, amount]))).toEqual(
      expected,
    )
  })
})
