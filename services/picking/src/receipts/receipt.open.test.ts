/** What becomes of an open receipt whose order, products or units change, line by line. */
import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { counted, line, order, orderLine, product, q, receipt, referenceData } from '../../test/builders.ts'
import { wantedOf } from '../orders/order.follow.ts'
import type { OrderLine } from '../orders/order.ts'
import { reconsiderReceipt } from './receipt.amend.ts'
import { receiptRules } from './receipt.follow.ts'
import type { Receipt } from './receipt.ts'

const rules = receiptRules('EUR')
const amend = (of: Receipt, ...lines: readonly OrderLine[]): Receipt => {
  const changed = order(2, ...lines)
  return rules.amend(of, changed, wantedOf(rules, changed, [of], referenceData), referenceData)
}
const shown = ({ lines }: Receipt) =>
  lines.map(
    ({ line: number, orderLine: at, sku, expected }) => `${number}<${String(at)} ${sku} ${formatQuantity(expected)}`,
  )

describe('G5 Lines of an amended order beside lines that were counted', () => {
  const unexpected = { orderLine: null, unitPrice: null }
  test.each<[string, Receipt, OrderLine[], string[]]>([
    [
      'each gets a number of its own, in their order',
      counted(line(1, 'RM-A', '5', '5'), line(2, 'RM-B', '5', '5')),
      [orderLine(2, 'PX', '1', { unit: 'unit' }), orderLine(1, 'RM-T', '1')],
      ['1<null RM-A 0', '2<null RM-B 0', '3<2 PX 1', '4<1 RM-T 1'],
    ],
    ['lines are in the order of their numbers', receipt(), [orderLine(9, 'PX', '1', { unit: 'unit' }), orderLine(3, 'RM-T', '1')], ['3<3 RM-T 1', '9<9 PX 1']], // prettier-ignore
    ['one stays of which a millionth was counted', counted(line(1, 'RM-A', '5', '0.000001')), [orderLine(2, 'RM-B', '1')], ['1<null RM-A 0', '2<2 RM-B 1']], // prettier-ignore
    [
      'of two that came unexpected one is expected now',
      counted(line(1, 'RM-A', '0', '5', unexpected), line(2, 'RM-A', '0', '3', unexpected)),
      [orderLine(7, 'RM-A', '8')],
      ['1<7 RM-A 8', '2<null RM-A 0'],
    ],
    [
      'one of another line of the order is not taken for it',
      counted(line(1, 'RM-A', '5', '5')),
      [orderLine(7, 'RM-A', '8')],
      ['1<null RM-A 0', '7<7 RM-A 8'],
    ],
  ])('%s', (_title, of, lines, expected) => expect(shown(amend(of, ...lines))).toEqual(expected))

  test('a reason that has nothing to do with waiting stays; what it waited for goes with it', () => {
    expect(
      amend(counted(line(1, 'RM-A', '5', '5'), line(2, 'RM-B', '1')), orderLine(1, 'RM-A', '6')).problem,
    ).toBeNull()
    const returned = { ...counted(line(1, 'RM-A', '5', '5')), problem: 'Returned: x' }
    expect(amend(returned, orderLine(1, 'RM-A', '6'))).toMatchObject({ problem: 'Returned: x', waitsFor: [] })
    const waiting = { ...returned, problem: 'Waits: y', waitsFor: ['product:NEW'] }
    expect(amend(waiting, orderLine(1, 'RM-A', '6'))).toMatchObject({ problem: null, waitsFor: [] })
    expect(amend(returned, orderLine(1, 'NEW', '6'))).toMatchObject({ problem: expect.stringMatching(/^Waits/) })
  })

  test('what is neither known nor converts is not looked at for its quantity', () =>
    expect(amend(receipt(), orderLine(1, 'RM-A', '0.00001', { unit: 'pallet' })).problem).not.toMatch(/amended: line/))

  test.each(['posting', 'done', 'cancelled'] as const)('%s: it does not follow', (status) =>
    expect(() => amend(receipt({ status }), orderLine(1, 'RM-A', '1'))).toThrow(status),
  )
})

describe('X6 An open receipt when a product or unit changes', () => {
  const whole = {
    ...referenceData,
    products: new Map([...referenceData.products, ['RM-A', product('RM-A', { unitDecimals: 0 })]]),
  }
  const of = receipt({ lines: [line(1, 'RM-A', '1.5'), line(2, 'RM-B', '1')] })
  test.each<[string, Parameters<typeof reconsiderReceipt>[2], RegExp | null]>([
    ['of a line: what it expects is looked at', { sku: 'RM-A' }, /^The order must be amended: line 1: /],
    ['of another line', { sku: 'RM-B' }, null],
    ['the unit of a line', { unit: 'kg' }, /^The order must be amended: line 1: /],
    ['another unit', { unit: 'g' }, null],
    ['none that is named', undefined, null],
  ])('%s', (_title, changed, problem) => {
    const after = reconsiderReceipt(of, whole, changed)
    if (problem === null) expect(after.problem).toBeNull()
    else expect(after.problem).toMatch(problem)
  })

  test('what nobody ordered is not looked at', () => {
    const byHand = receipt({ lines: [line(1, 'RM-A', '1.5', null, { orderLine: null })] })
    expect(reconsiderReceipt(byHand, whole, { sku: 'RM-A' }).problem).toBeNull()
  })

  test('lines whose quantity is the same are the same', () => {
    const before = counted(line(1, 'RM-A', '5', '5'), line(2, 'RM-B', '5', '5', { received: q('4') }))
    const after = reconsiderReceipt(before, referenceData)
    expect(after.lines[0]).toBe(before.lines[0])
    expect(after.lines[1]).toMatchObject({ received: q('5') })
  })
})
