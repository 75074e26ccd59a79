import { describe, expect, test } from '@jest/globals'
import { type LotDates, noLotDates } from '@stockline/contracts/lot-dates'
import { formatQuantity, zero } from '@stockline/amounts'
import {
  cancelled,
  day,
  decideAndStore,
  demand,
  location,
  noon,
  posting,
  product,
  quantsOf,
  warehouse,
} from '../../test/builders.ts'
import { allocations } from '../../test/reservations-builders.ts'
import { datesOf } from './reference.ts'
import { addLot, knownLot, type WorkingSet } from './working-set.ts'

const ml = product('ML', { tracking: 'lot' })
const products = [product('PX'), ml, product('SN', { tracking: 'serial', unit: 'unit', unitDecimals: 0 })]
const empty = () => warehouse(products, [location('WH/A'), location('WH/B')])
type Lines = Parameters<typeof posting>[1]

/** What came of a document: posted, or the lines with their faults. */
function judged(workingSet: WorkingSet, kind: Parameters<typeof posting>[0], lines: Lines): string[] {
  return decideAndStore(workingSet, posting(kind, lines)).outcomes.flatMap((one) =>
    one.outcome === 'refused' ? one.faults.map(({ line, code }) => `${String(line)} ${code}`) : [one.outcome],
  )
}

describe('a line that is refused has moved nothing, so the lines behind it are judged by what is there', () => {
  test.each<[string, Parameters<typeof posting>[0], Lines, string[]]>([
    [
      'more than there is, then what there is',
      'delivery',
      [
        { sku: 'PX', quantity: '11' },
        { sku: 'PX', quantity: '6' },
      ],
      ['1 not-enough-stock'],
    ],
    [
      'more than is not reserved, then as much as that',
      'delivery',
      [
        { sku: 'PX', quantity: '8' },
        { sku: 'PX', quantity: '6' },
      ],
      ['1 reserved-for-others'],
    ],
    [
      'a serial number that is in stock, then its loss at the new place',
      'adjustment',
      [
        { sku: 'SN', quantity: '1', lot: 'S1', location: 'WH/B' },
        { sku: 'SN', quantity: '-1', lot: 'S1', location: 'WH/B' },
      ],
      ['1 serial-on-hand', '2 not-enough-stock'],
    ],
    [
      'more than a balance holds, then a loss of what was there before, and a bit',
      'adjustment',
      [
        { sku: 'PX', quantity: '99999999999999' },
        { sku: 'PX', quantity: '-11' },
      ],
      ['1 balance-too-large', '2 not-enough-stock'],
    ],
  ])('%s', (_title, kind, lines, expected) => {
    const workingSet = empty()
    decideAndStore(
      workingSet,
      posting('receipt', [
        { sku: 'PX', quantity: '10' },
        { sku: 'SN', quantity: '1', lot: 'S1' },
      ]),
      demand(1, [['PX', '4']]),
    )
    expect(judged(workingSet, kind, lines)).toEqual(expected)
  })
})

test('a virtual location holds more than a real one: what was lost in all is no balance of goods', () => {
  const workingSet = empty()
  for (const round of [1, 2]) {
    expect([round, judged(workingSet, 'receipt', [{ sku: 'PX', quantity: '60000000000000' }])]).toEqual([
      round,
      ['posted'],
    ])
    expect([round, judged(workingSet, 'adjustment', [{ sku: 'PX', quantity: '-60000000000000' }])]).toEqual([
      round,
      ['posted'],
    ])
  }
})

describe('an expiry that is said later', () => {
  const withLots = () => {
    const workingSet = empty()
    const lines = [
      { sku: 'ML', quantity: '2', lot: 'L1' },
      { sku: 'ML', quantity: '3', lot: 'L1', location: 'WH/B' },
      { sku: 'ML', quantity: '4', lot: 'L2' },
    ]
    decideAndStore(workingSet, posting('receipt', lines))
    return workingSet
  }
  const available = (workingSet: WorkingSet) =>
    [...workingSet.supplies.values()].map((supply) => formatQuantity(supply.available))
  const said = (expiresOn: string, more: Lines = []) =>
    posting('receipt', [{ sku: 'ML', quantity: '1', lot: 'L1', expiresOn }, ...more])

  test.each([
    ['in the past: all of the lot is withdrawn, and no other', '2026-04-19', ['4']],
    ['today: it can still be promised', '2026-04-20', ['10']],
  ])('%s', (_title, expiresOn, expected) => {
    const workingSet = withLots()
    const { lots } = decideAndStore(workingSet, said(expiresOn))
    expect(lots).toMatchObject([{ code: 'L1', expiresOn }])
    expect(available(workingSet)).toEqual(expected)
  })

  test('is not said by a document that is refused', () => {
    const workingSet = withLots()
    const decision = decideAndStore(workingSet, said('2026-04-19', [{ sku: 'NO', quantity: '1' }]))
    expect(decision).toMatchObject({ outcomes: [{ outcome: 'refused' }], lots: [] })
    expect(knownLot(workingSet, ml, 'L1')).toMatchObject({ expiresOn: null })
    expect(available(workingSet)).toEqual(['9'])
  })

  test('of a lot of which nothing is there', () => {
    const workingSet = empty()
    addLot(workingSet, {
      id: 'lot-1',
      productId: ml.id,
      code: 'L1',
      expiresOn: null,
      held: null,
      onHand: zero.quantity,
    })
    expect(decideAndStore(workingSet, said('2026-05-01')).lots).toMatchObject([
      { id: 'lot-1', expiresOn: '2026-05-01' },
    ])
  })
})

