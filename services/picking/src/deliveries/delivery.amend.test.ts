/** What an amended order does to lines that were picked, and what a delivery without a future keeps. */
import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { q } from '../../test/builders.ts'
import { begun, delivery, line, order, orderLine, pick, referenceData } from '../../test/deliveries-builders.ts'
import { wantedOf } from '../orders/order.follow.ts'
import type { OrderLine } from '../orders/order.ts'
import { deliveryRules } from './delivery.follow.ts'
import { cancelledDelivery, endedDelivery } from './delivery.order.ts'
import type { Delivery } from './delivery.ts'

const [a, b] = ['WH/Stock/A1-03', 'WH/Stock/B2-01']
const amend = (of: Delivery, ...lines: readonly OrderLine[]): Delivery => {
  const changed = order(2, lines)
  const wanted = wantedOf(deliveryRules, changed, [of], referenceData)
  return deliveryRules.amend(of, changed, wanted, referenceData)
}
const shown = ({ lines }: Delivery) =>
  lines.map(
    ({ line: number, orderLine: at, sku, quantity }) => `${number}<${String(at)} ${sku} ${formatQuantity(quantity)}`,
  )

describe('D5 Lines of an amended order beside lines that were picked', () => {
  const both = begun(line(1, 'PX', '5', pick(a, '5', '5')), line(2, 'PX', '5', pick(b, '5', '5')))
  test.each<[string, Delivery, OrderLine[], string[]]>([
    [
      'each gets a number of its own',
      both,
      [orderLine(1, 'RM-A', '1'), orderLine(2, 'RM-B', '1')],
      ['1<null PX 0', '2<null PX 0', '3<1 RM-A 1', '4<2 RM-B 1'],
    ],
    [
      'the lowest that is free',
      begun(line(2, 'PX', '5', pick(a, '5', '5'))),
      [orderLine(2, 'RM-A', '1')],
      ['1<2 RM-A 1', '2<null PX 0'],
    ],
    ['none goes of which a millionth is picked', begun(line(1, 'KG', '5', pick(a, '5', '0.000001'))), [orderLine(2, 'RM-A', '1')], ['1<null KG 0', '2<2 RM-A 1']], // prettier-ignore
    ['one goes of which nothing is picked', begun(line(1, 'KG', '5', pick(a, '5', '0'))), [orderLine(2, 'RM-A', '1')], ['2<2 RM-A 1']], // prettier-ignore
  ])('%s', (_title, of, lines, expected) => expect(shown(amend(of, ...lines))).toEqual(expected))

  test('what is not wanted any more demands nothing', () =>
    expect(amend(both, orderLine(3, 'RM-A', '1')).lines[0]).toMatchObject({
      needed: 0n,
      quantity: 0n,
      orderLine: null,
    }))

  const lots = begun(line(1, 'LOT', '5', pick(a, '5', '0', { lot: 'L1' }), pick(b, '0', null, { lot: 'L3' })))
  test('a line of which nothing of another lot is picked stays, when its order names that lot', () => {
    const named = (of: Delivery) => amend(of, { ...orderLine(1, 'LOT', '5'), details: { lot: 'L2' } })
    expect(named(lots).lines).toMatchObject([{ line: 1, orderLine: 1, picks: [{ lot: 'L1', picked: 0n }] }])
    const some = begun(line(1, 'LOT', '5', pick(a, '5', '0.001', { lot: 'L1' })))
    expect(shown(named(some))).toEqual(['1<null LOT 0', '2<1 LOT 5'])
  })

  test('a draft that never had a demand still has none', () => {
    const draft = delivery({ status: 'draft', needRevision: 0, lines: [{ ...line(1, 'NEW', '1'), needed: null }] })
    expect(amend(draft, orderLine(1, 'NEW', '2'))).toMatchObject({ status: 'draft', needRevision: 0 })
    expect(amend(delivery(), orderLine(1, 'PX', '3'))).toMatchObject({ status: 'waiting', needRevision: 2 })
  })
})

describe('D5 A delivery without a future', () => {
  test('keeps what is picked until it is put back, and nothing else', () => {
    const of = begun(line(1, 'KG', '5', pick(a, '5', '0.000001'), pick(b, '5', '0'), pick('WH/Stock', '5')))
    expect(cancelledDelivery(of)).toMatchObject({ status: 'cancelled', needRevision: 2, lines: [{ picks: [{ location: a }] }] }) // prettier-ignore
    expect(cancelledDelivery(of).lines[0]?.picks).toHaveLength(1)
    expect(cancelledDelivery(delivery())).toMatchObject({ needRevision: 1, lines: [{ picks: [{ location: a }] }, {}] })
  })

  test('has no picks once all is back', () => {
    const [first, second] = [line(1, 'PX', '5', pick(a, '5', '5')), line(2, 'RM-A', '5')]
    const ended = endedDelivery(begun(first, second))
    expect(ended).toMatchObject({ status: 'cancelled', needRevision: 1, lines: [{ picks: [], needed: q('5') }, {}] })
    expect(ended.lines[1]).toBe(second)
  })
})
