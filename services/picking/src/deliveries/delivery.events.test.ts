import { describe, expect, test } from '@jest/globals'
import { q } from '../../test/builders.ts'
import { begun, delivery, line, pick, referenceData, waiting } from '../../test/deliveries-builders.ts'
import { cancelledDelivery } from './delivery.order.ts'
import { deliveryValidated, demandEvents } from './delivery.events.ts'
import type { Delivery } from './delivery.ts'

const [a, b] = ['WH/Stock/A1-03', 'WH/Stock/B2-01']
const first = { ...waiting(line(1, 'PX', '10'), line(2, 'RM-A', '5')), needRevision: 1 }
const next = (of: Delivery, over: Partial<Delivery> = {}): Delivery => ({
  ...of,
  ...over,
  needRevision: of.needRevision + 1,
})
const kinds = (before: Delivery | undefined, after: Delivery) =>
  demandEvents(before, after, referenceData).map(({ type }) => type)

describe('D1 Which event a change of a delivery publishes', () => {
  const cancelled = { ...first, status: 'cancelled' } as const
  const noted = { ...first, details: { order: { note: 'n' }, lines: {} } }
  const unknown = { ...waiting(line(1, 'NEW', '1')), status: 'draft', needRevision: 0 } as const
  test.each<[string, Delivery | undefined, Delivery, string[]]>([
    ['the first demand', undefined, first, ['confirmed']],
    ['the first demand of a draft that was unknown', unknown, first, ['confirmed']],
    ['another demand', first, next(first), ['amended']],
    ['a draft without a demand: nothing', undefined, unknown, []],
    ['a draft without a demand that is cancelled: nothing', unknown, { ...unknown, status: 'cancelled' }, []],
    ['the same demand: nothing', first, { ...first, problem: 'x' }, []],
    ['cancelled: its end', first, cancelled, ['cancelled']],
    ['cancelled already: nothing', cancelled, { ...cancelled, problem: 'x' }, []],
    ['a note alone: it is published again', first, noted, ['amended']],
    ['a demand of nothing: its end', first, next(first, { lines: [] }), ['cancelled']],
  ])('%s', (_title, before, after, expected) => expect(kinds(before, after)).toEqual(expected))

  test('a cancelled delivery demands what is picked, until it is put back', () => {
    const picked = begun(line(1, 'PX', '10', pick(a, '10', '4')))
    expect(demandEvents(picked, cancelledDelivery(picked), referenceData)).toMatchObject([
      { type: 'amended', data: { revision: 2, lines: [{ line: 1, quantity: '4', wanted: '0' }] } },
    ])
  })

  test('the end has its document, its revision and a reason', () =>
    expect(demandEvents(first, cancelled, referenceData)).toEqual([
      {
        type: 'cancelled',
        data: {
          documentId: 'delivery id',
          number: 'WH/OUT/00042',
          warehouse: 'WH',
          revision: 1,
          reason: 'The delivery was cancelled.',
        },
      },
    ]))
})

