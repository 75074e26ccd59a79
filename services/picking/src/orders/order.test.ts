import { describe, expect, test } from '@jest/globals'
import {
  amendmentProblem,
  asksTheSame,
  orderAfter,
  standingOf,
  whyChanged,
  whyMade,
  type Order,
  type IncomingOrderChange,
} from './order.ts'

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

describe('G5 What is kept as 0.1.0 read it asks for the same', () => {
  const line = { line: 1, sku: 'RM-A', quantity: '100', unit: 'kg', unitPrice: '4.00' }
  const content = {
    warehouse: 'WH',
    partner: { code: 'ACME', name: 'Acme Supplies' },
    scheduledDate: '2026-04-23',
    currency: 'USD',
    priority: 5,
    allowPartial: false,
    lines: [line],
  }
  test.each([
    [{ lines: [{ ...line, quantity: '100.000', unitPrice: '4' }] }, true],
    [{ unknownFields: ['colour'] }, true],
    [{ details: null }, true],
    [{ details: { note: 'n' } }, false],
    [{ details: null, lines: [{ ...line, details: { lot: 'L1' } }] }, false],
    [{ lines: [{ ...line, quantity: '100.001' }] }, false],
    [{ lines: [{ ...line, unitPrice: null }] }, false],
    [{ lines: [line, { ...line, line: 2 }] }, false],
    [{ scheduledDate: null }, false],
    [{ partner: { code: 'ACME', name: 'Other' } }, false],
  ])('%j: %s', (kept, isSame) => expect(asksTheSame(content, { ...content, ...kept })).toBe(isSame))

  test('a version that knew fewer fields kept what holds by default', () => {
    const { priority: _priority, allowPartial: _allowPartial, ...less } = content
    expect(asksTheSame(content, less)).toBe(true)
    expect(asksTheSame({ ...content, priority: 1 }, less)).toBe(false)
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
  const incoming: IncomingOrderChange = { change: 'confirmed', orderNumber: 'PO-1', revision: 1, content, reason: null }
  const order: Order = orderAfter(undefined, incoming, told)

  test('is open once confirmed', () => expect(order).toMatchObject({ id: 'new id', status: 'open', revision: 1 }))

  test('keeps its id, its time and what was ordered when it is cancelled', () => {
    const after = orderAfter(
      order,
      { ...incoming, change: 'cancelled', revision: 2, content: null },
      { ...told, id: 'another', confirmedAt: new Date(2) },
    )
    expect(after).toMatchObject({ id: 'new id', status: 'cancelled', revision: 2, content })
    expect(after.confirmedAt).toEqual(new Date(1))
  })

  test('has nothing that its documents follow instead, unless it had', () => {
    expect(order.followed).toBeNull()
    const followed = [{ line: 1, sku: 'RM-A', quantity: '1', unit: 'kg', unitPrice: null }]
    expect(orderAfter({ ...order, followed }, { ...incoming, revision: 2 }, told).followed).toBe(followed)
  })

  test('cannot begin with a cancellation', () => {
    expect(() => orderAfter(undefined, { ...incoming, change: 'cancelled', content: null }, told)).toThrow(/PO-1/)
  })
})

describe('G5 What a history says of an order', () => {
  const of = (revision: number, count: number, status: Order['status'] = 'open') => {
    const warnings = count === 0 ? undefined : Array.from({ length: count }, (_, at) => `W${at + 1}.`)
    return { orderNumber: 'PO-1', revision, status, content: { warnings } as unknown as Order['content'] }
  }
  test.each([
    ['the first revision', of(1, 0), 'Order PO-1'],
    ['a later one', of(2, 0), 'Order PO-1 (revision 2)'],
    ['with a warning', of(1, 1), 'Order PO-1. W1.'],
    ['with five', of(1, 5), 'Order PO-1. W1. W2. W3. W4. W5.'],
    ['with more', of(1, 7), 'Order PO-1. W1. W2. W3. W4. W5. And 2 more.'],
  ])('why a document was made: %s', (_title, order, why) => expect(whyMade(order)).toBe(why))

  test.each([
    ['amended', of(2, 1), null, 'Order PO-1 was amended (revision 2). W1.'],
    ['amended, with a reason', of(2, 0), 'late', 'Order PO-1 was amended (revision 2): late'],
    ['cancelled', of(3, 1, 'cancelled'), null, 'Order PO-1 was cancelled (revision 3)'],
  ])('why it changed: %s', (_title, order, reason, why) => expect(whyChanged(order, reason)).toBe(why))

  test('five faults that an amendment must mend', () => {
    expect(amendmentProblem([])).toBeNull()
    expect(amendmentProblem(['1', '2', '3', '4', '5', '6'])).toBe('The order must be amended: 1; 2; 3; 4; 5.')
  })
})
