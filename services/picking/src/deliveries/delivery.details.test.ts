import { describe, expect, test } from '@jest/globals'
import type { DeliveryDemand, DeliveryValidated } from '@stockline/contracts'
import { q } from '../../test/builders.ts'
import {
  begun,
  referenceData,
  delivery,
  facts,
  line,
  lost,
  order,
  orderLine,
  pick,
  waiting,
} from '../../test/deliveries-builders.ts'
import type { DocumentDetails } from '../orders/order.details.ts'
import type { OrderContent, OrderLine } from '../orders/order.ts'
import { wantedOf } from '../orders/order.follow.ts'
import { deliveryRules } from './delivery.follow.ts'
import { demandEvents } from './delivery.events.ts'
import { amendDelivery, deliveryBackorder, deliveryForOrder, reconsiderDelivery } from './delivery.order.ts'
import { enterPicks } from './delivery.pick.ts'
import { putBack } from './delivery.put-back.ts'
import { demandedDelivery, shippedDelivery } from './delivery.restore.ts'
import type { Delivery } from './delivery.ts'

const a = 'WH/Stock/A1-03'
const asked = (number: number, sku: string, quantity: string, details?: OrderLine['details']): OrderLine => ({
  ...orderLine(number, sku, quantity),
  ...(details === undefined ? {} : { details }),
})
const lotLine = (lot: string) => asked(1, 'LOT', '4', { lot })
const ofLot = (lot: string): DocumentDetails => ({ order: {}, lines: { 1: { lot } } })
const amended = (of: Delivery, lines: readonly OrderLine[], over: Partial<OrderContent> = {}) => {
  const changed = order(2, lines, over)
  return amendDelivery(of, changed, wantedOf(deliveryRules, changed, [of], referenceData), referenceData)
}
const px = line(1, 'PX', '10', pick(a, '10', '4'))
const plain = [asked(1, 'PX', '10')]

describe('D1 What an order says besides', () => {
  test('stands on its delivery, which is due with the earliest line where the order names no day', () => {
    const lines = [asked(1, 'PX', '10', { scheduledDate: '2026-05-02' }), asked(2, 'RM-A', '5')]
    const given = { id: 'new id', at: new Date(0), backorderOf: null }
    const of = order(1, lines, { scheduledDate: null, details: { note: 'n' } })
    expect(deliveryForOrder(of, wantedOf(deliveryRules, of, [], referenceData), given, referenceData)).toMatchObject({
      scheduledDate: '2026-05-02',
      details: { order: { note: 'n' }, lines: { 1: { scheduledDate: '2026-05-02' } } },
    })
  })

  test.each<[string, Delivery, readonly OrderLine[], Partial<OrderContent>, Partial<Delivery>]>([
    ['a note alone: as it was', begun(px), plain, { details: { note: 'n' } }, { needRevision: 1, lines: [px] }],
    ['the customer alone', begun(px), plain, { partner: { code: 'B', name: 'B' } }, { needRevision: 1, lines: [px] }],
    ['of one that says what stands in its way', delivery({ problem: 'x', lines: [px] }), plain, {}, { needRevision: 1, problem: 'x' }], // prettier-ignore
    ['of one that waits: it is told anew', waiting(px), plain, { details: { note: 'n' } }, { needRevision: 2 }],
    ['another quantity', begun(px), [asked(1, 'PX', '9')], {}, { needRevision: 2 }],
    ['another unit', begun(px), [orderLine(1, 'PX', '10', 'dozen')], {}, { needRevision: 2 }],
    ['another day', begun(px), plain, { scheduledDate: '2026-05-01' }, { needRevision: 2 }],
    ['another priority', begun(px), plain, { priority: 0 }, { needRevision: 2 }],
    ['days of life that are to be left', begun(px), [asked(1, 'PX', '10', { minimumRemainingLife: { days: 30 } })], {}, { needRevision: 2 }], // prettier-ignore
    ['a part of life, for the whole order', begun(px), plain, { details: { minimumRemainingLife: { percent: '50' } } }, { needRevision: 2 }], // prettier-ignore
    ['in part, too', begun(px), plain, { allowPartial: true }, { needRevision: 2 }],
    ['one more line', begun(px), [...plain, asked(2, 'RM-A', '1')], {}, { needRevision: 2 }],
    ['a unit that is not known', begun(px), [orderLine(1, 'PX', '10', 'crate')], {}, { status: 'draft', needRevision: 2 }], // prettier-ignore
  ])('is amended in %s', (_what, of, lines, over, after) => {
    expect(amended(of, lines, over)).toMatchObject({ ...after, orderRevision: 2 })
  })

  test('goes on with what is not shipped, stays when products are looked at again, is cancelled or put back', () => {
    const details: DocumentDetails = { order: { note: 'n' }, lines: { 1: { note: 'm' } } }
    const of = delivery({ details, lines: [px] })
    expect(deliveryBackorder(of, [px], 'id', new Date(0)).details).toBe(details)
    expect(reconsiderDelivery(of, referenceData).details).toBe(details)
    const cancelled = amendDelivery(of, order(2, plain, { details: { note: 'n' } }), [], referenceData)
    expect(cancelled).toMatchObject({ status: 'cancelled', details: { order: { note: 'n' }, lines: {} } })
    expect(putBack(cancelled, {})).toMatchObject({ document: { details: cancelled.details } })
  })
})

