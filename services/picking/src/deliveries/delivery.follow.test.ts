import { describe, expect, test } from '@jest/globals'
import { begun, referenceData, delivery, line, order, orderLine, pick } from '../../test/deliveries-builders.ts'
import { q } from '../../test/builders.ts'
import { followed } from '../orders/order.follow.ts'
import { deliveryProducts, deliveryRules } from './delivery.follow.ts'
import type { Delivery } from './delivery.ts'

const px = (quantity: string) => orderLine(1, 'PX', quantity)
const open = (over: Partial<Delivery> = {}) => delivery({ status: 'waiting', lines: [line(1, 'PX', '10')], ...over })
const done = (quantity: string, over: Partial<Delivery> = {}) =>
  delivery({
    id: 'done',
    status: 'done',
    lines: [line(1, 'PX', quantity, pick('WH/Stock', quantity, quantity))],
    ...over,
  })
const follow = (changed: ReturnType<typeof order>, before: string | undefined, ...all: Delivery[]) => {
  const { amendments, missing, furtherOf, late, lateOn } = followed(
    deliveryRules,
    changed,
    { before: before === undefined ? undefined : [px(before)] },
    all,
    referenceData,
  )
  return {
    amendments: amendments.map(
      ({ document: of, after }) =>
        `${of.id}: ${after.status} ${after.lines.map(({ needed }) => String(needed)).join()}`,
    ),
    missing: missing.map(({ sku, quantity }) => `${sku} ${String(quantity)}`),
    ...{ furtherOf, late: late.map(({ wanted, done: gone }) => `${wanted} of ${gone}`), lateOn: lateOn?.id },
  }
}
const nothing = { amendments: [], missing: [], furtherOf: null, late: [], lateOn: undefined }

describe('what an order’s change does to its deliveries', () => {
  test('the open one follows', () => {
    expect(follow(order(2, [px('12')]), '10', open())).toEqual({
      ...nothing,
      amendments: ['delivery id: waiting 12000000'],
    })
  })

  test('cancelled: it ends', () => {
    const cancelled = { ...order(2, [px('10')]), status: 'cancelled' as const }
    expect(follow(cancelled, '10', open())).toMatchObject({
      amendments: [expect.stringMatching(/^delivery id: cancelled/)],
    })
  })

  test('moved to another warehouse: the one that is left behind ends, and another is wanted there', () => {
    const moved = order(2, [px('10')], { warehouse: 'W2' })
    expect(follow(moved, '10', open())).toMatchObject({
      amendments: [expect.stringMatching(/^delivery id: cancelled/)],
      missing: ['PX 10000000'],
    })
  })

  test('of two that are open the last in the order’s warehouse follows', () => {
    const found = follow(
      order(2, [px('12')]),
      '10',
      open({ id: 'first' }),
      open({ id: 'last' }),
      open({ id: 'away', warehouse: 'W2' }),
    )
    expect(found.amendments[0]).toMatch(/^first: cancelled/)
    expect(found.amendments[1]).toBe('last: waiting 12000000')
    expect(found.amendments[2]).toMatch(/^away: cancelled/)
  })

  test('all are done: the difference is missing, and comes after the last that is done', () => {
    const two = [done('6', { id: 'one' }), done('4', { id: 'two' })]
    expect(follow(order(2, [px('12')]), '10', ...two)).toEqual({
      ...nothing,
      missing: ['PX 2000000'],
      furtherOf: 'two',
    })
    expect(follow(order(2, [px('10')]), '10', ...two)).toEqual({ ...nothing, furtherOf: 'two' })
  })

  test('lowered below what went: too late, told on the last that took it', () => {
    const two = [
      done('6', { id: 'one' }),
      done('4', { id: 'two' }),
      delivery({ id: 'other', status: 'done', lines: [line(2, 'RM-A', '5')] }),
    ]
    expect(follow(order(2, [px('9')]), '10', ...two)).toMatchObject({ late: ['9 of 10'], lateOn: 'two', missing: [] })
  })

  test('nothing has gone: nothing is too late', () => {
    expect(follow(order(2, [px('1')]), '10', open())).toMatchObject({ late: [], lateOn: undefined, furtherOf: null })
  })

  test('a draft that wants nothing of what it had ends, and another waits for what is not known', () => {
    const unknown = order(2, [orderLine(1, 'NEW', '3', 'unit')])
    expect(follow(unknown, '10', open())).toMatchObject({
      amendments: [expect.stringMatching(/^delivery id: cancelled/)],
      missing: ['NEW 3000000'],
    })
  })
})

