import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import {
  referenceData,
  counted,
  entry,
  facts,
  line,
  order,
  orderLine,
  product,
  q,
  receipt,
} from '../../test/builders.ts'
import { wantedOf } from '../orders/order.follow.ts'
import type { Order } from '../orders/order.ts'
import type { ReferenceData } from '../products/product.ts'
import { amendReceipt, receiptBackorder, newReceipt, receiptForOrder, reconsiderReceipt } from './receipt.amend.ts'
import { receiptRules } from './receipt.follow.ts'
import { flagOf, type Receipt } from './receipt.ts'
import { validateReceipt } from './receipt.validate.ts'

const rules = receiptRules('EUR')
const given = {
  id: 'new id',
  destination: 'WH/Stock',
  companyCurrency: 'EUR',
  at: new Date('2026-04-20T08:00:00Z'),
  backorderOf: null,
}
const lines = (of: { readonly lines: Receipt['lines'] }) =>
  of.lines.map((each) => `${each.line} ${each.sku} ${formatQuantity(each.expected)} ${each.unit}`)

function amend(of: Receipt, changed: Order): Receipt {
  return amendReceipt(of, changed, wantedOf(rules, changed, [of], referenceData), 'EUR', referenceData)
}

describe('G1 A confirmed order makes a draft', () => {
  const confirmed = order(1, orderLine(1, 'RM-A', '100'), orderLine(2, 'RM-B', '50', { unitPrice: null }))
  const draft = receiptForOrder(confirmed, wantedOf(rules, confirmed, [], referenceData), given, referenceData)

  test('with source, vendor, scheduled date, destination and lines in the order’s unit', () => {
    expect(draft).toMatchObject({
      id: 'new id',
      status: 'draft',
      source: 'PO-2026-001',
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      scheduledDate: '2026-04-23',
      destination: 'WH/Stock',
      currency: 'USD',
      orderRevision: 1,
      problem: null,
      version: 1,
    })
    expect(draft?.lines).toMatchObject([
      { line: 1, sku: 'RM-A', orderLine: 1, expected: q('100'), unitPrice: 25_000_000_000n, received: null },
      { line: 2, sku: 'RM-B', unitPrice: null },
    ])
  })

  test('with lines of consumables, but none of services', () => {
    const mixed = order(1, orderLine(1, 'SVC', '1', { unit: 'hour' }), orderLine(2, 'CON', '5'))
    expect(wantedOf(rules, mixed, [], referenceData).map((each) => each.sku)).toEqual(['CON'])
  })

  test('and none at all where there are only services', () => {
    const services = order(1, orderLine(1, 'SVC', '1', { unit: 'hour' }))
    expect(
      receiptForOrder(services, wantedOf(rules, services, [], referenceData), given, referenceData),
    ).toBeUndefined()
  })

  test('with a problem that names what it waits for', () => {
    const unknown = order(1, orderLine(1, 'NEW', '1'), orderLine(2, 'RM-A', '1', { unit: 'pallet' }))
    expect(receiptForOrder(unknown, wantedOf(rules, unknown, [], referenceData), given, referenceData)).toMatchObject({
      problem: expect.stringMatching(/"NEW".*"pallet"/),
      waitsFor: expect.arrayContaining(['product:NEW', 'unit:pallet']),
    })
  })

  test('in the company’s currency where it names none', () => {
    const plain = { ...confirmed, content: { ...confirmed.content, currency: null } }
    expect(receiptForOrder(plain, wantedOf(rules, plain, [], referenceData), given, referenceData)?.currency).toBe(
      'EUR',
    )
  })
})

