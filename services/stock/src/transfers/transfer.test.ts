import { describe, expect, test } from '@jest/globals'
import { arrival, balances, decideAndStore, demand, posting, transfer, uuid } from '../../test/builders.ts'
import { stocked, told, transit } from '../../test/transfer-builders.ts'
import type { LedgerRequest } from '../ledger/request.ts'

describe('T2: what sets out', () => {
  test.each<readonly [title: string, requests: readonly LedgerRequest[], outcomes: readonly string[]]>([
    [
      'all of it, split by place, in the order of removal',
      [transfer(1, [['PX', '12']])],
      [`WH/INT/00001: 10 WH/Stock/A ${transit}; 2 WH/Stock/B ${transit}`],
    ],
    [
      'a lot as FEFO has it, and none that has expired',
      [transfer(1, [['ML', '5']])],
      [`WH/INT/00001: 3 L2 WH/Stock/A ${transit}; 2 L1 WH/Stock/A ${transit}`],
    ],
    [
      'what has expired, where its lot is named',
      [transfer(1, [['ML', '2', 'L3']])],
      [`WH/INT/00001: 2 L3 WH/Stock/A ${transit}`],
    ],
    [
      'a lot that is named before any',
      [
        transfer(1, [
          ['ML', '4'],
          ['ML', '3', 'L2'],
        ]),
      ],
      [`WH/INT/00001: 4 L1 WH/Stock/A ${transit}; 3 L2 WH/Stock/A ${transit}`],
    ],
    [
      'from a dock, where deliveries reserve nothing',
      [transfer(1, [['PX', '6']], { source: 'WH/Input' })],
      [`WH/INT/00001: 6 WH/Input ${transit}`],
    ],
    [
      'from a whole warehouse, but not from within the destination',
      [transfer(1, [['PX', '16']], { source: 'WH', destination: 'WH/Stock' })],
      ['WH/INT/00001 waits'],
    ],
    [
      'to another warehouse, by the transit place of that',
      [transfer(1, [['SN', '1']], { destination: 'W2/Stock' })],
      ['WH/INT/00001: 1 S1 WH/Stock/A Virtual/Transit/W2'],
    ],
    [
      'nothing of what is reserved',
      [demand(9, [['PX', '14']]), transfer(1, [['PX', '2']])],
      ['WH/OUT/00009 has all', 'WH/INT/00001 waits'],
    ],
    [
      'nothing, where one line is short',
      [
        transfer(1, [
          ['PX', '1'],
          ['RM', '1'],
        ]),
      ],
      ['WH/INT/00001 waits'],
    ],
    [
      'the same attempt twice: once',
      [transfer(1, [['PX', '1']]), transfer(1, [['PX', '1']])],
      [`WH/INT/00001: 1 WH/Stock/A ${transit}`],
    ],
  ])('%s', (_title, requests, outcomes) => {
    expect(told(decideAndStore(stocked(), ...requests).outcomes)).toEqual(outcomes)
  })

  test.each<readonly [title: string, request: LedgerRequest, codes: string]>([
    [
      'unknown things, all at once',
      transfer(
        1,
        [
          ['NO', '1'],
          ['ML', '1', 'L9'],
          ['PX', '1', 'L1'],
          ['SV', '1'],
          ['PX', '0.5'],
        ],
        { source: 'WH/No' },
      ),
      'unknown-location, unknown-product, unknown-lot, lot-not-tracked, product-is-service, quantity-too-precise',
    ],
    ['from a virtual place', transfer(1, [['PX', '1']], { source: 'Virtual/Loss' }), 'location-not-internal'],
    ['to a virtual place', transfer(1, [['PX', '1']], { destination: 'Virtual/Scrap' }), 'location-not-internal'],
    ['to where it comes from', transfer(1, [['PX', '1']], { destination: 'WH/Stock' }), 'source-in-destination'],
    [
      'to what it is in',
      transfer(1, [['PX', '1']], { source: 'WH/Shop/1', destination: 'WH/Shop' }),
      'source-in-destination',
    ],
    ['from another warehouse than its own', transfer(1, [['PX', '1']], { source: 'W2/Stock' }), 'location-elsewhere'],
    ['to a place that is closed', transfer(1, [['PX', '1']], { destination: 'WH/Old' }), 'location-inactive'],
    [
      'counted in another unit',
      {
        ...transfer(1, []),
        lines: [
          {
            line: 1,
            sku: 'PX',
            quantity: transfer(1, [['PX', '1']]).lines[0]!.quantity,
            lot: null,
            unit: 'box',
            category: 'Goods',
          },
        ],
      },
      'unit-changed',
    ],
    ['two of a serial number', transfer(1, [['SN', '2', 'S1']]), 'serial-not-one'],
    [
      'in the future',
      transfer(1, [['PX', '1']], { effectiveAt: Date.UTC(2040, 1), effectiveAtStated: true }),
      'effective-in-future',
    ],
  ])('refused: %s', (_title, request, codes) => {
    const workingSet = stocked()
    const before = balances(workingSet)
    expect(told(decideAndStore(workingSet, request).outcomes)).toEqual([`WH/INT/00001 refused: ${codes}`])
    expect(balances(workingSet)).toEqual(before)
    expect(decideAndStore(workingSet, request).outcomes).toEqual([])
  })
})

