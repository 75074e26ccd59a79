import { describe, expect, test } from '@jest/globals'
import { order, orderLine, q, referenceData } from '../../test/builders.ts'
import type { OrderDocument } from './order.documents.ts'
import type { IncomingContent, IncomingOrderChange } from './order.ts'
import { viewOf, waitingView } from './order.view.ts'

const at = new Date('2026-04-24T08:00:00Z')
type Waiting = Parameters<typeof waitingView>[0]
const row = { kind: 'purchase', source: '/erp', event: 'text', parkedAt: at } as unknown as Waiting
const change = (content: IncomingContent | null): IncomingOrderChange<IncomingContent> => ({
  change: 'confirmed',
  orderNumber: 'PO-1',
  revision: 2,
  content,
  reason: null,
})
const shown = (content: IncomingContent | null) => waitingView(row, [], () => change(content))

describe('an order that is not known yet', () => {
  test('whose event does not fit its contract any more is not shown', () =>
    expect(waitingView(row, [], () => undefined)).toBeUndefined())

  test('that has no content is shown by its number', () =>
    expect(shown(null)).toEqual({
      kind: 'purchase',
      source: '/erp',
      orderNumber: 'PO-1',
      revision: 2,
      status: 'waiting',
      warehouse: '',
      partner: { code: '', name: '' },
      scheduledDate: null,
      confirmedAt: '2026-04-24T08:00:00.000Z',
      changedAt: '2026-04-24T08:00:00.000Z',
      unknownFields: [],
      warnings: [],
      documents: [],
      lines: [],
      tooLate: [],
      aside: [],
    }))

  test('with its content, and what its lines name in place of a SKU', () => {
    const { content } = order(2, orderLine(1, 'RM-A', '5'))
    const [line] = content.lines
    const named = { ...line!, line: 2, sku: undefined, gtin: '4006381333931', details: { lot: 'L1' } }
    const whole = { ...content, details: { note: 'n' }, unknownFields: ['colour'], lines: [line!, named] }
    const view = shown(whole)
    expect(view).toMatchObject({
      warehouse: 'WH',
      partner: { code: 'ACME' },
      scheduledDate: '2026-04-23',
      note: 'n',
      unknownFields: ['colour'],
      lines: [
        { line: 1, sku: 'RM-A', unit: 'kg', ordered: '5', done: '0', open: '0' },
        { line: 2, sku: null, named: { gtin: '4006381333931' }, lot: 'L1' },
      ],
    })
    expect(view?.lines[0]).not.toHaveProperty('named')
  })
})

describe('an order as it is answered', () => {
  const listed = (of: ReturnType<typeof order>) => ({ ...of, changedAt: at })
  test('with how far its lines are, in their order, and what was too late', () => {
    const of = listed(order(2, { ...orderLine(20, 'RM-B', '5'), details: { lot: 'L1' } }, orderLine(10, 'RM-A', '7')))
    const document: OrderDocument = {
      orderId: of.id,
      kind: 'receipt',
      id: 'r',
      number: 'WH/IN/00042',
      status: 'done',
      named: [],
      parts: () => [{ orderLine: 10, sku: 'RM-A', unit: 'kg', quantity: q('3'), state: 'done' }],
    }
    const late = { orderId: of.id, line: 10, sku: 'RM-A', unit: 'kg', wanted: '2', done: '3.5', at }
    expect(viewOf(of, [document], [late as never], referenceData)).toMatchObject({
      orderNumber: 'PO-2026-001',
      changedAt: '2026-04-24T08:00:00.000Z',
      unknownFields: [],
      warnings: [],
      documents: [{ kind: 'receipt', id: 'r', number: 'WH/IN/00042', status: 'done' }],
      lines: [
        { line: 10, sku: 'RM-A', ordered: '7', done: '3', open: '0' },
        { line: 20, sku: 'RM-B', lot: 'L1', ordered: '5', done: '0', open: '0' },
      ],
      tooLate: [{ wanted: '2', done: '3.5', at: '2026-04-24T08:00:00.000Z' }],
    })
  })

  test('with its warnings, and fields that nobody here knows', () => {
    const { content, ...rest } = order(1)
    const of = listed({ ...rest, content: { ...content, warnings: ['W.'], unknownFields: ['colour'] } })
    expect(viewOf(of, [], [], referenceData)).toMatchObject({ warnings: ['W.'], unknownFields: ['colour'] })
  })
})
