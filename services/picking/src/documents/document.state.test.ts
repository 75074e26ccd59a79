import { describe, expect, test } from '@jest/globals'
import { begun, delivery, line, pick, waiting } from '../../test/deliveries-builders.ts'
import { counted, entry, facts, line as receiptLine, receipt } from '../../test/builders.ts'
import { parseQuantity } from '@stockline/amounts'
import type { ExpectedState } from '@stockline/contracts'
import { deliveryStates } from '../deliveries/delivery.floor.ts'
import type { Delivery } from '../deliveries/delivery.ts'
import { receiptStates } from '../receipts/receipt.floor.ts'
import type { RejectedGoods } from '../receipts/receipt.rejected.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { afterChange, unpublished, type DocumentState } from './document.state.ts'
import { publishEach } from './document.states.actions.ts'

const at = '2026-04-20T08:00:00.000Z'
const { referenceData } = facts()
const a = 'WH/Stock/A1-03'
const b = 'WH/Stock/B2-01'

interface Said {
  readonly picked: readonly { location: string; sku: string; lot?: string; quantity: string }[]
  readonly put: readonly (Said['picked'][number] & { status?: string })[]
}
const shown = (states: readonly DocumentState[]) => {
  const [state] = states
  const { picked, put } = state!.data as Said
  const texts = [
    ...picked.map((one) => ['-', { ...one, status: '' }] as const),
    ...put.map((one) => ['+', one] as const),
  ]
  expect(state!.isEmpty).toBe(texts.length === 0)
  return texts.map(([sign, { location, sku, lot, quantity, status }]) =>
    `${sign}${quantity} ${sku} ${location} ${lot ?? ''} ${status ?? ''}`.trim(),
  )
}

describe('the floor of a delivery', () => {
  const two = (picked: string | null, other: string | null = null) =>
    line(1, 'PX', '10', pick(a, '6', picked), pick(b, '4', other))
  test.each<[string, Delivery, readonly string[]]>([
    ['reserved, and nothing is picked', delivery(), []],
    ['somebody found nothing', begun(two('0')), []],
    ['some is picked', begun(two('6')), ['-6 PX WH/Stock/A1-03']],
    ['from two places', begun(two('6', '2')), ['-6 PX WH/Stock/A1-03', '-2 PX WH/Stock/B2-01']],
    [
      'two lines of one place',
      begun(line(1, 'PX', '10', pick(a, '1', '1')), line(2, 'PX', '10', pick(a, '2', '2'))),
      ['-3 PX WH/Stock/A1-03'],
    ],
    [
      'lots apart',
      begun(line(1, 'LOT', '2', pick(a, '1', '1', { lot: 'X' }), pick(a, '1', '1', { lot: 'Y' }))),
      ['-1 LOT WH/Stock/A1-03 X', '-1 LOT WH/Stock/A1-03 Y'],
    ],
    ['cancelled, and to be put back', { ...begun(two('6')), status: 'cancelled' }, ['-6 PX WH/Stock/A1-03']],
    ['waiting again', { ...begun(two('6')), status: 'waiting' }, ['-6 PX WH/Stock/A1-03']],
  ])('%s', (_title, of, expected) => expect(shown(deliveryStates.of(of, at, referenceData))).toEqual(expected))
})

describe('the floor of a receipt', () => {
  const entered = (...entries: Receipt['lines'][number]['entries'] & object) =>
    counted(receiptLine(1, 'RM-A', '100', '1', { entries }))
  const held = (quantity: string, status: RejectedGoods['status'], location: string | null = null): RejectedGoods => ({
    ...{ quantity: parseQuantity(quantity), reason: 'damaged', to: 'hold', location, status },
  })
  test.each<[string, Receipt, readonly string[]]>([
    ['not counted', receipt(), []],
    ['nothing came', entered(entry('0')), []],
    ['at its destination', entered(entry('60')), ['+60 RM-A WH/Stock']],
    ['in its base unit', entered(entry('500', { unit: 'g' })), ['+0.5 RM-A WH/Stock']],
    [
      'at two places',
      entered(entry('60'), entry('1', { destination: a }), entry('2', { destination: a })),
      ['+60 RM-A WH/Stock', '+3 RM-A WH/Stock/A1-03'],
    ],
    [
      'rejected and held, apart from what is available there; what goes back is put nowhere',
      entered(
        entry('60', { rejected: held('2', null) }),
        entry('1', { rejected: held('3', 'damaged', a) }),
        entry('0', { rejected: { ...held('5', null), to: 'vendor' } }),
      ),
      ['+2 RM-A WH/Stock  quarantine', '+61 RM-A WH/Stock', '+3 RM-A WH/Stock/A1-03  damaged'],
    ],
    ['in a unit that is not known any more', entered(entry('60', { unit: 'crate' })), []],
    ['of a product that is not known', counted(receiptLine(1, 'NEW', '1', '1')), []],
    ['in review', { ...entered(entry('60')), status: 'in_review' }, ['+60 RM-A WH/Stock']],
    ['cancelled', { ...entered(entry('60')), status: 'cancelled' }, []],
  ])('%s', (_title, of, expected) => expect(shown(receiptStates.of(of, at, referenceData))).toEqual(expected))
})