describe('G5 An amended order changes the open receipt', () => {
  test('a draft takes the order as it is now', () => {
    const after = amend(receipt(), order(2, orderLine(2, 'RM-B', '60'), orderLine(3, 'PX', '5', { unit: 'box' })))
    expect(lines(after)).toEqual(['2 RM-B 60 kg', '3 PX 5 box'])
    expect(after).toMatchObject({ status: 'draft', orderRevision: 2 })
  })

  test('what was counted stays, and is compared anew', () => {
    const after = amend(
      counted(line(1, 'RM-A', '100', '100'), line(2, 'RM-B', '50', '48')),
      order(2, orderLine(1, 'RM-A', '120'), orderLine(2, 'RM-B', '48')),
    )
    expect(after.lines.map((each) => flagOf(each, after.status))).toEqual(['Short 20', 'OK'])
    expect(after.status).toBe('in_progress')
  })

  test('in review too', () => {
    const before: Receipt = { ...counted(line(1, 'RM-A', '100', '90')), status: 'in_review' }
    expect(amend(before, order(2, orderLine(1, 'RM-A', '90')))).toMatchObject({
      status: 'in_review',
      lines: [{ expected: q('90') }],
    })
  })

  test('a removed line that was counted becomes unexpected, without a price; one that was not goes', () => {
    const after = amend(
      counted(line(1, 'RM-A', '100', '100'), line(2, 'RM-B', '50'), line(3, 'PX', '5', '0', { unit: 'unit' })),
      order(2, orderLine(4, 'RM-T', '1')),
    )
    expect(lines(after)).toEqual(['1 RM-A 0 kg', '4 RM-T 1 kg'])
    expect(after.lines[0]).toMatchObject({ orderLine: null, unitPrice: null, received: q('100') })
    expect(after.lines.map((each) => flagOf(each, after.status))).toEqual(['Unexpected', null])
  })

  test('what came unexpected and is ordered now is expected', () => {
    const before = counted(
      line(1, 'RM-A', '100', '100'),
      line(2, 'RM-B', '0', '5', { orderLine: null, unitPrice: null }),
    )
    const after = amend(before, order(2, orderLine(1, 'RM-A', '100'), orderLine(7, 'RM-B', '5')))
    expect(after.lines[1]).toMatchObject({ line: 2, orderLine: 7, expected: q('5'), unitPrice: 25_000_000_000n })
  })

  test('a line whose number is taken by an unexpected product gets the next free one', () => {
    const before = counted(line(1, 'RM-A', '100', '100'), line(2, 'RM-B', '0', '5', { orderLine: null }))
    const after = amend(before, order(2, orderLine(1, 'RM-A', '100'), orderLine(2, 'RM-T', '9')))
    expect(lines(after)).toEqual(['1 RM-A 100 kg', '2 RM-B 0 kg', '3 RM-T 9 kg'])
  })

  test('another unit: what was counted is compared in that one', () => {
    const after = amend(counted(line(1, 'RM-A', '2', '2')), order(2, orderLine(1, 'RM-A', '2000', { unit: 'g' })))
    expect(after.lines[0]).toMatchObject({
      unit: 'g',
      received: q('2000'),
      entries: [{ unit: 'kg', quantity: q('2') }],
    })
  })

  test('another product on the same line: the counted one becomes unexpected', () => {
    const after = amend(counted(line(1, 'RM-A', '2', '2')), order(2, orderLine(1, 'RM-B', '2')))
    expect(lines(after)).toEqual(['1 RM-A 0 kg', '2 RM-B 2 kg'])
  })

  test('a backorder wants what its posted receipts did not bring', () => {
    const done: Receipt = { ...counted(line(1, 'RM-A', '100', '60')), status: 'done', position: 1n }
    const changed = order(2, orderLine(1, 'RM-A', '130'))
    expect(wantedOf(rules, changed, [done], referenceData)).toMatchObject([{ quantity: q('70') }])
    expect(wantedOf(rules, order(2, orderLine(1, 'RM-A', '60')), [done], referenceData)).toEqual([])
    expect(
      wantedOf(rules, order(2, orderLine(1, 'RM-A', '70000', { unit: 'g' })), [done], referenceData),
    ).toMatchObject([{ quantity: q('10000') }])
  })

  test('a new unknown product: it waits; once the line goes, it does not', () => {
    const waiting = amend(receipt(), order(2, orderLine(1, 'NEW', '1')))
    expect(waiting.waitsFor).toEqual(['product:NEW'])
    expect(amend(waiting, order(3, orderLine(1, 'RM-A', '1')))).toMatchObject({ waitsFor: [], problem: null })
  })
})

