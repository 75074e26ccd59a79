import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import {
  cancelled,
  decideAndStore,
  demand,
  heldBack,
  location,
  noon,
  posting,
  product,
  uuid,
  warehouse,
} from '../../test/builders.ts'
import { allocations, outcomes, received } from '../../test/reservations-builders.ts'
import { hasPassed, reserveUntilOf } from './demand.ts'

const filled = () => {
  const workingSet = warehouse([product('PX')], [location('WH/A'), location('WH/B')])
  decideAndStore(workingSet, received('PX', '6'))
  return workingSet
}
const taken = (q: string) => ({ location: 'WH/A', lot: null, quantity: parseQuantity(q) })

describe('D5: a delivery that is taken out of the offering', () => {
  test('gives all it has to those that wait, in demand order, and is told why', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]), demand(2, [['PX', '6']]))
    decideAndStore(workingSet, demand(3, [['PX', '6']], { priority: 0 }))
    const decision = decideAndStore(workingSet, heldBack(1))
    expect(outcomes(decision)).toEqual(['released 1 amended', 'reserved 3'])
    expect(decision.outcomes[0]).toMatchObject({ held: { code: 'released', reason: 'Not paid.' }, revision: 1 })
    expect([1, 2, 3].map((n) => allocations(workingSet, n))).toEqual([[], [], ['WH/A 6']])
  })

  test('is given nothing more, whatever comes', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]), heldBack(1))
    expect(outcomes(decideAndStore(workingSet, received('PX', '9', 'WH/B')))).toEqual(['posted'])
    expect(outcomes(decideAndStore(workingSet, { action: 'offer', warehouse: 'WH', skus: ['PX'] }))).toEqual([])
    expect(workingSet.demands.get(uuid(1))).toMatchObject({ held: 'Not paid.', waitsFor: [], reservedSince: null })
  })

  test.each([
    ['twice', [heldBack(1), heldBack(1)], ['released 1 amended']],
    ['after it was cancelled', [cancelled(1), heldBack(1)], []],
    ['of which nobody knows', [heldBack(7)], []],
    ['while it waits', [demand(2, [['PX', '1']]), heldBack(2)], ['reserved 2 in part', 'released 2 amended']],
  ])('%s', (_title, requests, expected) => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]))
    expect(outcomes(decideAndStore(workingSet, ...requests))).toEqual(expected)
  })

  test('after it was shipped stays shipped', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]))
    const shipped = posting('delivery', [{ sku: 'PX', quantity: '6' }], { documentId: uuid(1) })
    expect(outcomes(decideAndStore(workingSet, shipped, heldBack(1)))).toEqual(['posted'])
  })

  test('is reserved again once its demand is told without a hold, and keeps what is picked while it is told with one', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]), heldBack(1))
    const lines = [{ line: 1, sku: 'PX', quantity: parseQuantity('6'), picked: [taken('2')] }]
    const held = decideAndStore(workingSet, { ...demand(1, [], { revision: 2, held: 'Not paid.' }), lines })
    expect([outcomes(held), allocations(workingSet, 1)]).toEqual([['reserved 1 in part'], ['WH/A 2']])
    expect(outcomes(decideAndStore(workingSet, demand(2, [['PX', '4']])))).toEqual(['reserved 2'])
    const again = decideAndStore(workingSet, cancelled(2), { ...demand(1, [], { revision: 3 }), lines })
    expect([outcomes(again), allocations(workingSet, 1)]).toEqual([['reserved 1'], ['WH/A 6']])
  })

  test.each([
    ['a pick elsewhere ends no hold of which picking does not know: it is told once more', { asks: false }, ['released 1 amended'], 'Not paid.'], // prettier-ignore
    ['who asks again does', {}, ['reserved 1'], null],
    ['who asks again and says so, too', { asks: true }, ['reserved 1'], null],
  ])('%s', (_title, more, expected, held) => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]), demand(2, [['PX', '4']]), heldBack(1))
    const lines = [{ line: 1, sku: 'PX', quantity: parseQuantity('6'), picked: [taken('2')] }]
    decideAndStore(workingSet, cancelled(2))
    const decision = decideAndStore(workingSet, { ...demand(1, [], { revision: 2, ...more }), lines })
    expect(outcomes(decision)).toEqual(expected)
    if (held !== null)
      expect(decision.outcomes[0]).toMatchObject({ held: { code: 'stays', reason: held }, revision: 2 })
    expect(workingSet.demands.get(uuid(1))).toMatchObject({ held })
    expect(allocations(workingSet, 1)).toEqual([held === null ? 'WH/A 6' : 'WH/A 2'])
  })

  test('loses what is picked as any other where it is gone, and does not wait for it', () => {
    const workingSet = filled()
    const lines = [{ line: 1, sku: 'PX', quantity: parseQuantity('6'), picked: [taken('2')] }]
    decideAndStore(workingSet, { ...demand(1, [], { held: 'Not paid.' }), lines })
    const loss = posting('adjustment', [{ sku: 'PX', quantity: '-6' }])
    expect(outcomes(decideAndStore(workingSet, loss))).toEqual(['posted', 'released 1 stock-gone'])
    expect(workingSet.demands.get(uuid(1))).toMatchObject({ allocations: [], waitsFor: [] })
  })
})

