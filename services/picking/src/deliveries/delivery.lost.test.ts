/** Which events bring back a delivery that the database lost, and which change nothing. */
import { describe, expect, test } from '@jest/globals'
import { delivery, order, orderLine, referenceData } from '../../test/deliveries-builders.ts'
import { restorableDeliveries } from './delivery.restore.ts'
import type { Delivery } from './delivery.ts'

type Apply = Parameters<typeof restorableDeliveries.apply>
const demand = {
  documentId: 'delivery id',
  number: 'WH/OUT/00042',
  warehouse: 'WH',
  revision: 2,
  priority: 5,
  orderedAt: '2026-04-20T08:00:00Z',
  allowPartial: false,
  lines: [{ line: 1, sku: 'PX', quantity: '10' }],
}
const shipment = { ...demand, attempt: 1, lines: [] }
const end = { documentId: 'delivery id', number: 'WH/OUT/00042', warehouse: 'WH', revision: 2, reason: 'x' }
const apply = (type: string, data: object, before: Delivery | undefined) =>
  restorableDeliveries.apply(
    { type, data } as unknown as Apply[0],
    {
      before,
      order: undefined,
      by: 'operator',
      referenceData,
      createdAt: new Date(0),
      backorderOf: null,
    } as unknown as Apply[1],
  )?.status

describe('a delivery that the database lost', () => {
  test.each<[string, string | undefined, string | undefined]>([
    ['its first demand makes it', apply('confirmed', demand, undefined), 'waiting'],
    ['a later demand makes it', apply('amended', demand, undefined), 'waiting'],
    ['a demand that is known changes nothing', apply('amended', demand, delivery({ needRevision: 2 })), undefined],
    ['what was shipped is posting', apply('validated', shipment, delivery()), 'posting'],
    ['what was shipped, of one that is not there, changes nothing', apply('validated', shipment, undefined), undefined],
    ['one that was cancelled ends', apply('cancelled', end, delivery()), 'cancelled'],
    ['one that is done does not', apply('cancelled', end, delivery({ status: 'done' })), undefined],
    ['one that is posting does not', apply('cancelled', end, delivery({ status: 'posting' })), undefined],
    ['one that is not there does not', apply('cancelled', end, undefined), undefined],
  ])('%s', (_title, status, expected) => expect(status).toBe(expected))

  test('products of the event and of its order are looked up; an end names none', () => {
    const names = (data: object, of: ReturnType<typeof order> | undefined) =>
      restorableDeliveries.names({ data } as never, of as never).map(({ sku }) => sku)
    expect(names(demand, undefined)).toEqual(['PX'])
    expect(names(demand, order(1, [orderLine(1, 'RM-A', '1')]))).toEqual(['PX', 'RM-A'])
    expect(names(end, undefined)).toEqual([])
  })
})