describe('D1 What a demand has', () => {
  const [confirmed] = demandEvents(undefined, first, referenceData)
  test('of the delivery', () =>
    expect(confirmed).toEqual({
      type: 'confirmed',
      data: {
        documentId: 'delivery id',
        number: 'WH/OUT/00042',
        warehouse: 'WH',
        order: { source: '/erp/sales', orderNumber: 'SO-2026-001', revision: 1 },
        revision: 1,
        priority: 5,
        scheduledDate: '2026-04-23',
        orderedAt: '2026-04-20T08:00:00.000Z',
        allowPartial: false,
        lines: [
          { line: 1, sku: 'PX', quantity: '10', unit: 'unit' },
          { line: 2, sku: 'RM-A', quantity: '5', unit: 'kg' },
        ],
      },
    }))
  test('no date where it has none', () =>
    expect(demandEvents(undefined, { ...first, scheduledDate: null }, referenceData)[0]?.data).not.toHaveProperty('scheduledDate')) // prettier-ignore

  const lines = (of: Delivery, before: Delivery | undefined = { ...of, needRevision: 1, status: 'waiting' }) => {
    const [event] = demandEvents(before, next(of), referenceData)
    return event?.type === 'amended' ? event.data.lines : event?.type
  }
  const lot = { order: {}, lines: { 1: { lot: 'L1' } } }
  test.each<[string, Delivery, unknown]>([
    [
      'what is picked, with its lot',
      begun(line(1, 'LOT', '5', pick(a, '3', '2', { lot: 'L1' }), pick(b, '2'))),
      [{ line: 1, sku: 'LOT', quantity: '5', unit: 'kg', picked: [{ location: a, lot: 'L1', quantity: '2' }] }],
    ],
    [
      'what is picked, where that is more than is wanted',
      begun(line(1, 'PX', '5', pick(a, '5', '6'), pick(b, '0', '1'))),
      [{ line: 1, sku: 'PX', quantity: '7', unit: 'unit', wanted: '5', picked: [{ location: a, quantity: '6' }, { location: b, quantity: '1' }] }], // prettier-ignore
    ],
    [
      'no more where as much is picked as is wanted',
      begun(line(1, 'PX', '5', pick(a, '5', '5'))),
      [{ line: 1, sku: 'PX', quantity: '5', unit: 'unit', picked: [{ location: a, quantity: '5' }] }],
    ],
    [
      'a millionth, picked or wanted',
      begun(line(1, 'KG', '0', pick(a, '0', '0.000001')), line(2, 'KG', '0.000001', pick(a, '0', '0'))),
      [
        { line: 1, sku: 'KG', quantity: '0.000001', unit: 'kg', wanted: '0', picked: [{ location: a, quantity: '0.000001' }] }, // prettier-ignore
        { line: 2, sku: 'KG', quantity: '0.000001', unit: 'kg' },
      ],
    ],
    ['no line of which nothing is wanted', begun(line(1, 'PX', '0'), line(2, 'RM-A', '1')), [{ line: 2, sku: 'RM-A', quantity: '1', unit: 'kg' }]], // prettier-ignore
    ['no line of which nobody knows what is wanted', begun({ ...line(1, 'NEW', '1'), needed: null }), 'cancelled'],
    ['the lot that is ordered', { ...begun(line(1, 'LOT', '5')), details: lot }, [{ line: 1, sku: 'LOT', quantity: '5', unit: 'kg', lot: 'L1' }]], // prettier-ignore
    ['no unit of a product that is not known', begun(line(1, 'NEW', '5')), [{ line: 1, sku: 'NEW', quantity: '5' }]],
    [
      'the line of the order, where that is another',
      begun({ ...line(3, 'PX', '5'), orderLine: 1 }),
      [{ line: 3, sku: 'PX', quantity: '5', unit: 'unit', orderLine: 1 }],
    ],
    [
      'none of a delivery without an order',
      { ...begun({ ...line(3, 'PX', '5'), orderLine: null }), orderId: null },
      [{ line: 3, sku: 'PX', quantity: '5', unit: 'unit' }],
    ],
  ])('of a line: %s', (_title, of, expected) => expect(lines(of)).toEqual(expected))

  test('the first demand names no picks', () => {
    const restored = begun(line(1, 'PX', '5', pick(a, '5', '5')))
    expect(demandEvents(undefined, restored, referenceData)).toMatchObject([{ data: { lines: [{ quantity: '5' }] } }])
    expect(JSON.stringify(demandEvents(undefined, restored, referenceData))).not.toContain('"picked"')
  })

  test('a draft demands what it still wants of what it had', () => {
    const had = begun(line(1, 'PX', '10'), line(2, 'RM-A', '5'), line(3, 'RM-B', '1'))
    const draft: Delivery = {
      ...had,
      status: 'draft',
      lines: [
        line(1, 'PX', '12'),
        line(2, 'RM-A', '2'),
        line(3, 'KG', '1'),
        { ...line(4, 'NEW', '1'), needed: null },
        { ...line(5, 'PX', '1', pick(a, '0', '1')), needed: q('0') },
      ],
    }
    expect(lines(draft, had)).toMatchObject([
      { line: 1, quantity: '10' },
      { line: 2, quantity: '2' },
      { line: 5, quantity: '1', wanted: '0' },
    ])
  })
})

describe('D4 What a posting has', () => {
  const at = new Date('2026-04-19T08:00:00Z')
  const order = { source: '/erp/sales', orderNumber: 'SO-2026-001', revision: 1 }
  const ofOrder = { order, customer: { code: 'BIG', name: 'Big Buyer' } }
  const byHand = { orderId: null, orderSource: null, orderRevision: null, customer: null }
  test.each<[string, Delivery, object]>([
    [
      'neither order nor customer by hand',
      delivery({ attempt: 1, ...byHand }),
      { order: undefined, customer: undefined },
    ],
    ['nothing of a remainder that is to follow', delivery({ attempt: 1, remainder: 'backorder' }), {}],
    ['that the remainder is closed', delivery({ attempt: 1, remainder: 'close' }), { remainder: 'close' }],
    ['when it happened', delivery({ attempt: 1, effectiveAt: at }), { effectiveAt: '2026-04-19T08:00:00.000Z' }],
    ['what the order says besides', delivery({ attempt: 1, details: { order: { note: 'n' }, lines: {} } }), { note: 'n' }], // prettier-ignore
  ])('%s', (_title, of, more) =>
    expect(deliveryValidated(of, [])).toEqual({
      type: 'validated',
      data: {
        documentId: 'delivery id',
        number: 'WH/OUT/00042',
        warehouse: 'WH',
        attempt: 1,
        lines: [],
        ...ofOrder,
        ...more,
      },
    }),
  )
})