describe('D1 The rest of a lot’s life', () => {
  test.each<[string, DocumentDetails | null, readonly unknown[]]>([
    ['nothing', null, [undefined, undefined, undefined]],
    ['the order’s', { order: { minimumRemainingLife: { days: 30 } }, lines: {} }, [{ days: 30 }, { days: 30 }, undefined]], // prettier-ignore
    ['a line’s own, in place of the order’s', { order: { minimumRemainingLife: { days: 30 } }, lines: { 1: { minimumRemainingLife: { percent: '66' } } } }, [{ percent: '66' }, { days: 30 }, undefined]], // prettier-ignore
  ])('stock is told of each line: %s; and nothing of what is only to be put back', (_, details, lives) => {
    const back = { ...line(3, 'PX', '0', pick(a, '0', '2')), orderLine: null, needed: q('0') }
    const of = waiting(line(1, 'LOT', '4'), line(2, 'LOT', '1'), back)
    const events = demandEvents({ ...of, needRevision: 1 }, { ...of, details, needRevision: 2 }, referenceData)
    const [told] = events.flatMap((event) => (event.type === 'amended' ? [event.data] : []))
    expect(told?.lines.map((one) => one.minimumRemainingLife)).toEqual(lives)
  })
})

describe('D3 D5 One lot', () => {
  test('of what is not kept in lots must be amended', () => {
    expect(amended(waiting(px), [asked(1, 'PX', '10', { lot: 'L1' })])).toMatchObject({
      status: 'draft',
      problem: 'The order must be amended: line 1: lot L1 is asked for, and PX is not kept in lots.',
      lines: [{ needed: null }],
    })
  })

  test.each<[string, Delivery, string, unknown[]]>([
    [
      'the lot that was reserved: nothing changes',
      { ...begun(line(1, 'LOT', '4', pick(a, '4', '1', { lot: 'L1' }))), details: ofLot('L1') },
      'L1',
      [{ line: 1, orderLine: 1, picks: [{ quantity: q('4'), picked: q('1') }] }],
    ],
    [
      'another one, nothing picked: reserved anew',
      delivery({ details: ofLot('L1'), lines: [line(1, 'LOT', '4', pick(a, '4', null, { lot: 'L1' }))] }),
      'L2',
      [{ line: 1, orderLine: 1, picks: [] }],
    ],
    [
      'one where any would do, and it is that which was picked: reserved anew',
      begun(line(1, 'LOT', '4', pick(a, '4', '1', { lot: 'L1' }))),
      'L1',
      [{ line: 1, orderLine: 1, picks: [{ lot: 'L1', quantity: q('0'), picked: q('1') }] }],
    ],
    [
      'another one than was picked: that is to be put back',
      begun(line(1, 'LOT', '4', pick(a, '4', '1', { lot: 'L1' }))),
      'L2',
      [
        { line: 1, orderLine: null, quantity: q('0'), picks: [{ lot: 'L1', picked: q('1') }] },
        { line: 2, orderLine: 1, quantity: q('4'), picks: [] },
      ],
    ],
  ])('is amended to %s', (_what, of, lot, lines) => expect(amended(of, [lotLine(lot)])).toMatchObject({ lines }))

  test.each([
    ['another lot', { lot: 'L2', picked: '1' }, ['/picks/0/lot line 1 asks for lot L1 alone, not for L2']],
    ['no lot', { picked: '1' }, ['/picks/0/lot LOT is kept in lots: name which one']],
    ['nothing of another lot any more', { lot: 'L2', picked: '0' }, undefined],
    ['the lot', { lot: 'L1', picked: '1' }, undefined],
  ])('is picked: %s', (_what, given, faults) => {
    const of = delivery({ details: ofLot('L1'), lines: [line(1, 'LOT', '4', pick(a, '4', null, { lot: 'L1' }))] })
    const after = enterPicks(of, [{ line: 1, location: a, ...given }], facts())
    const found = 'refused' in after ? after.errors?.map(({ pointer, message }) => `${pointer} ${message}`) : undefined
    expect(found).toEqual(faults)
  })
})