describe('T2: a transfer that waits', () => {
  const received = (quantity: string, place: string, sku = 'RM') =>
    posting('receipt', [{ sku, quantity, location: place }], { number: 'IN' })

  test.each<readonly [title: string, requests: readonly LedgerRequest[], outcomes: readonly string[]]>([
    [
      'sets out once all is there',
      [
        transfer(1, [
          ['RM', '3'],
          ['PX', '1'],
        ]),
        received('2', 'WH/Stock'),
        received('1', 'WH/Stock/B'),
      ],
      [
        'WH/INT/00001 waits',
        'IN: 2 Virtual/Vendors WH/Stock',
        'IN: 1 Virtual/Vendors WH/Stock/B',
        `WH/INT/00001: 2 WH/Stock ${transit}; 1 WH/Stock/B ${transit}; 1 WH/Stock/A ${transit}`,
      ],
    ],
    [
      'not of what comes elsewhere',
      [transfer(1, [['RM', '3']]), received('9', 'WH/Input')],
      ['WH/INT/00001 waits', 'IN: 9 Virtual/Vendors WH/Input'],
    ],
    [
      'at a dock, too',
      [transfer(1, [['RM', '3']], { source: 'WH/Input' }), received('9', 'WH/Input')],
      ['WH/INT/00001 waits', 'IN: 9 Virtual/Vendors WH/Input', `WH/INT/00001: 3 WH/Input ${transit}`],
    ],
    [
      'has its turn among deliveries',
      [transfer(2, [['RM', '4']]), demand(3, [['RM', '4']]), demand(1, [['RM', '4']]), received('8', 'WH/Stock')],
      [
        'WH/INT/00002 waits',
        'WH/OUT/00003 has not all',
        'WH/OUT/00001 has not all',
        'IN: 8 Virtual/Vendors WH/Stock',
        `WH/INT/00002: 4 WH/Stock ${transit}`,
        'WH/OUT/00001 has all',
      ],
    ],
    [
      'gives way to what is more urgent',
      [transfer(1, [['RM', '4']]), demand(3, [['RM', '6']], { priority: 0 }), received('8', 'WH/Stock')],
      ['WH/INT/00001 waits', 'WH/OUT/00003 has not all', 'IN: 8 Virtual/Vendors WH/Stock', 'WH/OUT/00003 has all'],
    ],
    [
      'holds nothing',
      [transfer(1, [['PX', '16']]), demand(2, [['PX', '15']])],
      ['WH/INT/00001 waits', 'WH/OUT/00002 has all'],
    ],
    [
      'takes what a delivery gives back',
      [demand(2, [['PX', '15']]), transfer(1, [['PX', '15']]), { action: 'release', documentId: uuid(2) }],
      ['WH/OUT/00002 has all', 'WH/INT/00001 waits', `WH/INT/00001: 10 WH/Stock/A ${transit}; 5 WH/Stock/B ${transit}`],
    ],
    [
      'is gone once it is cancelled',
      [transfer(1, [['RM', '3']]), { action: 'end-transfer', documentId: uuid(1) }, received('3', 'WH/Stock')],
      ['WH/INT/00001 waits', 'IN: 3 Virtual/Vendors WH/Stock'],
    ],
    [
      'is confirmed anew, as it is then',
      [transfer(1, [['RM', '3']]), transfer(1, [['RM', '1']], { revision: 2, attempt: 2 }), received('1', 'WH/Stock')],
      [
        'WH/INT/00001 waits',
        'WH/INT/00001 waits',
        'IN: 1 Virtual/Vendors WH/Stock',
        `WH/INT/00001: 1 WH/Stock ${transit}`,
      ],
    ],
    [
      'that has set out is not confirmed anew, and a cancellation comes too late',
      [
        transfer(1, [['PX', '1']]),
        { action: 'end-transfer', documentId: uuid(1) },
        transfer(1, [['PX', '1']], { revision: 2, attempt: 2 }),
        arrival(1, 3, [{ sku: 'PX', quantity: '1' }]),
      ],
      [
        `WH/INT/00001: 1 WH/Stock/A ${transit}`,
        'WH/INT/00001 refused: already-sent',
        `WH/INT/00001: 1 ${transit} WH/Shop`,
      ],
    ],
  ])('%s', (_title, requests, outcomes) => {
    expect(told(decideAndStore(stocked(), ...requests).outcomes)).toEqual(outcomes)
  })

  test('sets out in the name of who confirmed it, when it does', () => {
    const confirmedBy = { id: 'ana', name: 'Ana' }
    const { outcomes } = decideAndStore(
      stocked(),
      transfer(1, [['RM', '3']], { confirmedBy, effectiveAt: 5, effectiveAtStated: true }),
      received('3', 'WH/Stock'),
    )
    const posted = outcomes.at(-1)
    expect(posted).toMatchObject({ outcome: 'posted', by: confirmedBy, cause: 1 })
    expect(posted).toMatchObject({
      posting: { effectiveAt: posted !== undefined && 'recordedAt' in posted ? posted.recordedAt : 0 },
    })
  })
})
