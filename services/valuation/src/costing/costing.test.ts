import { describe, expect, test } from '@jest/globals'
import { at, company, entriesOf, method, nothing, poolOf, run, standard, story, told } from '../../test/story.ts'
import { newInput, type InputData } from '../inputs/input.ts'
import { valueInputs, layersNeeded } from './costing.ts'

describe('X7 each document that crosses the border of owned stock has one balanced entry', () => {
  test('G4 a receipt debits inventory and credits what was received, not invoiced', () => {
    const { receipt } = story()
    const outcome = run(receipt(['A', '100', { at: '2.50' }], ['B', '48', { at: '4.00' }]))
    expect(entriesOf(outcome)).toEqual([
      ['receipt', 'Dr inventory Cr grni 250.00 order price', 'Dr inventory Cr grni 192.00 order price'],
    ])
    expect(outcome.entries[0]).toMatchObject({
      id: 1n,
      number: '2026/000001',
      date: '2026-04-23',
      input: 1n,
      original: true,
    })
    expect(outcome.state.inventoryValue).toBe(44_200n)
  })

  test('D4 a delivery debits the cost of goods sold, at average unless the category says otherwise', () => {
    const { receipt, delivery } = story()
    const outcome = run(receipt(['A', '10', { at: '1' }]), receipt(['A', '10', { at: '2' }]), delivery(['A', '5']))
    expect(entriesOf(outcome)[2]).toEqual(['delivery', 'Dr cogs Cr inventory 7.50 average'])
    expect(poolOf(outcome, 'A')).toBe('15 worth 22.50')
  })

  test('FIFO takes the oldest first, across layers', () => {
    const { receipt, delivery } = story()
    const outcome = run(
      method('fifo'),
      receipt(['A', '10', { at: '1' }]),
      receipt(['A', '10', { at: '2' }]),
      delivery(['A', '15']),
    )
    expect(entriesOf(outcome)[2]).toEqual(['delivery', 'Dr cogs Cr inventory 20.00 fifo'])
    expect(outcome.layers.map(({ layer }) => [layer.remainingQuantity, layer.remainingValue])).toEqual([
      [0n, 0n],
      [5_000_000n, 1000n],
    ])
  })

  test('standard keeps the inventory at the standard, and the difference is a variance, either way', () => {
    const { receipt, delivery } = story()
    const outcome = run(
      ...[
        method('standard'),
        standard('A', '2'),
        receipt(['A', '10', { at: '2.50' }]),
        receipt(['A', '10', { at: '1.50' }]),
      ],
      delivery(['A', '5']),
    )
    expect(entriesOf(outcome)).toEqual([
      ['receipt', 'Dr inventory Cr grni 20.00 order price', 'Dr purchase-price-variance Cr grni 5.00 order price'],
      ['receipt', 'Dr inventory Cr grni 15.00 order price', 'Dr inventory Cr purchase-price-variance 5.00 order price'],
      ['delivery', 'Dr cogs Cr inventory 10.00 standard'],
    ])
  })

  test('losses, gains and opening stock have accounts of their own', () => {
    const { opening, loss, gain } = story()
    const outcome = run(opening(['A', '42', { unitCost: '3' }]), loss(['A', '2']), gain(['A', '1']))
    expect(entriesOf(outcome)).toEqual([
      ['opening', 'Dr inventory Cr opening-balance 126.00 entered unit cost'],
      ['adjustment', 'Dr inventory-loss Cr inventory 6.00 average'],
      ['adjustment', 'Dr inventory Cr inventory-gain 3.00 current average'],
    ])
  })

  test('scrap is a loss, and what comes back from it a gain', () => {
    const { opening, scrap, unscrap } = story()
    const outcome = run(opening(['A', '4', { unitCost: '3' }]), scrap(['A', '2']), unscrap(['A', '1']))
    expect(entriesOf(outcome).slice(1)).toEqual([
      ['adjustment', 'Dr inventory-loss Cr inventory 6.00 average'],
      ['adjustment', 'Dr inventory Cr inventory-gain 3.00 current average'],
    ])
  })

  test('a line without a cost is worth what an earlier line of its document has brought', () => {
    const { receipt } = story()
    expect(entriesOf(run(receipt(['A', '1', { at: '5' }], ['A', '2'])))).toEqual([
      ['receipt', 'Dr inventory Cr grni 5.00 order price', 'Dr inventory Cr grni 10.00 current average'],
    ])
    expect(run(story().receipt(['A', '2'], ['A', '1', { at: '5' }])).state.parked).toHaveLength(1)
  })

  test('a transfer has none; its place in the ledger counts all the same', () => {
    const { opening, transfer } = story()
    const outcome = run(opening(['A', '1', { unitCost: '3' }]), transfer(['A', '1']))
    expect(outcome.entries).toHaveLength(1)
    expect(outcome.state.lastPosition).toBe(2n)
    expect(outcome.state.inventoryValue).toBe(300n)
  })

  test('T3: what is in transit is owned; what arrives has no entry, and what is lost there is a loss', () => {
    const { opening, transfer, arrival, lostInTransit } = story()
    const sent = [opening(['A', '5', { unitCost: '3' }]), transfer(['A', '4'])]
    const outcome = run(...sent, arrival(['A', '1']), lostInTransit(['A', '2']), lostInTransit(['A', '1']))
    expect(entriesOf(outcome).slice(1)).toEqual([
      ['transfer', 'Dr inventory-loss Cr inventory 6.00 average'],
      ['transfer', 'Dr inventory-loss Cr inventory 3.00 average'],
    ])
    expect(outcome.state.inventoryValue).toBe(600n)
  })

  test('a consumable is an expense when it comes and nothing after that; a service is never anything', () => {
    const { receipt, delivery, gain } = story()
    const consumable = { productType: 'consumable' } as const
    const outcome = run(
      receipt(['C', '10', { at: '1', ...consumable }], ['S', '1', { at: '9', productType: 'service' }]),
      ...[
        delivery(['C', '3', consumable]),
        gain(['C', '1', consumable]),
        delivery(['S', '1', { productType: 'service' }]),
      ],
    )
    expect(entriesOf(outcome)).toEqual([
      ['receipt', 'Dr expense Cr grni 10.00 order price'],
      ['delivery', 'Dr cogs Cr expense 0.00 no value'],
      ['adjustment', 'Dr expense Cr inventory-gain 0.00 no value'],
    ])
    expect(outcome.state.inventoryValue).toBe(0n)
  })

  test('a value of zero is a value', () => {
    const { receipt, delivery } = story()
    const outcome = run(receipt(['A', '10', { at: '0' }]), delivery(['A', '10']))
    expect(entriesOf(outcome)).toEqual([
      ['receipt', 'Dr inventory Cr grni 0.00 order price'],
      ['delivery', 'Dr cogs Cr inventory 0.00 average'],
    ])
  })

  test("the date is the company's, and numbers begin anew with its year", () => {
    const { receipt } = story()
    const late = { ...company, timeZone: 'America/New_York' }
    const data = receipt(['A', '1', { at: '1' }])
    if (data.kind !== 'document') throw new Error('no document')
    const document = { ...data.document, effectiveAt: '2027-01-01T03:00:00Z' }
    const outcome = valueInputs(nothing, [newInput({ kind: 'document', document }, at)], late)
    expect(outcome.entries[0]).toMatchObject({ date: '2026-12-31', number: '2026/000001' })
  })
})