describe('what is still to come by a receipt', () => {
  const of = (...lines: Receipt['lines'][number][]) => receipt({ lines })
  const ownDay = { order: {}, lines: { 1: { scheduledDate: '2026-05-01' }, 2: { scheduledDate: '2026-04-23' } } }
  test.each<[string, Receipt, readonly string[]]>([
    ['as ordered', receipt(), ['1 100 kg RM-A', '2 50 kg RM-B']],
    ['in the base unit', of(receiptLine(1, 'PX', '2', null, { unit: 'box' })), ['1 48 unit PX']],
    ['what is counted is not posted', counted(receiptLine(1, 'RM-A', '100', '60')), ['1 100 kg RM-A']],
    ['also in review', receipt({ status: 'in_review' }), ['1 100 kg RM-A', '2 50 kg RM-B']],
    ['a line of another day', receipt({ details: ownDay }), ['1 100 kg RM-A 2026-05-01', '2 50 kg RM-B']],
    ['what nobody ordered', counted(receiptLine(1, 'RM-A', '0', '60')), []],
    ['of a product that is not known', of(receiptLine(1, 'NEW', '1')), []],
    ['in a unit that does not convert', of(receiptLine(1, 'RM-A', '1', null, { unit: 'crate' })), []],
    ['cancelled', receipt({ status: 'cancelled' }), []],
  ])('%s', (_title, one, expected) => {
    const [, state] = receiptStates.of(one, at, referenceData)
    const { lines } = state!.data as ExpectedState
    const texts = lines.map((each) => `${each.line} ${each.quantity} ${each.unit} ${each.sku} ${each.expectedOn ?? ''}`)
    expect(texts.map((text) => text.trim())).toEqual(expected)
    expect([state!.name, state!.isEmpty]).toEqual(['expected', expected.length === 0])
  })

  test.each<[string, Partial<Receipt>, Partial<ExpectedState>]>([
    [
      'its order, vendor and day',
      {},
      {
        order: { source: '/erp/purchase', orderNumber: 'PO-2026-001' },
        vendor: { code: 'ACME', name: 'Acme Supplies' },
        expectedOn: '2026-04-23',
        destination: 'WH/Stock',
      },
    ],
    [
      'none of them, made by hand',
      { orderSource: null, vendor: null, scheduledDate: null },
      { destination: 'WH/Stock' },
    ],
  ])('names %s', (_title, over, expected) => {
    const [, state] = receiptStates.of(receipt(over), at, referenceData)
    const { documentId, number, warehouse, at: changedAt, lines, ...named } = state!.data as ExpectedState
    expect([documentId, number, warehouse, changedAt, lines.length]).toEqual(['receipt id', 'WH/IN/00042', 'WH', at, 2])
    expect(named).toEqual(expected)
  })

  test.each<[string, Receipt | undefined, Receipt, string]>([
    ['a new one is looked at', undefined, receipt(), 'look'],
    ['one that is cancelled too', receipt(), receipt({ status: 'cancelled' }), 'look'],
    ['one that is posted is left', receipt(), receipt({ status: 'posting' }), 'leave'],
  ])('%s', (_title, before, after, expected) => expect(afterChange(receiptStates, before, after)).toBe(expected))
})

describe('after a change', () => {
  const picked = begun(line(1, 'PX', '10', pick(a, '10', '4')))
  test.each<[string, Delivery | undefined, Delivery, string]>([
    ['a new one has nothing to say', undefined, waiting(), 'nothing'],
    ['one that is reserved neither', waiting(), delivery(), 'nothing'],
    ['a pick is looked at', delivery(), picked, 'look'],
    ['that it is put back too', picked, delivery(), 'look'],
    ['one that is cancelled too', picked, { ...picked, status: 'cancelled' }, 'look'],
    ['one that is refused too', { ...picked, status: 'posting' }, picked, 'look'],
    ['one that is posted is left', picked, { ...picked, status: 'posting' }, 'leave'],
    ['and stays', { ...picked, status: 'posting' }, { ...picked, status: 'done' }, 'leave'],
  ])('%s', (_title, before, after, expected) => expect(afterChange(deliveryStates, before, after)).toBe(expected))
})

describe('what is published', () => {
  const [full, other, empty] = [
    begun(line(1, 'PX', '10', pick(a, '10', '4'))),
    begun(line(1, 'PX', '10', pick(a, '10', '5'))),
    delivery(),
  ].map((one) => deliveryStates.of(one, at, referenceData)[0]!)
  const digest = (content: string) => `#${content}`
  const later = deliveryStates.of(
    begun(line(1, 'PX', '10', pick(a, '10', '4'))),
    '2027-01-01T00:00:00Z',
    referenceData,
  )[0]!
  test.each<[string, DocumentState, DocumentState | undefined, number]>([
    ['the first', full!, undefined, 1],
    ['the same again is not', full!, full, 0],
    ['nor later', later, full, 0],
    ['another', other!, full, 1],
    ['nothing any more', empty!, full, 1],
    ['nothing as yet is not', empty!, undefined, 0],
  ])('%s', (_title, now, before, events) => {
    const known = before === undefined ? {} : { floor: digest(before.content) }
    const found = unpublished([now], known, digest)
    expect(found.events).toHaveLength(events)
    expect(found.published).toEqual(now.isEmpty ? {} : { floor: digest(now.content) })
  })
})

describe('what fails does not hold up what comes behind it', () => {
  test.each([
    ['all is published', '', 'abcd', { isWhole: true, stoppedAt: null }],
    ['one fails: the rest is published', 'a', 'abcd', { isWhole: false, stoppedAt: null }],
    ['several fail, not in a row', 'abde', 'abcdef', { isWhole: false, stoppedAt: null }],
    ['three in a row: it goes on behind them later', 'bcd', 'abcd', { isWhole: false, stoppedAt: 'd' }],
  ])('%s', async (_title, bad, tried, expected) => {
    const seen: string[] = []
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, expected.stoppedAt === null ? tried.length : undefined)
    const came = await publishEach(ids, (id) => {
      seen.push(id)
      return Promise.resolve(!bad.includes(id))
    })
    expect([came, seen.join('')]).toEqual([expected, tried])
  })
})