describe('the dates of a lot that a document brings', () => {
  const said = (...lines: readonly object[]) =>
    posting('receipt', lines.map((dates) => ({ sku: 'ML', quantity: '1', lot: 'L1', ...dates }))) // prettier-ignore
  const all = { producedOn: '2026-01-01', alertOn: '2026-05-01', removeOn: '2026-06-01', bestBefore: '2026-07-01', expiresOn: '2026-08-01' } // prettier-ignore
  const kept = (workingSet: WorkingSet) => {
    const lot = knownLot(workingSet, ml, 'L1')
    return lot === undefined ? undefined : datesOf(lot)
  }

  test.each<[string, readonly object[], Partial<LotDates>]>([
    ['all at once', [all], all],
    ['all but expiry', [{ ...all, expiresOn: null }], { ...all, expiresOn: null }],
    ['one after the other', [{ expiresOn: all.expiresOn }, { bestBefore: all.bestBefore }, {}, { ...all }], all],
    ['the same again', [all, all], all],
  ])('%s', (_, lines, dates) => {
    for (const documents of [[said(...lines)], lines.map((line) => said(line))]) {
      const workingSet = empty()
      for (const one of decideAndStore(workingSet, ...documents).outcomes) expect(one.outcome).toBe('posted')
      expect(kept(workingSet)).toEqual({ ...noLotDates, ...dates })
    }
  })

  test.each<[string, readonly object[], readonly string[]]>([
    ['each other one is named', [all, { producedOn: '2026-01-02', alertOn: '2026-05-02', removeOn: '2026-06-02', bestBefore: '2026-07-02', expiresOn: '2026-08-02' }], ['lot-produced-otherwise', 'lot-best-before-otherwise', 'lot-remove-otherwise', 'lot-alert-otherwise', 'lot-expires-otherwise']], // prettier-ignore
    ['out of order by themselves', [{ bestBefore: '2026-08-02', alertOn: '2026-08-03', expiresOn: '2026-08-01' }], ['lot-best-before-out-of-order', 'lot-alert-out-of-order', 'lot-alert-out-of-order']], // prettier-ignore
    ['out of order with what is known', [{ expiresOn: '2026-08-01' }, { removeOn: '2026-08-02' }], ['lot-remove-out-of-order']], // prettier-ignore
    ['of a product without lots', [{ sku: 'PX', lot: null, alertOn: '2026-05-01' }], ['lot-not-tracked']],
  ])('are refused: %s', (_, lines, found) => {
    const workingSet = empty()
    const { outcomes, lots } = decideAndStore(workingSet, said(...lines))
    expect(outcomes).toMatchObject([{ outcome: 'refused', faults: found.map((code) => ({ code })) }])
    expect([lots, kept(workingSet)]).toEqual([[], undefined])
  })

  test('that were known stay, where a document is refused', () => {
    const workingSet = empty()
    decideAndStore(workingSet, said({ expiresOn: all.expiresOn }))
    decideAndStore(workingSet, said(all, { bestBefore: '2026-07-02' }))
    expect(kept(workingSet)).toEqual({ ...noLotDates, expiresOn: all.expiresOn })
  })

  test('a message names both', () => {
    const [outcome] = decideAndStore(empty(), said({ alertOn: '2026-05-01' }, { alertOn: '2026-05-02' })).outcomes
    expect(outcome).toMatchObject({ faults: [{ message: 'The alertOn of lot L1 is 2026-05-01, not 2026-05-02.' }] })
  })
})

describe('since when a quant is there', () => {
  const at = (days: number, kind: Parameters<typeof posting>[0], q: string, place = 'WH/A', more: Lines = []) =>
    posting(kind, [{ sku: 'PX', quantity: q, location: place }, ...more], { effectiveAt: noon - days * day })
  const places = (workingSet: WorkingSet) =>
    Object.fromEntries(quantsOf(workingSet).map((quant) => [quant.location.code, quant.arrivedAt]))

  test('nothing arrives at a virtual location', () => {
    const workingSet = empty()
    decideAndStore(workingSet, at(2, 'receipt', '5'), at(1, 'delivery', '2'))
    expect(places(workingSet)).toEqual({
      ...{ 'WH/A': noon - 2 * day, 'Virtual/Vendors': null, 'Virtual/Customers': null },
    })
  })

  test('a document that is refused changes nothing of it', () => {
    const workingSet = empty()
    decideAndStore(workingSet, at(2, 'receipt', '5'), at(1, 'delivery', '5', 'WH/A', [{ sku: 'NO', quantity: '1' }]))
    expect(places(workingSet)).toEqual({ 'WH/A': noon - 2 * day, 'Virtual/Vendors': null })
  })

  test('what was emptied and filled again is the youngest, and is taken last', () => {
    const workingSet = empty()
    decideAndStore(workingSet, at(9, 'receipt', '5'), at(8, 'receipt', '5', 'WH/B'), demand(1, [['PX', '1']]))
    expect(allocations(workingSet, 1)).toEqual(['WH/A 1'])
    decideAndStore(workingSet, cancelled(1), at(7, 'delivery', '5'), at(6, 'receipt', '5'), demand(2, [['PX', '1']]))
    expect(allocations(workingSet, 2)).toEqual(['WH/B 1'])
  })
})
