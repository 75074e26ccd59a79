import { describe, expect, test } from '@jest/globals'
import type { DeliveryDemand, DeliveryValidated } from '@stockline/contracts'
import { delivery, facts, line, lost, order, orderLine, pick, waiting } from '../../test/deliveries-builders.ts'
import { q, taken } from '../../test/builders.ts'
import { demandedDelivery, shippedDelivery } from './delivery.restore.ts'
import { putsBack } from './delivery.put-back.ts'
import type { Delivery } from './delivery.ts'
import { shipDelivery } from './delivery.validate.ts'

const reference = { source: '/erp/sales', orderNumber: 'SO-2026-001', revision: 1 }
const need: DeliveryDemand = {
  documentId: 'delivery id',
  number: 'WH/OUT/00042',
  warehouse: 'WH',
  order: reference,
  revision: 1,
  priority: 5,
  scheduledDate: '2026-04-23',
  orderedAt: '2026-04-20T08:00:00Z',
  allowPartial: false,
  lines: [
    { line: 1, sku: 'PX', quantity: '10' },
    { line: 2, sku: 'RM-A', quantity: '5' },
  ],
}
const known = {
  ...lost,
  order: order(1, [orderLine(1, 'PX', '10'), orderLine(2, 'RM-A', '5')]),
}
const lines = (of: Delivery | undefined) =>
  of?.lines.map(
    (each) => `${String(each.line)} ${each.sku} ${String(each.orderLine)} ${String(each.quantity)} ${each.unit}`,
  )

describe('a delivery is made again as it needed stock', () => {
  test('just as it was', () => {
    const before = waiting(line(1, 'PX', '10'), line(2, 'RM-A', '5'))
    expect(demandedDelivery(need, known)).toEqual({ ...before, version: 1 })
  })

  test.each([
    [
      'in the order’s unit',
      [{ line: 1, sku: 'PX', quantity: '48' }],
      order(1, [orderLine(1, 'PX', '2', 'box')]),
      ['1 PX 1 2000000 box'],
    ],
    [
      'in the base unit, as a backorder is',
      [{ line: 1, sku: 'PX', quantity: '4' }],
      known.order,
      ['1 PX 1 4000000 unit'],
    ],
    [
      'under other lines than the order’s',
      [
        { line: 3, sku: 'PX', quantity: '10', orderLine: 1 },
        { line: 4, sku: 'RM-A', quantity: '1', orderLine: null },
      ],
      known.order,
      ['3 PX 1 10000000 unit', '4 RM-A null 1000000 kg'],
    ],
    ['where of the order nothing is known', need.lines, order(1, []), ['1 PX 1 10000000 unit', '2 RM-A 2 5000000 kg']],
  ])('%s', (_what, told, ofOrder, expected) => {
    expect(lines(demandedDelivery({ ...need, lines: told }, { ...known, order: ofOrder }))).toEqual(expected)
  })

  test('with what was picked, and what of it is to be put back', () => {
    const picked = [{ location: 'WH/Stock/A1-03', quantity: '8' }]
    const told = { ...need, revision: 2, lines: [{ line: 1, sku: 'PX', quantity: '8', wanted: '5', picked }] }
    const made = demandedDelivery(told, known)
    expect(made).toMatchObject({
      status: 'in_progress',
      lines: [{ needed: q('5'), picks: [{ location: 'WH/Stock/A1-03', picked: q('8') }] }],
    })
    expect(putsBack(made!)).toBe(true)
  })

  test('cancelled, where nothing is wanted and what is picked is to be put back', () => {
    const picked = [{ location: 'WH/Stock/A1-03', lot: 'L1', quantity: '8' }]
    const told = { ...need, revision: 2, lines: [{ line: 1, sku: 'PX', quantity: '8', wanted: '0', picked }] }
    const before = delivery({ needRevision: 1 })
    const made = demandedDelivery(told, { ...known, before: before })
    expect(made).toMatchObject({ status: 'cancelled', needRevision: 2 })
    expect(putsBack(made!)).toBe(true)
  })

  test('by hand', () => {
    const { order: _order, ...byHand } = need
    const made = demandedDelivery(byHand, { ...known, order: undefined })
    expect(made).toMatchObject({ orderId: null, orderSource: null, source: null, customer: null, orderRevision: null })
    expect(made?.lines.map(({ orderLine: of }) => of)).toEqual([null, null])
  })

  test('of a version that told no order, by the event that led to it', () => {
    const { order: _order, ...old } = need
    expect(demandedDelivery(old, { ...known, backorderOf: 'first id' })).toMatchObject({
      orderId: 'order id',
      orderSource: '/erp/sales',
      source: 'SO-2026-001',
      backorderOf: 'first id',
      lines: [{ orderLine: 1 }, { orderLine: 2 }],
    })
  })
})

