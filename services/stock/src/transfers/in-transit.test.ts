import { describe, expect, test } from '@jest/globals'
import { arrival, decideAndStore, demand, posting, transfer } from '../../test/builders.ts'
import { stocked, told, transit } from '../../test/transfer-builders.ts'
import type { LedgerRequest } from '../ledger/request.ts'

describe('T2: what arrives', () => {
  const sent = () => {
    const workingSet = stocked()
    decideAndStore(
      workingSet,
      transfer(
        1,
        [
          ['PX', '4'],
          ['ML', '3', 'L2'],
          ['SN', '1', 'S1'],
        ],
        { destination: 'WH/Shop' },
      ),
      transfer(2, [['PX', '9']]),
    )
    return workingSet
  }
  const px = (quantity: string, more: object = {}) => ({ sku: 'PX', quantity, ...more })

  test.each<readonly [title: string, steps: readonly LedgerRequest[], outcomes: readonly string[]]>([
    [
      'in part, several times',
      [arrival(1, 2, [px('1')]), arrival(1, 3, [px('3', { to: 'WH/Shop/1' })])],
      [`WH/INT/00001: 1 ${transit} WH/Shop`, `WH/INT/00001: 3 ${transit} WH/Shop/1`],
    ],
    [
      'each attempt once',
      [arrival(1, 2, [px('1')]), arrival(1, 2, [px('1')])],
      [`WH/INT/00001: 1 ${transit} WH/Shop`, 'repeated'],
    ],
    [
      'with lot and serial number',
      [
        arrival(1, 2, [
          { sku: 'ML', quantity: '3', lot: 'L2' },
          { sku: 'SN', quantity: '1', lot: 'S1' },
        ]),
      ],
      [`WH/INT/00001: 3 L2 ${transit} WH/Shop; 1 S1 ${transit} WH/Shop`],
    ],
    [
      'not more than it put in, though another has more there',
      [arrival(1, 2, [px('3'), px('2')])],
      ['WH/INT/00001 refused: not-in-transit'],
    ],
    [
      'no other lot',
      [arrival(1, 2, [{ sku: 'ML', quantity: '1', lot: 'L1' }])],
      ['WH/INT/00001 refused: not-in-transit'],
    ],
    ['nothing of one that was not confirmed', [arrival(3, 1, [px('1')])], ['WH/INT/00003 refused: not-in-transit']],
    ['lost', [arrival(1, 2, [px('4', { to: 'Virtual/Loss' })])], [`WH/INT/00001: 4 ${transit} Virtual/Loss`]],
    ['back to the source', [arrival(1, 2, [px('4', { to: 'WH/Stock/B' })])], [`WH/INT/00001: 4 ${transit} WH/Stock/B`]],
    [
      'in another warehouse, if it likes',
      [arrival(1, 2, [px('4', { to: 'W2/Stock' })])],
      [`WH/INT/00001: 4 ${transit} W2/Stock`],
    ],
    [
      'not at the customer',
      [arrival(1, 2, [px('4', { to: 'Virtual/Customers' })])],
      ['WH/INT/00001 refused: location-not-internal'],
    ],
  ])('%s', (_title, steps, outcomes) => {
    expect(told(decideAndStore(sent(), ...steps).outcomes)).toEqual(outcomes)
  })

  test('a serial number in transit is in stock: it cannot be received again', () => {
    const { outcomes } = decideAndStore(
      sent(),
      posting('receipt', [{ sku: 'SN', quantity: '1', lot: 'S1', location: 'WH/Stock' }]),
    )
    expect(outcomes).toMatchObject([{ outcome: 'refused', code: 'serial-on-hand' }])
  })
})

describe('T2: a relocation is one step', () => {
  const move = (quantity: string, from: string, to: string) => arrival(7, 1, [{ sku: 'PX', quantity, from, to }])

  test.each<readonly [title: string, requests: readonly LedgerRequest[], outcomes: readonly string[]]>([
    ['bin to bin', [move('3', 'WH/Stock/A', 'WH/Stock/B')], ['WH/INT/00007: 3 WH/Stock/A WH/Stock/B']],
    ['not more than is there', [move('11', 'WH/Stock/A', 'WH/Stock/B')], ['WH/INT/00007 refused: not-enough-stock']],
    [
      'not what is reserved',
      [demand(1, [['PX', '15']]), move('3', 'WH/Stock/A', 'WH/Stock/B')],
      ['WH/OUT/00001 has all', 'WH/INT/00007 refused: reserved-for-others'],
    ],
    ['not into another warehouse', [move('3', 'WH/Stock/A', 'W2/Stock')], ['WH/INT/00007 refused: location-elsewhere']],
    ['not out of another one', [move('3', 'W2/Stock', 'WH/Stock/A')], ['WH/INT/00007 refused: location-elsewhere']],
    ['not into transit', [move('3', 'WH/Stock/A', transit)], ['WH/INT/00007 refused: location-not-internal']],
    ['not into nowhere', [move('3', 'WH/Stock/A', 'Virtual/Loss')], ['WH/INT/00007 refused: location-not-internal']],
    [
      'from a dock, of which a delivery is ready then',
      [demand(1, [['PX', '16']]), move('1', 'WH/Input', 'WH/Stock')],
      ['WH/OUT/00001 has not all', 'WH/INT/00007: 1 WH/Input WH/Stock', 'WH/OUT/00001 has all'],
    ],
  ])('%s', (_title, requests, outcomes) => {
    expect(told(decideAndStore(stocked(), ...requests).outcomes)).toEqual(outcomes)
  })
})