describe('what deliveries decide about their orders by themselves', () => {
  const px = referenceData.products.get('PX')
  test('what is left is in the base unit, where the product is known', () => {
    const box = orderLine(1, 'PX', '1', 'box')
    expect([px, undefined].map((product) => deliveryRules.unitOf(box, product))).toEqual(['unit', 'box'])
  })

  test.each<[string, Delivery, string[]]>([
    ['what it demands', delivery(), ['1 PX unit 10000000 open', '2 RM-A kg 5000000 open']],
    ['what was ordered, while that does not convert', delivery({ lines: [{ ...line(1, 'PX', '2'), unit: 'crate', needed: null }] }), ['1 PX crate 2000000 open']], // prettier-ignore
    ['what went', done('4'), ['1 PX unit 4000000 done']],
    ['what went of a product that is not known', delivery({ status: 'done', lines: [{ ...line(1, 'NEW', '4', pick('A', '4', '3')), unit: 'g' }] }), ['1 NEW g 3000000 done']], // prettier-ignore
    [
      'nothing of a line that is not the order’s',
      delivery({ lines: [{ ...line(1, 'PX', '1'), orderLine: null }] }),
      [],
    ],
    ['nothing of a cancelled one', delivery({ status: 'cancelled' }), []],
  ])('its part of an order: %s', (_title, of, parts) =>
    expect(
      deliveryRules
        .parts(of, referenceData)
        .map(({ orderLine: at, sku, unit, quantity, state }) => `${at} ${sku} ${unit} ${String(quantity)} ${state}`),
    ).toEqual(parts),
  )

  test('one that was restored without its order gets what that says', () => {
    const content = { ...order(1, [orderLine(1, 'PX', '10')]).content, details: { note: 'n' } }
    const details = { order: { note: 'n' }, lines: {} }
    expect(deliveryRules.complete(delivery({ customer: null }), content)).toMatchObject({ customer: content.partner, details }) // prettier-ignore
    const own = { order: { note: 'own' }, lines: {} }
    expect(deliveryRules.complete(delivery({ customer: null, details: own }), content)?.details).toBe(own)
    expect(deliveryRules.complete(delivery(), content)).toBeUndefined()
  })

  test('a backorder is for what is left, in the base unit', () => {
    const given = { id: 'next', at: new Date(0) }
    expect(deliveryRules.backorder(done('4'), given, referenceData)).toBeUndefined()
    const part = delivery({ status: 'done', lines: [{ ...line(1, 'PX', '48', pick('A', '48', '24')), unit: 'box' }] })
    expect(deliveryRules.backorder(part, given, referenceData)).toMatchObject({ id: 'next', lines: [{ unit: 'unit', needed: q('24') }] }) // prettier-ignore
    expect(deliveryRules.leftOn(part)).toMatchObject([{ sku: 'PX', unit: 'box' }])
  })

  const refusal = (about: 'need' | 'posting', attempt: number) =>
    ({ about, attempt, detail: 'no', errors: [] }) as unknown as Parameters<typeof deliveryRules.refused>[1]
  test.each([
    ['a demand', delivery(), refusal('need', 1), { status: 'waiting', problem: 'Stock refused to reserve: no' }],
    ['a demand of before', delivery({ needRevision: 2 }), refusal('need', 1), undefined],
    ['a posting', delivery({ status: 'posting', attempt: 1, returnsTo: 'ready' }), refusal('posting', 1), { status: 'ready', problem: 'The ledger refused: no' }], // prettier-ignore
    ['a demand, while it is posting', delivery({ status: 'posting', attempt: 1 }), refusal('need', 1), undefined],
  ])('refused is %s', (_title, of, refused, expected) => {
    const after = deliveryRules.refused(of, refused)
    if (expected === undefined) expect(after).toBeUndefined()
    else expect(after).toMatchObject(expected)
  })

  const draft = (over: Partial<Delivery> = {}) => delivery({ status: 'draft', needRevision: 2, ...over })
  test.each<[string, Delivery, Delivery, boolean]>([
    ['a draft that wants nothing of what it had', delivery(), draft({ lines: [line(3, 'KG', '1')] }), true],
    ['one that had no demand', delivery({ needRevision: 0 }), draft({ lines: [line(3, 'KG', '1')] }), false],
    ['no draft', delivery(), delivery({ lines: [line(3, 'KG', '1')] }), false],
    ['one that wants some of it still', delivery(), draft({ lines: [line(1, 'PX', '1')] }), false],
    [
      'one of which something is picked',
      delivery(),
      draft({ lines: [line(3, 'KG', '0', pick('A', '0', '1'))] }),
      false,
    ],
    ['one with another product on its line', delivery(), draft({ lines: [line(1, 'KG', '1')] }), true],
    ['one with the product on another line', delivery(), draft({ lines: [line(2, 'PX', '1')] }), true],
    ['one of which nothing is known', delivery(), draft({ lines: [{ ...line(1, 'PX', '1'), needed: null }] }), true],
    ['one that had nothing of its line', delivery({ lines: [{ ...line(1, 'PX', '1'), needed: null }] }), draft({ lines: [line(1, 'PX', '1')] }), true], // prettier-ignore
  ])('another delivery is made in place of %s', (_title, before, after, is) =>
    expect(deliveryRules.makesPlace(before, after)).toBe(is),
  )
})

describe('what deliveries decide about products and units', () => {
  const draft = delivery({ status: 'draft', problem: 'Waits: x', waitsFor: ['product:NEW'] })
  test.each<[string, boolean, boolean]>([
    ['a draft waits', deliveryProducts.waits(draft), true],
    ['another does not', deliveryProducts.waits(delivery()), false],
    ['a draft is helped', deliveryProducts.isHelped(draft), true],
    ['another is not', deliveryProducts.isHelped(delivery()), false],
    ['a draft with the same problem is as before', deliveryProducts.isAsBefore(draft, { ...draft }), true],
    ['one with another is not', deliveryProducts.isAsBefore(draft, { ...draft, problem: 'y' }), false],
    ['one that is none any more is not', deliveryProducts.isAsBefore(draft, { ...draft, status: 'waiting' }), false],
    ['the same demand is counted as before', deliveryProducts.isCountedAsBefore(delivery(), delivery({ problem: 'x' })), true], // prettier-ignore
    ['another is not', deliveryProducts.isCountedAsBefore(delivery(), begun(line(1, 'PX', '9'))), false],
    [
      'one that waits for another key is not',
      deliveryProducts.isCountedAsBefore(draft, { ...draft, waitsFor: [] }),
      false,
    ],
    ['one that is cancelled is not', deliveryProducts.isCountedAsBefore(delivery(), delivery({ status: 'cancelled' })), false], // prettier-ignore
  ])('%s', (_title, found, is) => expect(found).toBe(is))
})
