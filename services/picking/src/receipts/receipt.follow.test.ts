import { describe, expect, test } from '@jest/globals'
import { referenceData, line, order, orderLine, receipt } from '../../test/builders.ts'
import { followed } from '../orders/order.follow.ts'
import { receiptRules } from './receipt.follow.ts'
import type { Receipt } from './receipt.ts'

const rm = (quantity: string) => orderLine(1, 'RM-A', quantity)
const open = (over: Partial<Receipt> = {}) => receipt({ lines: [line(1, 'RM-A', '10')], ...over })
const done = (quantity: string, over: Partial<Receipt> = {}) =>
  receipt({ id: 'done', status: 'done', lines: [line(1, 'RM-A', quantity, quantity)], ...over })
const follow = (changed: ReturnType<typeof order>, before: string | undefined, ...all: Receipt[]) => {
  const { amendments, missing, furtherOf, late, lateOn } = followed(
    receiptRules('USD'),
    changed,
    { before: before === undefined ? undefined : [rm(before)] },
    all,
    referenceData,
  )
  return {
    amendments: amendments.map(
      ({ document: of, after }) =>
        `${of.id}: ${after.status} ${after.lines.map(({ expected }) => String(expected)).join()}`,
    ),
    missing: missing.map(({ sku, quantity }) => `${sku} ${String(quantity)}`),
    ...{ furtherOf, late: late.map(({ wanted, done: came }) => `${wanted} of ${came}`), lateOn: lateOn?.id },
  }
}
const nothing = { amendments: [], missing: [], furtherOf: null, late: [], lateOn: undefined }

describe('what a change of an order does to its receipts', () => {
  test('the open one follows', () => {
    expect(follow(order(2, rm('12')), '10', open())).toEqual({ ...nothing, amendments: ['receipt id: draft 12000000'] })
  })

  test('cancelled: it ends', () => {
    const found = follow({ ...order(2, rm('10')), status: 'cancelled' }, '10', open())
    expect(found.amendments).toEqual([expect.stringMatching(/^receipt id: cancelled/)])
  })

  test('of several that are open the last in the warehouse of the order follows; the others lose their lines', () => {
    const found = follow(
      order(2, rm('12')),
      '10',
      open({ id: 'first' }),
      open({ id: 'last' }),
      open({ id: 'away', warehouse: 'W2' }),
    )
    expect(found.amendments).toEqual([
      expect.stringMatching(/^first: cancelled/),
      'last: draft 12000000',
      expect.stringMatching(/^away: cancelled/),
    ])
    expect(found.missing).toEqual([])
  })

  test('all are done: the difference is missing, and comes after the last that is done', () => {
    const two = [done('6', { id: 'one' }), done('4', { id: 'two' })]
    expect(follow(order(2, rm('12')), '10', ...two)).toEqual({
      ...nothing,
      missing: ['RM-A 2000000'],
      furtherOf: 'two',
    })
    expect(follow(order(2, rm('10')), '10', ...two)).toEqual({ ...nothing, furtherOf: 'two' })
  })

  test('lowered below what came: too late, told on the last that brought it', () => {
    const other = receipt({ id: 'other', status: 'done', lines: [line(2, 'RM-B', '5', '5')] })
    const all = [done('6', { id: 'one' }), done('4', { id: 'two' }), other]
    expect(follow(order(2, rm('9'), orderLine(2, 'RM-B', '5')), '10', ...all)).toMatchObject({
      late: ['9 of 10'],
      lateOn: 'two',
    })
  })

  test('nothing has come: nothing is too late', () => {
    expect(follow(order(2, rm('1')), '10', open())).toMatchObject({ late: [], lateOn: undefined, furtherOf: null })
  })
})