describe('D1 A delivery that was lost is made again with what its order said besides', () => {
  const told: DeliveryDemand = {
    ...{ documentId: 'delivery id', number: 'WH/OUT/00042', warehouse: 'WH', revision: 1, priority: 5 },
    order: { source: '/erp/sales', orderNumber: 'SO-2026-001', revision: 2 },
    ...{ orderedAt: '2026-04-20T08:00:00Z', allowPartial: false, note: 'n' },
    lineDetails: [{ documentLine: 3, lot: 'L1' }],
    lines: [{ line: 3, sku: 'LOT', quantity: '4', orderLine: 1, lot: 'L1' }],
  }
  const known = { ...lost, order: undefined, createdAt: new Date(0) }
  const details = { order: { note: 'n' }, lines: { 1: { lot: 'L1' } } }

  test('by its need', () => {
    expect(demandedDelivery(told, known)).toMatchObject({ details, needRevision: 1 })
    const { note: _note, lineDetails: _details, ...without } = told
    expect(demandedDelivery(without, known)).toMatchObject({ details: null })
  })

  test('by the same need told again with a later revision of the order', () => {
    const before = demandedDelivery({ ...told, note: 'before', order: { ...told.order!, revision: 1 } }, known)
    expect(before).toMatchObject({ details: { order: { note: 'before' } }, orderRevision: 1 })
    expect(demandedDelivery(told, { ...known, before: before })).toEqual({ ...before, details, orderRevision: 2 })
    expect(demandedDelivery(told, { ...known, before: { ...before!, orderRevision: 2 } })).toBeUndefined()
    expect(demandedDelivery(told, { ...known, before: { ...before!, needRevision: 2 } })).toBeUndefined()
  })

  test('by its shipment', () => {
    const shipment: DeliveryValidated = {
      ...{ documentId: 'delivery id', number: 'WH/OUT/00042', warehouse: 'WH', attempt: 1, note: 'm' },
      lines: [{ line: 1, documentLine: 3, sku: 'LOT', quantity: '4', lot: 'L1', location: a, category: 'Raw' }],
    }
    const before = demandedDelivery(told, known)!
    expect(shippedDelivery(shipment, before, undefined)).toMatchObject({ details: { order: { note: 'm' }, lines: {} } })
    const { note: _note, ...without } = shipment
    expect(shippedDelivery(without, before, undefined)).toMatchObject({ details })
  })
})