describe('The cost of what has no price', () => {
  const unpriced = ['A', '2'] as const
  test.each<[string, readonly InputData[], (of: ReturnType<typeof story>) => readonly InputData[], string]>([
    ['the unit cost entered', [], () => [], '10.00 entered unit cost'],
    [
      'the current average',
      [],
      ({ receipt }) => [receipt(['A', '1', { at: '1' }]), receipt(['A', '1', { at: '2' }])],
      '3.00 current average',
    ],
    [
      'the newest layer',
      [method('fifo')],
      ({ receipt }) => [receipt(['A', '1', { at: '1' }]), receipt(['A', '1', { at: '2' }])],
      '4.00 newest layer',
    ],
    ['the standard', [method('standard'), standard('A', '7')], () => [], '14.00 standard cost'],
    [
      'the last known cost',
      [],
      ({ receipt, delivery }) => [receipt(['A', '1', { at: '3' }]), delivery(['A', '1'])],
      '6.00 last known cost',
    ],
    ['a standard cost when nothing better is known', [standard('A', '8')], () => [], '16.00 standard cost'],
  ])('is %s', (what, before, documents, expected) => {
    const of = story()
    const entered = what === 'the unit cost entered' ? { unitCost: '5' } : {}
    const outcome = run(...before, ...documents(of), of.gain([...unpriced, entered]))
    expect(told(outcome.entries.at(-1), outcome)).toEqual([`Dr inventory Cr inventory-gain ${expected}`])
  })
})