describe('G1 G5 A quantity that its unit cannot hold', () => {
  const fraction = orderLine(1, 'PX', '1.5', { unit: 'unit' })
  const fault = 'The order must be amended: line 1: the quantity is too precise: "unit" is counted with no decimals.'
  const draft = (...ordered: readonly ReturnType<typeof orderLine>[]) => {
    const of = order(1, ...ordered)
    return receipt(receiptForOrder(of, wantedOf(rules, of, [], referenceData), given, referenceData))
  }

  test('the draft says so, and cannot be validated', () => {
    const of = draft(fraction, orderLine(2, 'RM-A', '5'))
    expect(of).toMatchObject({ status: 'draft', problem: fault, lines: [{ expected: q('1.5') }, {}] })
    const one = of.lines.map((each) => ({ ...each, received: q('1'), entries: [entry('1', { unit: each.unit })] }))
    expect(validateReceipt({ ...of, status: 'in_progress', lines: one }, {}, facts())).toMatchObject({
      refused: 'receipt-waits',
      kind: 'state',
      detail: `WH/IN/00042 cannot be validated yet. ${fault}`,
    })
  })

  test.each<[string, Parameters<typeof orderLine>, string | null]>([
    ['a part of a box that is whole pieces', [1, 'PX', '0.5', { unit: 'box' }], null],
    ['a part of a box that is not', [1, 'PX', '0.3', { unit: 'box' }], 'would be a fraction of a unit'],
    ['too precise for the unit', [1, 'RM-A', '1.2345'], 'is too precise: "kg" is counted with 3 decimals'],
    ['less than can be kept', [1, 'RM-A', '0.0001', { unit: 'third' }], 'is less than RM-A can be kept in'],
    ['a service, of which nothing is received', [1, 'SVC', '1.5', { unit: 'unit' }], null],
  ])('%s', (_title, ordered, expected) => {
    const { problem } = draft(orderLine(...ordered), orderLine(9, 'RM-B', '1'))
    if (expected === null) expect(problem).toBeNull()
    else expect(problem).toContain(`The order must be amended: line 1: the quantity ${expected}`)
  })

  test('once the order is amended it is gone; amended into one it is said', () => {
    const right = order(2, orderLine(1, 'PX', '2', { unit: 'unit' }))
    expect(amend(draft(fraction), right)).toMatchObject({ problem: null, waitsFor: [] })
    expect(amend(receipt(), order(2, fraction))).toMatchObject({ problem: fault })
    expect(amend(counted(line(1, 'PX', '2', '1', { unit: 'unit' })), order(2, fraction))).toMatchObject({
      status: 'in_progress',
      problem: fault,
    })
  })

  test('what is left of a box is no fault', () => {
    const boxed = orderLine(1, 'PX', '1', { unit: 'box' })
    const came = line(1, 'PX', '1', '0.291667', { unit: 'box', entries: [entry('7', { unit: 'unit' })] })
    const done: Receipt = { ...counted(came), status: 'done', position: 1n }
    const wanted = wantedOf(rules, order(2, boxed), [done], referenceData)
    expect(wanted).toMatchObject([{ quantity: q('0.708333') }])
    expect(receiptForOrder(order(2, boxed), wanted, given, referenceData)).toMatchObject({
      problem: null,
      waitsFor: [],
    })
  })

  test('with an unknown product it waits for that first, and says so after', () => {
    const of = draft(fraction, orderLine(2, 'NEW', '5'))
    expect(of.problem).toBe('Waits: product "NEW" is not known yet.')
    const known = { ...referenceData, products: new Map([...referenceData.products, ['NEW', product('NEW')]]) }
    expect(reconsiderReceipt(of, known)).toMatchObject({ problem: fault })
    const whole = new Map([...known.products, ['NEW', product('NEW', { unitDecimals: 0 })]])
    const late = reconsiderReceipt(draft(orderLine(2, 'NEW', '1.5')), { ...referenceData, products: whole })
    expect(late.problem).toContain('line 2: the quantity is too precise')
  })

  test('a product that is told anew, with decimals, ends it too', () => {
    const fine = product('PX', { unit: 'unit', unitDecimals: 1 })
    const told = { ...referenceData, products: new Map([...referenceData.products, ['PX', fine]]) }
    expect(reconsiderReceipt(draft(fraction), told)).toMatchObject({ problem: null, waitsFor: [] })
  })
})

