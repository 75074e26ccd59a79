import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { q, units } from '../../test/builders.ts'
import {
  begun,
  referenceData,
  delivery,
  line,
  order,
  orderLine,
  pick,
  waiting,
} from '../../test/deliveries-builders.ts'
import { wantedOf } from '../orders/order.follow.ts'
import type { Wanted } from '../orders/order.quantities.ts'
import { deliveryRules } from './delivery.follow.ts'
import { demandFieldsOf } from '../orders/order.fields.ts'
import {
  amendDelivery,
  deliveryBackorder,
  newDelivery,
  deliveryForOrder,
  reconsiderDelivery,
} from './delivery.order.ts'
import type { Delivery } from './delivery.ts'

const at = new Date('2026-04-21T08:00:00Z')
const given = { id: 'new id', at, backorderOf: null }
const px = (quantity: string) => orderLine(1, 'PX', quantity)
const rm = (quantity: string) => orderLine(2, 'RM-A', quantity)
const shown = (wanted: readonly Wanted[]) =>
  wanted.map((each) => `${each.orderLine} ${each.sku} ${formatQuantity(each.quantity)} ${each.unit}`)
const linesOf = (of: Pick<Delivery, 'lines'>) =>
  of.lines.map(
    (each) =>
      `${each.line}<${each.orderLine} ${each.sku} ${formatQuantity(each.quantity)} ${each.unit}, picked ${each.picks.map((one) => (one.picked === null ? '-' : formatQuantity(one.picked))).join()}`,
  )
const done = (...lines: Delivery['lines']): Delivery => delivery({ status: 'done', position: 7n, lines })

describe('D1 D5 What an order still wants', () => {
  const boxes = orderLine(1, 'PX', '2', 'box')
  test.each<[string, readonly Wanted[], string[]]>([
    [
      'all of it at first',
      wantedOf(deliveryRules, order(1, [px('10'), rm('5')]), [], referenceData),
      ['1 PX 10 unit', '2 RM-A 5 kg'],
    ],
    [
      'no services',
      wantedOf(deliveryRules, order(1, [orderLine(1, 'SVC', '1'), rm('5')]), [], referenceData),
      ['2 RM-A 5 kg'],
    ],
    [
      'nothing once it is cancelled',
      wantedOf(deliveryRules, { ...order(2, [px('1')]), status: 'cancelled' }, [], referenceData),
      [],
    ],
    [
      'less what was shipped',
      wantedOf(
        deliveryRules,
        order(2, [px('10')]),
        [done(line(1, 'PX', '10', pick('WH/Stock', '4', '4')))],
        referenceData,
      ),
      ['1 PX 6 unit'],
    ],
    [
      'nothing where all was shipped',
      wantedOf(
        deliveryRules,
        order(2, [px('4')]),
        [done(line(1, 'PX', '10', pick('WH/Stock', '10', '5')))],
        referenceData,
      ),
      [],
    ],
    [
      'what is left of a box in pieces',
      wantedOf(
        deliveryRules,
        order(2, [boxes]),
        [done(line(1, 'PX', '48', pick('WH/Stock', '48', '20')))],
        referenceData,
      ),
      ['1 PX 28 unit'],
    ],
    [
      'what is picked and not posted is wanted still',
      wantedOf(
        deliveryRules,
        order(2, [px('10')]),
        [begun(line(1, 'PX', '10', pick('WH/Stock', '4', '4')))],
        referenceData,
      ),
      ['1 PX 10 unit'],
    ],
    [
      'another product under the same line',
      wantedOf(
        deliveryRules,
        order(2, [orderLine(1, 'RM-B', '3')]),
        [done(line(1, 'PX', '9', pick('WH/Stock', '9', '9')))],
        referenceData,
      ),
      ['1 RM-B 3 kg'],
    ],
    [
      'what is left of a quantity that its unit cannot hold',
      wantedOf(
        deliveryRules,
        order(2, [px('2.5')]),
        [done(line(1, 'PX', '2', pick('WH/Stock', '2', '1')))],
        referenceData,
      ),
      ['1 PX 1.5 unit'],
    ],
    [
      'all of it where the order has led to no delivery: nobody can have closed it',
      wantedOf(deliveryRules, order(2, [px('10')]), [], referenceData, { before: [px('10')] }),
      ['1 PX 10 unit'],
    ],
    [
      'nothing of what somebody closed',
      wantedOf(deliveryRules, order(2, [px('10')]), [delivery({ status: 'cancelled' })], referenceData, {
        before: [px('10')],
      }),
      [],
    ],
    [
      'what nobody knows too',
      wantedOf(deliveryRules, order(1, [orderLine(1, 'NEW', '3')]), [], referenceData),
      ['1 NEW 3 kg'],
    ],
  ])('%s', (_title, wanted, expected) => expect(shown(wanted)).toEqual(expected))
})

