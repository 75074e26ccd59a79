import { describe, expect, test } from '@jest/globals'
import { q } from '../../test/builders.ts'
import { begun, referenceData, delivery, facts, line, pick } from '../../test/deliveries-builders.ts'
import type { Delivery } from './delivery.ts'
import { cancelDelivery, deliveryRemainder, shipDelivery } from './delivery.validate.ts'

const a = 'WH/Stock/A1-03'
const b = 'WH/Stock/B2-01'
const whole = begun(
  line(1, 'PX', '10', pick(a, '6', '6'), pick(b, '4', '4')),
  line(2, 'LOT', '5', pick(b, '5', '2.5', { lot: 'L1' })),
  line(3, 'RM-A', '8', pick(b, '8')),
)

const part: Delivery = { ...whole, allowPartial: true }

describe('D4 Shipping, every refusal in order of precedence', () => {
  test.each<[string, Delivery, object]>([
    ['a cancelled one', { ...whole, status: 'cancelled' }, { refused: 'delivery-cancelled', inAnyVersion: true }],
    [
      'a draft says what it waits for',
      { ...whole, status: 'draft', problem: 'Waits: product "NEW" is not known yet.' },
      { detail: 'WH/OUT/00042 cannot be shipped yet: Waits: product "NEW" is not known yet.' },
    ],
    ['one that waits', { ...whole, status: 'waiting' }, { refused: 'delivery-not-ready' }],
    ['nothing picked', delivery(), { refused: 'delivery-is-empty' }],
    ['nothing but zeros', begun(line(1, 'PX', '10', pick(a, '10', '0'))), { refused: 'delivery-is-empty' }],
    [
      'more than an amended order wants',
      begun(line(1, 'PX', '2', pick(a, '2', '6')), { ...line(2, 'RM-A', '0', pick(b, '0', '1')), orderLine: null }),
      {
        refused: 'delivery-overpicked',
        errors: [
          { pointer: '/lines/1', message: 'put back 4 of PX' },
          { pointer: '/lines/2', message: 'put back 1 of RM-A' },
        ],
      },
    ],
    [
      'a millionth more on one line',
      begun(line(1, 'KG', '2', pick(a, '2', '2.000001'))),
      { refused: 'delivery-overpicked', errors: [{ pointer: '/lines/1', message: 'put back 0.000001 of KG' }] },
    ],
    [
      'a millionth less of what goes whole',
      begun(line(1, 'KG', '2', pick(a, '2', '1.999999'))),
      { refused: 'delivery-goes-whole', errors: [{ message: '0.000001 kg of KG is not picked' }] },
    ],
    [
      'of more than five products that are not picked five are named, those that are not known without a unit',
      begun(line(1, 'PX', '1', pick(a, '1', '1')), ...['GONE', 'B', 'C', 'D', 'E', 'F'].map((sku, at) => line(at + 2, sku, '2'))), // prettier-ignore
      { detail: expect.stringContaining(': 2 of GONE, 2 of B, 2 of C, 2 of D, 2 of E and 1 more are not picked.') },
    ],
    [
      'a part of what goes whole, with nobody saying what becomes of the rest',
      begun(line(1, 'PX', '10', pick(a, '10', '10')), line(2, 'RM-A', '8', pick(b, '8', '7.5'))),
      {
        refused: 'delivery-goes-whole',
        detail:
          'WH/OUT/00042 goes whole or not at all: 0.5 kg of RM-A is not picked. Pick it, or say what becomes of the remainder.',
        errors: [{ pointer: '/lines/2', message: '0.5 kg of RM-A is not picked' }],
      },
    ],
    [
      'every line of it that is not whole is named',
      begun(line(1, 'PX', '10', pick(a, '10', '9')), line(2, 'RM-A', '8'), line(3, 'PX', '3', pick(a, '3'))),
      { detail: expect.stringMatching(/: 4 unit of PX, 8 kg of RM-A are not picked\. Pick them, or say/) },
    ],
    ['a product that is not known any more', begun(line(1, 'GONE', '1', pick(a, '1', '1'))), { refused: 'product-unknown' }], // prettier-ignore
    [
      'more picks than a document has lines',
      begun(line(1, 'SER', '1001', ...Array.from({ length: 1001 }, (_, n) => pick(a, '1', '1', { lot: `S${n}` })))),
      { refused: 'delivery-too-long' },
    ],
  ])('%s', (_title, of, expected) =>
    expect(shipDelivery(of, {}, facts())).toMatchObject({ kind: 'state', ...expected }),
  )

  test('asks the ledger for each place and lot from which something was taken', () => {
    const at = new Date('2026-04-01T00:00:00Z')
    expect(
      shipDelivery(part, { effectiveAt: at }, facts({ may: (right) => right === 'effective-at.set' })),
    ).toMatchObject({
      document: { status: 'posting', returnsTo: 'in_progress', attempt: 1, remainder: 'backorder', effectiveAt: at },
      notes: [{ what: 'validated' }],
      events: [
        {
          type: 'validated',
          data: {
            documentId: 'delivery id',
            attempt: 1,
            lines: [
              { line: 1, documentLine: 1, sku: 'PX', quantity: '6', location: a, category: 'Raw' },
              { line: 2, documentLine: 1, sku: 'PX', quantity: '4', location: b },
              { line: 3, documentLine: 2, sku: 'LOT', quantity: '2.5', location: b, lot: 'L1' },
            ],
          },
        },
      ],
    })
  })

  test.each<[string, Delivery, object]>([
    ['whole', begun(line(1, 'PX', '10', pick(a, '10', '10'))), {}],
    ['in part, the rest to follow', whole, { remainder: 'backorder' }],
    ['in part, the rest not wanted', whole, { remainder: 'close' }],
    ['in part, as the order allows', part, {}],
    ['with a millionth', begun(line(1, 'KG', '0.000001', pick(a, '0', '0.000001'))), {}],
    ['with as many picks as a document has', begun(line(1, 'SER', '1000', ...Array.from({ length: 1000 }, (_, n) => pick(a, '1', '1', { lot: `S${n}` })), pick(b, '1', '0', { lot: 'S' }))), {}], // prettier-ignore
  ])(
    'goes %s',
    (_title, of, choice) =>
    expect(shipDelivery(of, choice, facts())).toMatchObject({ document: { status: 'posting', remainder: 'backorder', ...choice } }), // prettier-ignore
  )

  test('the next try has the next number, and no place is scanned any more', () =>
    expect(shipDelivery({ ...whole, attempt: 2, scanLocation: a, problem: 'x' }, { remainder: 'close' }, facts())).toMatchObject({ document: { attempt: 3, scanLocation: null, problem: null, remainder: 'close' } })) // prettier-ignore

  test.each([
    ['draft', false],
    ['waiting', false],
    ['ready', false],
    ['in_progress', false],
    ['posting', true],
    ['done', true],
    ['cancelled', false],
  ] as const)('%s is through this step: %s', (status, is) =>
    expect(shipDelivery(delivery({ status }), {}, facts()) === 'already').toBe(is),
  )
})

