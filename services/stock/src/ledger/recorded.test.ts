import { describe, expect, test } from '@jest/globals'
import { parseQuantity, zero } from '@stockline/amounts'
import {
  cancelled,
  day,
  decideAndStore,
  demand,
  location,
  noon,
  posting,
  product,
  uuid,
  warehouse,
} from '../../test/builders.ts'
import { decide, type Decision } from './ledger.ts'
import { moveIds } from './move.ts'
import { setBalance } from './quant.ts'
import type { Posting } from './request.ts'
import { quantOf } from './working-set.ts'

const products = [
  product('PX', { unit: 'unit', unitDecimals: 0 }),
  product('ML', { tracking: 'lot' }),
  product('SN', { tracking: 'serial', unit: 'unit', unitDecimals: 0 }),
  product('OLD', { active: false }),
]
const empty = () => warehouse(products, [location('WH/A'), location('WH/B')])
const codes = ({ outcomes }: Decision) => outcomes.map((one) => (one.outcome === 'refused' ? one.code : one.outcome))
const quantsIn = ({ quants }: Decision) => quants.map((one) => `${one.location.code} ${one.product.sku}`)
const demandsIn = ({ demands }: Decision) => demands.map((one) => `${one.number.slice(-1)} ${one.status}`)

describe('when', () => {
  test.each([
    ['later than what was recorded', noon + 1, noon + 1],
    ['at the same time', noon, noon],
    ['by a clock that was set back', noon - day, noon],
  ])('a document is recorded %s', (_title, now, recordedAt) => {
    const { outcomes } = decide(empty(), [posting('receipt', [{ sku: 'PX', quantity: '1' }])], now)
    expect(outcomes).toMatchObject([{ outcome: 'posted', recordedAt }])
  })

  test.each([
    ['earlier', -1, true, 'posted', -1],
    ['later, by a clock that is a minute ahead: it happened now', 60_000, true, 'posted', 0],
    ['later than that', 60_001, true, 'effective-in-future', null],
    ['later by the time of an event, however far', day, false, 'posted', 0],
  ])('a document happened %s', (_title, ahead, effectiveAtStated, code, effective) => {
    const more = { effectiveAt: noon + ahead, effectiveAtStated }
    const decision = decideAndStore(empty(), posting('receipt', [{ sku: 'PX', quantity: '1' }], more))
    expect(codes(decision)).toEqual([code])
    if (effective !== null)
      expect(decision.outcomes).toMatchObject([{ posting: { effectiveAt: noon + effective }, recordedAt: noon }])
  })
})

describe('ids of moves', () => {
  test('are made of time, position and line, in hexadecimal', () => {
    expect(moveIds(0x0123456789ab, 0x123456789abcdn)(0xabcde)).toBe('01234567-89ab-7123-8456-789abcdabcde')
    expect(moveIds(0xf, 0x1fn)(0x2a)).toBe('00000000-000f-7000-8000-000001f0002a')
  })
})

