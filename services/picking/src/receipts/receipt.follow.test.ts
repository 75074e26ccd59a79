import { describe, expect, test } from '@jest/globals'
import { referenceData, counted, line, order, orderLine, receipt } from '../../test/builders.ts'
import { followed } from '../orders/order.follow.ts'
import { receiptProducts, receiptRules } from './receipt.follow.ts'
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

describe('what receipts decide about their orders by themselves', () => {
  const rules = receiptRules('EUR')
  const home = { code: 'WH', name: 'WH', active: true, defaultReceiptLocation: 'WH/Stock' }
  const nowhere = { ...home, defaultReceiptLocation: null }
  test('a warehouse lacks a place to receive at, or nothing', () => {
    expect(rules.lackOf(home)).toBeUndefined()
    expect(rules.lackOf(nowhere)).toBe('has no default receipt location')
    const given = { id: 'r', at: new Date(0), home, backorderOf: null }
    const wanted = [{ orderLine: 1, sku: 'RM-A', quantity: line(1, 'RM-A', '1').expected, unit: 'kg', unitPrice: null }]
    expect(rules.draft(order(1, rm('1')), wanted, given, referenceData)).toMatchObject({ destination: 'WH/Stock' })
    expect(() => rules.draft(order(1, rm('1')), wanted, { ...given, home: nowhere }, referenceData)).toThrow(
      'WH has no',
    )
  })

  test.each<[string, Receipt, string[]]>([
    ['what it expects', open(), ['1 RM-A 10000000 open']],
    ['what came', done('4'), ['1 RM-A 4000000 done']],
    ['nothing that did not come', receipt({ status: 'done', lines: [line(1, 'RM-A', '4')] }), []],
    ['nothing of a line that is not the order’s', receipt({ lines: [line(1, 'RM-A', '1', null, { orderLine: null })] }), []], // prettier-ignore
    ['nothing of a cancelled one', open({ status: 'cancelled' }), []],
  ])('its part of an order: %s', (_title, of, parts) =>
    expect(
      rules.parts(of, referenceData).map(({ orderLine: at, sku, quantity, state }) => `${at} ${sku} ${String(quantity)} ${state}`), // prettier-ignore
    ).toEqual(parts),
  )

  test('a backorder is for what did not come', () => {
    const given = { id: 'next', at: new Date(0) }
    expect(rules.backorder(done('4'), given, referenceData)).toBeUndefined()
    const part = receipt({ status: 'done', lines: [line(1, 'RM-A', '4', '1'), line(2, 'RM-B', '4', '4')] })
    expect(rules.backorder(part, given, referenceData)?.lines.map(({ sku }) => sku)).toEqual(['RM-A'])
  })

  test('one that was restored without its order gets what that says', () => {
    const content = { ...order(1, rm('1')).content, scheduledDate: '2026-05-01', details: { note: 'n' } }
    const details = { order: { note: 'n' }, lines: {} }
    expect(rules.complete(open({ vendor: null }), content)).toMatchObject({ vendor: content.partner, scheduledDate: '2026-05-01', details }) // prettier-ignore
    const own = { order: { note: 'own' }, lines: {} }
    expect(rules.complete(open({ vendor: null, details: own }), content)?.details).toBe(own)
    expect(rules.complete(open(), content)).toBeUndefined()
  })
})

describe('what receipts decide about products and units', () => {
  const of = counted(line(1, 'RM-A', '10', '5'), line(2, 'RM-B', '1', '1'))
  const waiting = { ...of, problem: 'Waits: x', waitsFor: ['product:NEW'] }
  const [first, second] = of.lines
  test.each<[string, Receipt, Receipt, [isAsBefore: boolean, isCountedAsBefore: boolean]]>([
    ['the same', waiting, { ...waiting }, [true, true]],
    ['another status', of, { ...of, status: 'cancelled' }, [false, false]],
    ['another problem', waiting, { ...waiting, problem: 'y' }, [false, false]],
    ['another key', waiting, { ...waiting, waitsFor: ['product:X'] }, [false, false]],
    ['one key more', waiting, { ...waiting, waitsFor: ['product:NEW', 'product:X'] }, [false, false]],
    ['one line less', of, { ...of, lines: [first!] }, [false, false]],
    ['another line', of, { ...of, lines: [first!, { ...second!, unit: 'g' }] }, [false, true]],
    ['another quantity', of, { ...of, lines: [first!, { ...second!, received: first!.received }] }, [false, false]],
  ])('%s', (_title, before, after, is) =>
    expect([receiptProducts.isAsBefore(before, after), receiptProducts.isCountedAsBefore(before, after)]).toEqual(is),
  )
  test('it waits while a key is left', () => {
    expect([waiting, { ...waiting, waitsFor: [] }].map((one) => receiptProducts.waits(one))).toEqual([true, false])
  })
})
