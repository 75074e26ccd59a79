import { describe, expect, test } from '@jest/globals'
import { begun, delivery, line, pick } from '../../test/deliveries-builders.ts'
import { deliveryView, pickListView } from './delivery.view.ts'

const at = new Date('2026-04-24T08:00:00Z')

describe('a delivery as it is answered', () => {
  test('ready: what is to be picked, and nothing yet', () => {
    expect(deliveryView.answer(delivery(), [], false)).toMatchObject({
      number: 'WH/OUT/00042',
      status: 'ready',
      priority: 5,
      createdAt: '2026-04-20T08:00:00.000Z',
      effectiveAt: null,
      position: null,
      lines: [
        {
          line: 1,
          sku: 'PX',
          quantity: '10',
          unit: 'unit',
          picks: [{ location: 'WH/Stock/A1-03', lot: null, quantity: '10', picked: '0', putBack: '0' }],
        },
        { line: 2, quantity: '5' },
      ],
    })
    expect(deliveryView.answer(delivery(), [], false).lines[0]?.picks[0]).not.toHaveProperty('confirmed')
  })

  test.each([
    ['in_progress', true],
    ['posting', true],
    ['done', false],
    ['cancelled', false],
  ] as const)('%s: stock is still to confirm what was picked: %s', (status, isAsked) => {
    const asked = delivery({ status, lines: [line(1, 'PX', '6', pick('WH/Stock', '0', '5', { before: null }))] })
    expect('confirmed' in (deliveryView.answer(asked, [], false).lines[0]?.picks[0] ?? {})).toBe(isAsked)
    expect('confirmed' in (pickListView(asked).items[0] ?? {})).toBe(isAsked)
  })

  test('done: when, and where in the ledger', () => {
    expect(deliveryView.answer(delivery({ status: 'done', position: 17n, effectiveAt: at }), [], false)).toMatchObject({
      effectiveAt: '2026-04-24T08:00:00.000Z',
      position: '17',
    })
  })

  test('with more picked than is wanted: what is to be put back, from the last place first', () => {
    const over = begun(line(1, 'PX', '6', pick('WH/Stock', '0', '5'), pick('WH/Stock/A1-03', '0', '4')))
    expect(deliveryView.answer(over, [], false).lines[0]?.picks).toMatchObject([{ putBack: '0' }, { putBack: '3' }])
    expect(pickListView(over)).toMatchObject({
      number: 'WH/OUT/00042',
      items: [
        { line: 1, sku: 'PX', location: 'WH/Stock', picked: '5', putBack: '0' },
        { line: 1, sku: 'PX', location: 'WH/Stock/A1-03', picked: '4', putBack: '3' },
      ],
    })
  })
})