describe('a delivery that is known', () => {
  const begun = delivery({
    status: 'in_progress',
    lines: [
      line(1, 'PX', '10', pick('WH/Stock/A1-03', '10', '3')),
      line(2, 'RM-A', '5', pick('WH/Stock/B2-01', '5', '2')),
    ],
  })

  test('follows a changed need; what was picked stays, to be put back where it is not wanted', () => {
    const told = {
      ...need,
      revision: 2,
      order: { ...reference, revision: 2 },
      lines: [{ line: 1, sku: 'PX', quantity: '6' }],
    }
    const after = demandedDelivery(told, { ...known, before: begun })
    expect(after).toMatchObject({ status: 'in_progress', needRevision: 2, orderRevision: 2, version: 3 })
    expect(after?.lines).toMatchObject([
      { line: 1, needed: q('6'), picks: [{ picked: q('3'), quantity: q('0') }] },
      { line: 2, needed: q('0'), orderLine: null, picks: [{ picked: q('2') }] },
    ])
  })

  test('at that need already stays as it is', () => {
    expect(demandedDelivery(need, { ...known, before: begun })).toBeUndefined()
  })
})

describe('a delivery was shipped', () => {
  const picked = delivery({
    lines: [
      line(1, 'PX', '10', pick('WH/Stock/A1-03', '10', '10')),
      line(2, 'RM-A', '5', pick('WH/Stock/B2-01', '5', '5')),
    ],
  })
  const decided = taken(shipDelivery({ ...picked, status: 'in_progress' }, { remainder: 'close' }, facts()))
  const shipped = decided.document
  const told = decided.events?.[0]?.data as DeliveryValidated

  test('as it was told, from what was reserved', () => {
    expect(shippedDelivery(told, delivery(), 'operator')).toEqual({ ...shipped, pickedBy: ['operator'] })
  })

  test('from a place that nobody had suggested, and nothing from one that was', () => {
    const [first] = told.lines
    if (first === undefined) throw new Error('no line')
    const elsewhere = { ...told, lines: [{ ...first, location: 'WH/Stock' }] }
    expect(shippedDelivery(elsewhere, delivery(), undefined)?.lines).toMatchObject([
      {
        picks: [
          { location: 'WH/Stock', picked: q('10'), quantity: q('0') },
          { location: 'WH/Stock/A1-03', picked: null, quantity: q('10') },
        ],
      },
      { picks: [{ location: 'WH/Stock/B2-01', picked: null }] },
    ])
  })

  test.each([
    ['in that try', delivery({ status: 'posting', attempt: 1 })],
    ['in a later one', delivery({ status: 'in_progress', attempt: 2 })],
  ])('and is known %s: it stays as it is', (_what, before) => {
    expect(shippedDelivery(told, before, undefined)).toBeUndefined()
  })
})

test('a revision of the order that changes no need is remembered, and only a later one', () => {
  const before = waiting(line(1, 'PX', '10'), line(2, 'RM-A', '5'))
  const told = (revision: number, over: Partial<DeliveryDemand> = {}) => ({
    ...need,
    ...over,
    order: { ...reference, revision },
  })
  const after = (orderRevision: number | null, of: DeliveryDemand) =>
    demandedDelivery(of, { ...known, before: { ...before, orderRevision } })?.orderRevision
  expect(after(1, told(2))).toBe(2)
  expect(after(null, told(1))).toBe(1)
  expect(after(2, told(2))).toBeUndefined()
  expect(after(1, told(2, { revision: 0 }))).toBeUndefined()
})
