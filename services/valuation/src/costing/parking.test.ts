import { describe, expect, test } from '@jest/globals'
import { at, company, entriesOf, run, standard, story } from '../../test/story.ts'
import { newInput, type InputData } from '../inputs/input.ts'
import { valueInputs } from './costing.ts'

describe('What has no cost', () => {
  test('is parked as "no cost" otherwise, and valued first when a priced receipt tells it', () => {
    const { receipt, delivery } = story()
    const parked = run(receipt(['A', '2']), delivery(['A', '1']), receipt(['B', '1', { at: '1' }]))
    expect(parked.state.parked.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['no-cost', 'No cost is known of A.'],
      ['waiting', 'Waits for D1, which is parked and touches a product of this document.'],
    ])
    expect(entriesOf(parked).map(([cause]) => cause)).toEqual(['receipt'])
    const outcome = valueInputs(parked.state, [newInput(receipt(['A', '2', { at: '5' }]), at)], company)
    expect(entriesOf(outcome)).toEqual([
      ['receipt', 'Dr inventory Cr grni 10.00 order price'],
      ['receipt', 'Dr inventory Cr grni 10.00 current average'],
      ['delivery', 'Dr cogs Cr inventory 5.00 average'],
    ])
    expect(outcome.entries.map(({ input, valuedBy, document }) => [input, valuedBy, document?.position])).toEqual([
      [4n, 4n, 4n],
      [1n, 4n, 1n],
      [2n, 4n, 2n],
    ])
    expect(outcome.state.parked).toEqual([])
  })

  test('is known as soon as a standard cost is set, or given on release', () => {
    const first = story()
    const bySet = run(first.receipt(['A', '2']), standard('A', '4'))
    expect(entriesOf(bySet)).toEqual([['receipt', 'Dr inventory Cr grni 8.00 standard cost']])
    const second = story()
    const released: InputData = { kind: 'parked-released', input: '1', unitCosts: [{ sku: 'A', unitCost: '4.5' }] }
    expect(entriesOf(run(second.receipt(['A', '2']), released))).toEqual([
      ['receipt', 'Dr inventory Cr grni 9.00 cost given on release'],
    ])
    const third = story()
    const discarded: InputData = { kind: 'parked-discarded', input: '1', reason: 'a gift' }
    expect(entriesOf(run(third.receipt(['A', '2']), discarded))).toEqual([
      ['receipt', 'Dr inventory Cr grni 0.00 no value'],
    ])
  })
})

describe('What cannot be valued is parked with its reason, and stops nothing else', () => {
  test.each<[string, (of: ReturnType<typeof story>) => InputData]>([
    ['foreign-currency', ({ receipt }) => receipt(['A', '1', { at: '1', currency: 'EUR' }])],
    ['negative-price', ({ receipt }) => receipt(['A', '1', { at: '-1' }])],
    ['negative-price', ({ gain }) => gain(['A', '1', { unitCost: '-1' }])],
    ['too-large', ({ receipt }) => receipt(['A', '99999999999999.999999', { at: '999999999999.99' }])],
    ['unsupported-move', ({ build }) => build(['A', '1', { unitCost: '1' }])],
    ['no-cost', ({ delivery }) => delivery(['A', '1'])],
  ])('%s', (reason, make) => {
    const of = story()
    const outcome = run(
      make(of),
      of.receipt(['A', '1', { at: '1' }], ['B', '1', { at: '1' }]),
      of.receipt(['C', '1', { at: '1' }]),
    )
    const reasons = outcome.state.parked.map((parked) => parked.reason)
    expect(reasons).toEqual(reason === 'no-cost' ? [] : [reason, 'waiting'])
    expect(outcome.entries).toHaveLength(reason === 'no-cost' ? 3 : 1)
  })

  test('a document is parked as a whole', () => {
    const { receipt } = story()
    const outcome = run(receipt(['A', '1', { at: '1' }], ['B', '1', { at: '1', currency: 'EUR' }]))
    expect(outcome.entries).toEqual([])
    expect(outcome.state.pools.size).toBe(0)
  })

  test('an entered unit cost stands in for a price in another currency', () => {
    const { receipt } = story()
    const outcome = run(receipt(['A', '2', { at: '1', currency: 'EUR', unitCost: '3' }]))
    expect(entriesOf(outcome)).toEqual([['receipt', 'Dr inventory Cr grni 6.00 entered unit cost']])
  })

  test('a position that is missing is a fault, one that was there before is left out', () => {
    const { receipt } = story()
    const one = receipt(['A', '1', { at: '1' }])
    receipt(['A', '1'])
    const three = receipt(['A', '1', { at: '1' }])
    expect(() => run(one, three)).toThrow("The ledger's position 2 is missing: 3 came next.")
    expect(run(one, one).entries).toHaveLength(1)
  })
})