describe('G5 A cancelled order', () => {
  const cancelledOrder: Order = { ...order(2, orderLine(1, 'RM-A', '100')), status: 'cancelled' }
  test('cancels a draft, which keeps its number and its lines', () =>
    expect(amend(receipt(), cancelledOrder)).toMatchObject({
      status: 'cancelled',
      number: 'WH/IN/00042',
      lines: [{ line: 1 }, { line: 2 }],
    }))
  test('makes unexpected what was counted', () => {
    const after = amend(counted(line(1, 'RM-A', '100', '100'), line(2, 'RM-B', '50')), cancelledOrder)
    expect(after).toMatchObject({ status: 'in_progress', lines: [{ expected: 0n, received: q('100') }] })
  })
  test('cancels one of which nothing came', () =>
    expect(amend(counted(line(1, 'RM-A', '100', '0')), cancelledOrder).status).toBe('cancelled'))
})

describe('X6 Once a product or unit is known', () => {
  const waiting = receipt({
    problem: 'Waits: …',
    waitsFor: ['product:NEW'],
    lines: [line(1, 'NEW', '5'), line(2, 'RM-A', '5')],
  })
  const with_ = (type: 'stockable' | 'service'): ReferenceData => ({
    ...referenceData,
    products: new Map([...referenceData.products, ['NEW', product('NEW', { type })]]),
  })
  test('the problem goes', () =>
    expect(reconsiderReceipt(waiting, with_('stockable'))).toMatchObject({ problem: null, waitsFor: [] }))
  test('a service goes with its line', () =>
    expect(reconsiderReceipt(waiting, with_('service')).lines.map((each) => each.sku)).toEqual(['RM-A']))
  test('only services: cancelled', () =>
    expect(reconsiderReceipt({ ...waiting, lines: [line(1, 'NEW', '5')] }, with_('service')).status).toBe('cancelled'))
  test('it goes on waiting for the rest', () =>
    expect(reconsiderReceipt(waiting, referenceData).waitsFor).toEqual(['product:NEW']))
})

describe('G5 New drafts', () => {
  test('a backorder starts afresh', () => {
    const done: Receipt = {
      ...counted(line(1, 'RM-A', '5', '3', { entries: [entry('3')] })),
      status: 'done',
      position: 9n,
      attempt: 2,
      remainder: 'backorder',
    }
    const draft = receiptBackorder(done, [line(1, 'RM-A', '2')], 'next id', new Date(0))
    expect(draft).toMatchObject({
      id: 'next id',
      status: 'draft',
      backorderOf: done.id,
      orderId: done.orderId,
      countedBy: [],
      attempt: 0,
      position: null,
      remainder: null,
      version: 1,
    })
    expect('number' in draft).toBe(false)
  })
  test('one by hand belongs to no order', () => {
    const { id, warehouse, source, vendor, scheduledDate, currency, destination, details, createdAt } = receipt()
    const hand = { id, warehouse, source, vendor, scheduledDate, currency, destination, details, createdAt, lines: [] }
    expect(newReceipt(hand)).toMatchObject({ orderId: null, orderRevision: null, status: 'draft' })
  })
})