describe('what must be saved', () => {
  test('quants that changed, and no others', () => {
    const workingSet = empty()
    const receipt = decideAndStore(workingSet, posting('receipt', [{ sku: 'PX', quantity: '5' }]))
    expect(quantsIn(receipt)).toEqual(['Virtual/Vendors PX', 'WH/A PX'])
    expect(quantsIn(decideAndStore(workingSet, demand(1, [['PX', '2']])))).toEqual(['WH/A PX'])
    expect(quantsIn(decideAndStore(workingSet, demand(2, [['PX', '9']])))).toEqual([])
    const lot = posting('receipt', [{ sku: 'ML', quantity: '1', lot: 'L1' }])
    expect(quantsIn(decideAndStore(workingSet, lot))).toEqual(['Virtual/Vendors ML', 'WH/A ML'])
  })

  test('a quant that another document of the batch brought back to what it was is none', () => {
    const workingSet = empty()
    decideAndStore(workingSet, posting('receipt', [{ sku: 'PX', quantity: '5' }], { effectiveAt: noon - day }))
    const there = [{ sku: 'PX', quantity: '2', from: 'WH/A', to: 'WH/B' }]
    const back = [{ sku: 'PX', quantity: '2', from: 'WH/B', to: 'WH/A' }]
    expect(quantsIn(decideAndStore(workingSet, posting('transfer', there), posting('transfer', back)))).toEqual([])
    // All of it left: it arrived anew, which is another date, though as much is there.
    const all = [there, back].map(([line]) => posting('transfer', [{ ...line, sku: 'PX', quantity: '5' }]))
    expect(quantsIn(decideAndStore(workingSet, ...all))).toEqual(['WH/A PX'])
  })

  test('demands: new, amended, shipped, cancelled, served and robbed', () => {
    const workingSet = empty()
    expect(demandsIn(decideAndStore(workingSet, demand(1, [['PX', '2']])))).toEqual(['1 open'])
    expect(workingSet.demands.get(uuid(1))).toMatchObject({ storedRevision: 0, revision: 1 })
    const served = decideAndStore(workingSet, posting('receipt', [{ sku: 'PX', quantity: '5' }]))
    expect(demandsIn(served)).toEqual(['1 open'])
    const more = { revision: 2, priority: 0, scheduledDate: '2026-05-01', orderedAt: 7, allowPartial: true }
    expect(demandsIn(decideAndStore(workingSet, demand(1, [['PX', '3']], more)))).toEqual(['1 open'])
    expect(workingSet.demands.get(uuid(1))).toMatchObject({ ...more, lines: [{ quantity: 3_000_000n }] })
    const gone = decideAndStore(workingSet, posting('adjustment', [{ sku: 'PX', quantity: '-5' }]))
    expect(demandsIn(gone)).toEqual(['1 open'])
    expect(gone.outcomes).toMatchObject([
      { outcome: 'posted' },
      { outcome: 'released', revision: 2, code: 'stock-gone', detail: 'PX at WH/A is no longer there.' },
    ])
    expect(demandsIn(decideAndStore(workingSet, cancelled(1)))).toEqual(['1 cancelled'])
    decideAndStore(workingSet, posting('receipt', [{ sku: 'PX', quantity: '5' }]), demand(2, [['PX', '5']]))
    const shipped = posting('delivery', [{ sku: 'PX', quantity: '5' }], { documentId: uuid(2) })
    expect(demandsIn(decideAndStore(workingSet, shipped))).toEqual(['2 shipped'])
  })

  test('each try of a document, so that each is answered again', () => {
    const workingSet = empty()
    const bad = posting('delivery', [{ sku: 'PX', quantity: '9' }])
    const tries = [bad, { ...bad, attempt: 2 }, { ...bad, attempt: 2 }, bad]
    expect(codes(decideAndStore(workingSet, ...tries))).toEqual([
      'not-enough-stock',
      'not-enough-stock',
      'repeated',
      'repeated',
    ])
  })
})

describe('what may be reserved since now is offered to those that wait for it', () => {
  test.each([
    ['what they wait for', 'WH', ['PX'], ['reserved']],
    ['a product that nobody waits for', 'WH', ['ML'], []],
    ['a product that is not known', 'WH', ['NO'], []],
    ['both', 'WH', ['NO', 'PX'], ['reserved']],
    ['the product in another warehouse', 'W2', ['PX'], []],
  ])('%s', (_title, ofWarehouse, skus, expected) => {
    const workingSet = empty()
    decideAndStore(workingSet, demand(1, [['PX', '2']]))
    const [px, place] = [workingSet.products.get('PX')!, workingSet.locations.get('WH/A')!]
    setBalance(quantOf(workingSet, px, place, null, 'available'), parseQuantity('5'), zero.quantity)
    expect(codes(decideAndStore(workingSet, { action: 'offer', warehouse: ofWarehouse, skus }))).toEqual(expected)
  })
})