describe('D5 What is left', () => {
  test('D5 what was not shipped is left for a backorder, in the base unit', () => {
    const boxes = { ...line(1, 'PX', '48', pick(a, '48', '20')), quantity: q('2'), unit: 'box' }
    const of = begun(boxes, line(2, 'RM-A', '5', pick(b, '5', '5')), line(3, 'RM-B', '1'))
    const unit = (sku: string) => referenceData.products.get(sku)?.unit
    expect(deliveryRemainder({ ...of, remainder: 'backorder' }, unit)).toMatchObject([
      { line: 1, quantity: q('28'), needed: q('28'), unit: 'unit', picks: [], orderLine: 1 },
      { line: 3, quantity: q('1'), unit: 'kg', picks: [] },
    ])
    expect(deliveryRemainder({ ...of, remainder: 'close' }, unit)).toEqual([])
    const least = begun(line(1, 'KG', '5', pick(a, '5', '4.999999')))
    expect(deliveryRemainder(least, () => undefined)).toMatchObject([{ needed: q('0.000001'), unit: 'kg' }])
  })
})

describe('D5 Cancelling', () => {
  const begunAnd = (status: Delivery['status']): Delivery => ({ ...whole, status })
  test.each<[string, Delivery, boolean, object | 'already']>([
    [
      'draft',
      delivery({ status: 'draft', problem: 'x' }),
      false,
      { document: { status: 'cancelled', problem: null }, notes: [{ what: 'cancelled', why: 'x' }] },
    ],
    ['waiting', delivery({ status: 'waiting' }), false, { document: { status: 'cancelled' } }],
    ['ready', delivery(), false, { document: { status: 'cancelled' } }],
    ['begun, by a user', whole, false, { refused: 'cancel-forbidden', kind: 'forbidden', inAnyVersion: true }],
    ['begun and waiting again, by a user', begunAnd('waiting'), false, { refused: 'cancel-forbidden' }],
    ['begun and a draft again, by a user', begunAnd('draft'), false, { refused: 'cancel-forbidden' }],
    ['begun, by a supervisor', whole, true, { document: { status: 'cancelled' } }],
    ['posting', begunAnd('posting'), true, { refused: 'delivery-posted', kind: 'state', inAnyVersion: true }],
    ['done', begunAnd('done'), true, { refused: 'delivery-posted', kind: 'state', inAnyVersion: true }],
    ['cancelled already', begunAnd('cancelled'), false, 'already'],
  ])('%s', (_title, of, may, expected) => {
    const known = facts({ may: (right) => may && right === 'delivery.cancel-in-progress' })
    expect([cancelDelivery(of, { reason: 'x' }, known)]).toMatchObject([expected])
  })
})