describe('D1 A delivery of an order', () => {
  const draft = (lines: Parameters<typeof order>[1], known = referenceData) => {
    const of = order(1, lines, { priority: 0, allowPartial: true })
    return deliveryForOrder(of, wantedOf(deliveryRules, of, [], known), given, known)
  }

  test('asks stock for its need in the base unit', () =>
    expect(draft([orderLine(1, 'PX', '2', 'box'), orderLine(2, 'RM-A', '500', 'g')])).toMatchObject({
      status: 'waiting',
      needRevision: 1,
      source: 'SO-2026-001',
      customer: { code: 'BIG' },
      priority: 0,
      allowPartial: true,
      orderedAt: new Date('2026-04-20T08:00:00Z'),
      lines: [
        { line: 1, quantity: q('2'), unit: 'box', needed: q('48') },
        { line: 2, needed: q('0.5') },
      ],
    }))

  test('of services alone there is none', () => expect(draft([orderLine(1, 'SVC', '1')])).toBeUndefined())

  test.each([
    ['a product that nobody knows', orderLine(1, 'NEW', '1'), ['product:NEW'], /product "NEW" is not known/],
    [
      'a unit that does not convert',
      orderLine(1, 'PX', '1', 'kg'),
      ['product:PX', 'unit:kg', 'unit:unit'],
      /"kg" does not convert/,
    ],
    ['a quantity that is too precise', px('1.5'), [], /must be amended: line 1: the quantity is too precise/],
    ['less than it can be kept in', orderLine(1, 'RM-A', '0.000001', 'third'), [], /must be amended: line 1/],
  ])('%s makes a draft that says so, and stock is not asked', (_title, wrong, waitsFor, problem) =>
    expect(draft([wrong, rm('5')])).toMatchObject({
      status: 'draft',
      needRevision: 0,
      waitsFor,
      problem: expect.stringMatching(problem),
    }),
  )

  test('a backorder asks anew for what was left, and knows where it comes from', () => {
    const left = [{ ...line(1, 'PX', '6'), picks: [] }]
    const before = { ...done(line(1, 'PX', '10')), remainder: 'backorder', attempt: 2, effectiveAt: at } as const
    expect(deliveryBackorder(before, left, 'new id', at)).toMatchObject({
      id: 'new id',
      status: 'waiting',
      needRevision: 1,
      backorderOf: 'delivery id',
      orderId: 'order id',
      position: null,
      attempt: 0,
      remainder: null,
      effectiveAt: null,
      version: 1,
      lines: left,
    })
  })

  test('a backorder has its first need, however often that of the delivery before was changed', () => {
    const left = [{ ...line(1, 'PX', '6'), picks: [] }]
    const before = { ...done(line(1, 'PX', '10')), needRevision: 7, remainder: 'backorder' } as const
    expect(deliveryBackorder(before, left, 'new id', at).needRevision).toBe(1)
  })

  test('by hand it has lines of its own', () => {
    const head = { id: 'h', warehouse: 'WH', source: null, customer: null, scheduledDate: null, details: null }
    const wanted = { orderLine: null, sku: 'PX', quantity: q('3'), unit: 'unit' }
    expect(
      newDelivery({ ...head, ...demandFieldsOf({ priority: 3 }), createdAt: at }, [wanted, wanted], referenceData),
    ).toMatchObject({
      status: 'waiting',
      orderId: null,
      orderedAt: at,
      lines: [{ line: 1 }, { line: 2 }],
    })
  })
})

