import { describe, expect, test } from '@jest/globals'
import { referenceData, delivery, line, order, orderLine, pick } from '../../test/deliveries-builders.ts'
import { followed } from '../orders/order.follow.ts'
import { deliveryRules } from './delivery.follow.ts'
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