describe('Where more leaves than there is', () => {
  test.each([
    ['average', '12.00'],
    ['fifo', '12.00'],
  ] as const)('%s: it leaves at the cost that is known, and what comes next covers it', (name, first) => {
    const { receipt, delivery } = story()
    const outcome = run(
      method(name),
      receipt(['A', '1', { at: '4' }]),
      delivery(['A', '3']),
      receipt(['A', '5', { at: '6' }]),
    )
    expect(entriesOf(outcome).slice(1)).toEqual([
      ['delivery', `Dr cogs Cr inventory ${first} ${name}`],
      ['receipt', 'Dr inventory Cr grni 30.00 order price'],
      ['negative-stock-covered', 'Dr cogs Cr inventory 4.00'],
    ])
    expect(poolOf(outcome, 'A')).toBe('3 worth 18.00')
    expect(outcome.state.inventoryValue).toBe(1800n)
  })
})

describe('What changes nothing is no input', () => {
  const cost = (standardCost: string | null): InputData => ({
    ...{ kind: 'standard-cost-changed', productId: 'id-A', sku: 'A', category: 'all', standardCost },
  })
  test.each<[string, readonly InputData[], inputs: bigint]>([
    ['no standard cost of what has none and is not known', [cost(null)], 0n],
    ['a first standard cost counts', [cost('2')], 1n],
    ['the same again does not', [cost('2'), cost('2.0')], 1n],
    ['none after one does', [cost('2'), cost(null)], 2n],
    ['a product as it is', [standard('A', '2'), standard('A', '2')], 1n],
    ['a product of another category', [standard('A', '2'), standard('A', '2', 'other')], 2n],
    ['a product of which only the usual is told', [standard('A', null)], 0n],
    ['the method that a category has', [method('fifo'), method('fifo')], 1n],
  ])('%s', (_, inputs, expected) => expect(run(...inputs).state.lastInput).toBe(expected))
})

describe('Which layers must be loaded', () => {
  const fifo = () => run(method('fifo'), method('fifo', 'other'), ...[story().receipt(['A', '3', { at: '1' }])]).state
  const needed = (...inputs: readonly InputData[]) =>
    Object.fromEntries(
      layersNeeded(
        fifo().pools,
        inputs.map((data) => newInput(data, at)),
        [],
      ),
    )
  const from = () => story(1)
  test.each<[string, readonly InputData[], object]>([
    ['none for what comes', [from().receipt(['A', '1', { at: '1' }])], {}],
    [
      'as much as leaves, over all documents',
      [from().delivery(['A', '1']), from().loss(['A', '2'])],
      { 'id-A': 3_000_000n },
    ],
    [
      'all, where a line moves it to another category',
      [from().receipt(['A', '1', { at: '1', category: 'other' }])],
      { 'id-A': 'all' },
    ],
    ['all, where it is told of another category', [standard('A', null, 'other')], { 'id-A': 'all' }],
    ['none, where it is told of its own', [standard('A', '7')], {}],
    ['all, where its category has another method', [method('average')], { 'id-A': 'all' }],
    ['none, where another category has', [method('average', 'other')], {}],
  ])('%s', (_, inputs, expected) => expect(needed(...inputs)).toEqual(expected))
})
