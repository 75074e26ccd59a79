import { describe, expect, test } from '@jest/globals'
import { orderAfter, standingOf, type Order, type OrderNews } from './order.ts'

const known = { revision: 3, fingerprint: 'three' }

describe('G5 What a revision means for what is known of its order', () => {
  test.each([
    ['the first confirmation', undefined, 'confirmed', 1, 'one', 'new'],
    ['a first confirmation with a high revision', undefined, 'confirmed', 7, 'seven', 'new'],
    ['an amendment before its confirmation', undefined, 'amended', 2, 'two', 'early'],
    ['a cancellation before its confirmation', undefined, 'cancelled', 2, 'two', 'early'],
    ['a higher revision', known, 'amended', 4, 'four', 'newer'],
    ['a cancellation with a higher revision', known, 'cancelled', 9, 'nine', 'newer'],
    ['a confirmation told again with a higher revision', known, 'confirmed', 4, 'four', 'newer'],
    ['a lower revision', known, 'amended', 2, 'two', 'older'],
    ['a late confirmation', known, 'confirmed', 1, 'one', 'older'],
    ['the same revision told again', known, 'amended', 3, 'three', 'repeated'],
    ['the same revision with other content', known, 'amended', 3, 'other', 'contradicting'],
  ] as const)('%s', (_title, order, change, revision, fingerprint, standing) => {
    expect(standingOf(order, { change, revision }, fingerprint)).toBe(standing)
  })
})

describe('G5 The order after a change', () => {
  const told = {
    id: 'new id',
    kind: 'purchase',
    source: '/erp/purchase',
    fingerprint: 'f',
    confirmedAt: new Date(1),
  } as const
  const content = {
    warehouse: 'WH',
    partner: { code: 'ACME', name: 'Acme Supplies' },
    scheduledDate: null,
    currency: null,
    priority: 5,
    allowPartial: false,
    lines: [],
  }
  const news: OrderNews = { change: 'confirmed', orderNumber: 'PO-1', revision: 1, content, reason: null }
  const order: Order = orderAfter(undefined, news, told)

  test('is open once confirmed', () => expect(order).toMatchObject({ id: 'new id', status: 'open', revision: 1 }))

  test('keeps its id, its time and what was ordered when it is cancelled', () => {
    const after = orderAfter(
      order,
      { ...news, change: 'cancelled', revision: 2, content: null },
      { ...told, id: 'another', confirmedAt: new Date(2) },
    )
    expect(after).toMatchObject({ id: 'new id', status: 'cancelled', revision: 2, content })
    expect(after.confirmedAt).toEqual(new Date(1))
  })

  test('cannot begin with a cancellation', () => {
    expect(() => orderAfter(undefined, { ...news, change: 'cancelled', content: null }, told)).toThrow(/PO-1/)
  })
})