describe('D1 D5 An amended order at every open status', () => {
  const unpicked = delivery().lines
  const half = [
    line(1, 'PX', '10', pick('WH/Stock/A1-03', '10', '6')),
    line(2, 'RM-A', '5', pick('WH/Stock/B2-01', '5')),
  ]
  const amend = (of: Delivery, lines: Parameters<typeof order>[1]) => {
    const changed = order(2, lines)
    return amendDelivery(of, changed, wantedOf(deliveryRules, changed, [of], referenceData), referenceData)
  }

  test.each<[string, Delivery, Parameters<typeof order>[1], Partial<Delivery>, string[]]>([
    [
      'waiting: the need is told anew',
      waiting(...unpicked),
      [px('3'), rm('5')],
      { status: 'waiting', needRevision: 2 },
      ['1<1 PX 3 unit, picked ', '2<2 RM-A 5 kg, picked '],
    ],
    [
      'ready: reserved anew',
      delivery(),
      [px('20')],
      { status: 'waiting', needRevision: 2 },
      ['1<1 PX 20 unit, picked '],
    ],
    [
      'in progress: what was picked stays, with nothing reserved until stock answers',
      begun(...half),
      [px('8'), rm('9')],
      { status: 'in_progress', needRevision: 2 },
      ['1<1 PX 8 unit, picked 6', '2<2 RM-A 9 kg, picked '],
    ],
    [
      'in progress: a removed line that was picked stays, to be put back',
      begun(...half),
      [rm('5')],
      { status: 'in_progress', needRevision: 2 },
      ['1<null PX 0 unit, picked 6', '2<2 RM-A 5 kg, picked '],
    ],
    [
      'in progress: another product under the number of a picked line gets a number of its own',
      begun(...half),
      [orderLine(1, 'RM-B', '1'), rm('5'), orderLine(3, 'PX', '1')],
      { status: 'in_progress' },
      ['1<null PX 0 unit, picked 6', '2<2 RM-A 5 kg, picked ', '3<3 PX 1 unit, picked ', '4<1 RM-B 1 kg, picked '],
    ],
    [
      'draft: known now',
      delivery({ status: 'draft', needRevision: 0, problem: 'x', waitsFor: ['product:NEW'], lines: [] }),
      [px('3')],
      { status: 'waiting', needRevision: 1, problem: null, waitsFor: [] },
      ['1<1 PX 3 unit, picked '],
    ],
    [
      'ready: an unknown product makes it a draft; stock is told what is still wanted, the rest is free at once',
      delivery(),
      [px('3'), orderLine(9, 'NEW', '1')],
      { status: 'draft', needRevision: 2, waitsFor: ['product:NEW'] },
      ['1<1 PX 3 unit, picked ', '9<9 NEW 1 kg, picked '],
    ],
  ])('%s', (_title, of, lines, head, expected) => {
    const after = amend(of, lines)
    expect(after).toMatchObject({ ...head, orderRevision: 2 })
    expect(linesOf(after)).toEqual(expected)
    for (const each of after.lines) for (const one of each.picks) expect(one.quantity).toBe(0n)
  })

  test.each(['draft', 'waiting', 'ready', 'in_progress'] as const)(
    '%s: with nothing wanted it is cancelled',
    (status) =>
      expect(amendDelivery(delivery({ status, problem: 'x' }), order(2, []), [], referenceData)).toMatchObject({
        status: 'cancelled',
        problem: null,
        needRevision: 1,
      }),
  )

  test.each(['posting', 'done', 'cancelled'] as const)('%s: it does not follow', (status) =>
    expect(() => amendDelivery(delivery({ status }), order(2, [px('1')]), [], referenceData)).toThrow(status),
  )
})

describe('D1 A draft once more is known', () => {
  const unknown = { ...line(2, 'NEW', '1'), needed: null, picks: [] }
  const draft = (...lines: Delivery['lines']) =>
    delivery({ status: 'draft', needRevision: 0, problem: 'x', waitsFor: ['product:NEW'], lines })
  const became = (type: 'stockable' | 'service') => ({
    units,
    products: new Map([
      ...referenceData.products,
      ['NEW', { ...referenceData.products.get('RM-A')!, sku: 'NEW', type }],
    ]),
  })
  test.each<[string, Delivery, Partial<Delivery>]>([
    ['still unknown', reconsiderDelivery(draft(unknown), referenceData), { status: 'draft', needRevision: 0 }],
    [
      'known',
      reconsiderDelivery(draft(unknown), became('stockable')),
      { status: 'waiting', needRevision: 1, waitsFor: [], problem: null },
    ],
    ['a service alone', reconsiderDelivery(draft(unknown), became('service')), { status: 'cancelled' }],
    [
      'a service beside goods',
      reconsiderDelivery(draft(line(1, 'PX', '1'), unknown), became('service')),
      { status: 'waiting', needRevision: 1 },
    ],
    [
      'a service beside what is to be put back',
      reconsiderDelivery(draft(line(1, 'PX', '0', pick('WH/Stock', '0', '2')), unknown), became('service')),
      { status: 'cancelled' },
    ],
  ])('%s', (_title, after, expected) => expect(after).toMatchObject(expected))
})