describe('a document of a ledger that fell back', () => {
  const again = (sku: string, more: Partial<Posting> = {}, line: object = {}, kind: Posting['kind'] = 'receipt') =>
    posting(kind, [{ sku, quantity: '1', ...line }], { restored: { position: 1n, recordedAt: noon }, ...more })

  test.each([
    ['has its position again', again('PX'), 1n],
    ['is not judged: its product may be closed by now', again('OLD'), 1n],
    ['nor its quantity', again('PX', {}, { quantity: '0.5' }), 1n],
    ['nor what is there', again('PX', {}, {}, 'delivery'), 1n],
    ['nor its time', again('PX', { effectiveAt: noon + day }), 1n],
  ])('%s', (_title, document, position) => {
    expect(decideAndStore(empty(), document).outcomes).toMatchObject([{ outcome: 'posted', position }])
  })

  test.each([
    ['a position that is not next', again('PX', { restored: { position: 2n, recordedAt: noon } }), 'had position 2'],
    ['a product that is not known', again('NO'), 'cannot be restored'],
    ['a location that is not known', again('PX', {}, { location: 'WH/No' }), 'cannot be restored'],
    ['a lot that is not known', again('ML', {}, { lot: 'L9' }, 'delivery'), 'cannot be restored'],
    ['a lot that is not named', again('ML'), 'cannot be restored'],
  ])('stops everything for %s', (_title, document, message) => {
    expect(() => decideAndStore(empty(), document)).toThrow(message)
  })
})

describe('what is wrong is listed', () => {
  const wrong = (kind: Posting['kind'], lines: Parameters<typeof posting>[1]) => {
    const workingSet = empty()
    decideAndStore(
      workingSet,
      posting('receipt', [
        { sku: 'SN', quantity: '1', lot: 'S1' },
        { sku: 'PX', quantity: '5' },
      ]),
    )
    const [outcome] = decideAndStore(workingSet, posting(kind, lines)).outcomes
    return outcome?.outcome === 'refused'
      ? outcome.faults.map(({ line, code }) => `${String(line)} ${code}`)
      : [outcome?.outcome]
  }
  const ofLine = (documentLine: number, sku: string, more: object = {}) => ({
    sku,
    quantity: '1',
    documentLine,
    ...more,
  })

  test.each<[string, Posting['kind'], Parameters<typeof posting>[1], string[]]>([
    [
      'once for a line of the document that has it twice',
      'receipt',
      [ofLine(7, 'NO'), ofLine(7, 'NO')],
      ['7 unknown-product'],
    ],
    [
      'for each line of the document',
      'receipt',
      [ofLine(7, 'NO'), ofLine(8, 'NO')],
      ['7 unknown-product', '8 unknown-product'],
    ],
    [
      'for each product of a line',
      'receipt',
      [ofLine(7, 'NO'), ofLine(7, 'NIX')],
      ['7 unknown-product', '7 unknown-product'],
    ],
    [
      'for each thing that is wrong',
      'receipt',
      [ofLine(7, 'NO', { location: 'WH/No' })],
      ['7 unknown-product', '7 unknown-location'],
    ],
    ['by its own number where the document has none', 'receipt', [{ sku: 'NO', quantity: '1' }], ['1 unknown-product']],
    [
      'first of its quantity: then nobody asks whether it is there',
      'delivery',
      [{ sku: 'SN', quantity: '2', lot: 'S1' }],
      ['1 serial-not-one'],
    ],
    ['of its lot: then nobody asks either', 'delivery', [{ sku: 'SN', quantity: '1' }], ['1 lot-required']],
  ])('%s', (_title, kind, lines, faults) => expect(wrong(kind, lines)).toEqual(faults))

  test.each([
    [{ sku: 'ML', quantity: '1' }, 'ML is tracked: its lot is missing.'],
    [{ sku: 'SN', quantity: '1' }, 'SN is tracked: its serial number is missing.'],
  ])('in words: %j', (line, message) => {
    expect(decideAndStore(empty(), posting('receipt', [line])).outcomes).toMatchObject([
      { detail: `Line 1: ${message}` },
    ])
  })
})
