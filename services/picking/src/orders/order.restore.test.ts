import { expect, test } from '@jest/globals'
import { order, orderLine } from '../../test/builders.ts'
import { latestOf, restoredOrder, type PublishedOrderChange, type OrderProgress } from './order.restore.ts'
import { standingOf, unknownFingerprint } from './order.ts'

const told: OrderProgress = {
  kind: 'purchase',
  source: '/erp/purchase',
  orderNumber: 'PO-2026-001',
  revision: 2,
  warehouse: 'WH',
  cancelled: false,
  confirmedAt: new Date('2026-04-20T08:00:00Z'),
}
const incoming = (revision: number, change: 'confirmed' | 'amended' | 'cancelled'): PublishedOrderChange => ({
  incoming: {
    change,
    orderNumber: told.orderNumber,
    revision,
    content: change === 'cancelled' ? null : order(revision, orderLine(1, 'RM-A', String(revision))).content,
    reason: null,
  },
  fingerprint: `of ${String(revision)}`,
})
const [first, second] = [incoming(1, 'confirmed'), incoming(2, 'amended')]

test.each([
  ['known at that revision', order(2), [first, second], undefined],
  ['known at a later one', order(3), [], undefined],
  ['told whole', undefined, [first, second], { revision: 2, fingerprint: 'of 2', status: 'open', lines: 1 }],
  [
    'known before, and its change told',
    order(1),
    [second],
    { revision: 2, fingerprint: 'of 2', status: 'open', lines: 1 },
  ],
  [
    'cancelled',
    undefined,
    [first, incoming(2, 'cancelled')],
    { revision: 2, fingerprint: 'of 2', status: 'cancelled', lines: 1 },
  ],
  ['told in part', undefined, [first], { revision: 2, fingerprint: unknownFingerprint, status: 'open', lines: 1 }],
  ['told by nobody', undefined, [], { revision: 2, fingerprint: unknownFingerprint, status: 'open', lines: 0 }],
  [
    'cancelled before anything',
    undefined,
    [incoming(2, 'cancelled')],
    { revision: 2, fingerprint: unknownFingerprint, lines: 0 },
  ],
  [
    'known, its change told by nobody',
    order(1, orderLine(1, 'RM-A', '1')),
    [],
    { fingerprint: unknownFingerprint, lines: 1 },
  ],
])('an order is brought to the revision that its documents name: %s', (_what, known, heard, expected) => {
  const after = restoredOrder(told, known, heard, 'new id')
  if (expected === undefined) {
    expect(after).toBeUndefined()
    return
  }
  const { lines, ...rest } = expected
  expect(after).toMatchObject({ ...rest, id: known?.id ?? 'new id', orderNumber: told.orderNumber })
  expect(after?.content.lines).toHaveLength(lines)
})

test('what was missing of a revision is no contradiction when it comes, whatever it says', () => {
  const bare = restoredOrder(told, undefined, [], 'new id')
  const standings = [1, 2, 3].map((revision) => standingOf(bare, { change: 'amended', revision }, 'any'))
  expect(standings).toEqual(['older', 'untold', 'newer'])
})

test('of several documents of an order the latest revision counts', () => {
  const later = { ...told, revision: 5, cancelled: true }
  expect(latestOf([told, later, { ...told, orderNumber: 'other' }, { ...told, revision: 1 }])).toEqual([
    later,
    { ...told, orderNumber: 'other' },
  ])
})