describe('D5: until when an order wants it reserved', () => {
  test.each([
    ['2026-04-20T12:00:00.000Z', noon - 1, 'UTC', false],
    ['2026-04-20T12:00:00.000Z', noon, 'UTC', true],
    ['2026-04-20', noon, 'UTC', false],
    ['2026-04-19', noon, 'UTC', true],
    ['2026-04-19', Date.parse('2026-04-19T23:59:59Z'), 'UTC', false],
    ['2026-04-19', Date.parse('2026-04-19T14:59:59Z'), 'Asia/Tokyo', false],
    ['2026-04-19', Date.parse('2026-04-19T15:00:00Z'), 'Asia/Tokyo', true],
    ['2026-04-19', Date.parse('2026-04-20T03:00:00Z'), 'America/New_York', false],
  ])('%s at %i in %s: over %s', (until, at, timeZone, over) => expect(hasPassed(until, at, timeZone)).toBe(over))

  test.each([
    ['asked before', '2026-04-21', noon, '2026-04-21'],
    ['asked once it has passed: it counts no more', '2026-04-19', noon, null],
    ['nobody knows when it was asked', '2026-04-19', undefined, '2026-04-19'],
    ['an order that says nothing', undefined, noon, null],
  ])('of an amended demand: %s', (_title, reserveUntil, askedAt, expected) =>
    expect(reserveUntilOf({ reserveUntil, askedAt }, 'UTC')).toBe(expected),
  )

  const until = '2026-04-19'
  const over = heldBack(1, { code: 'reserve-until', until })
  test.each([
    ['as its order says', { reserveUntil: until }, [], ['released 1 expired']],
    ['not where the order has said another time since', { reserveUntil: until }, [demand(1, [['PX', '6']], { reserveUntil: '2026-05-01' })], []], // prettier-ignore
    ['nor none', { reserveUntil: until }, [demand(1, [['PX', '6']])], []],
    ['nor where it was asked for again later', { reserveUntil: until }, [demand(1, [['PX', '6']], { revision: 2, reserveUntil: until, askedAt: noon })], ['reserved 1']], // prettier-ignore
    ['nor where it never said so', {}, [], []],
  ])('is released %s', (_title, first, before, expected) => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']], first))
    expect(outcomes(decideAndStore(workingSet, ...before, over))).toEqual(expected)
  })

  test('with the same demand an order may say another time: what is reserved stays, and it is saved', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']], { reserveUntil: until }))
    const later = decideAndStore(workingSet, demand(1, [['PX', '6']], { reserveUntil: '2026-05-01' }))
    expect([outcomes(later), later.demands.map(({ reserveUntil }) => reserveUntil)]).toEqual([[], ['2026-05-01']])
    expect(decideAndStore(workingSet, demand(1, [['PX', '6']], { reserveUntil: '2026-05-01' })).demands).toEqual([])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 6'])
  })
})
