import { describe, expect, test } from '@jest/globals'
import { formatQuantity, quantity } from '@stockline/amounts'
import {
  cancelled,
  day,
  decideAndStore,
  need,
  noon,
  place,
  posting,
  product,
  uuid,
  warehouse,
} from '../../test/builders.ts'
import type { Product, RemovalRule, RemovalStrategy } from '../ledger/facts.ts'
import { type Picture, quantOf } from '../ledger/picture.ts'
import { setBalance } from '../ledger/quant.ts'

/** What a delivery has, as `place lot quantity`. */
function claims(picture: Picture, n: number): string[] {
  return (picture.needs.get(uuid(n))?.claims ?? []).map(({ quant, quantity: q }) =>
    [quant.place.code, quant.lot?.code, formatQuantity(quantity(q))].filter((part) => part !== undefined).join(' '),
  )
}

function received(
  sku: string,
  q: string,
  location = 'WH/A',
  more: { lot?: string; expiresOn?: string; at?: number } = {},
) {
  const { at = noon, ...line } = more
  return posting('receipt', [{ sku, quantity: q, location, ...line }], { effectiveAt: at })
}

function outcomes(decision: ReturnType<typeof decideAndStore>): string[] {
  return decision.outcomes.map((one) => {
    if (one.outcome === 'reserved') return `reserved ${one.need.number.slice(-1)}${one.complete ? '' : ' in part'}`
    if (one.outcome === 'released') return `released ${one.need.number.slice(-1)} ${one.code}`
    return one.outcome
  })
}

describe('who gets what there is', () => {
  const small = () => warehouse([product('PX'), product('PY')], [place('WH/A'), place('WH/B')])

  test('a delivery is reserved as a whole', () => {
    const picture = small()
    decideAndStore(picture, received('PX', '10'), received('PY', '5', 'WH/B'))
    expect(
      outcomes(
        decideAndStore(
          picture,
          need(1, [
            ['PX', '10'],
            ['PY', '5'],
          ]),
        ),
      ),
    ).toEqual(['reserved 1'])
    expect(claims(picture, 1)).toEqual(['WH/A 10', 'WH/B 5'])
  })

  test('or not at all', () => {
    const picture = small()
    decideAndStore(picture, received('PX', '10'), received('PY', '4'))
    expect(
      outcomes(
        decideAndStore(
          picture,
          need(1, [
            ['PX', '10'],
            ['PY', '5'],
          ]),
        ),
      ),
    ).toEqual(['reserved 1 in part'])
    expect(claims(picture, 1)).toEqual([])
    expect(claims(picture, 2)).toEqual([])
  })

  test('two lines of one product together need what both say', () => {
    const picture = small()
    decideAndStore(
      picture,
      received('PX', '10'),
      need(1, [
        ['PX', '6'],
        ['PX', '6'],
      ]),
      need(2, [
        ['PX', '6'],
        ['PX', '4'],
      ]),
    )
    expect(claims(picture, 1)).toEqual([])
    expect(claims(picture, 2)).toEqual(['WH/A 6', 'WH/A 4'])
  })

  test('unless it allows part: then it has what there is, and gets the rest later', () => {
    const picture = small()
    decideAndStore(
      picture,
      received('PX', '3'),
      need(
        1,
        [
          ['PX', '10'],
          ['PY', '5'],
        ],
        { allowPartial: true },
      ),
    )
    expect(claims(picture, 1)).toEqual(['WH/A 3'])
    expect(outcomes(decideAndStore(picture, received('PX', '4')))).toEqual(['posted', 'reserved 1 in part'])
    expect(claims(picture, 1)).toEqual(['WH/A 7'])
    expect(outcomes(decideAndStore(picture, received('PX', '4'), received('PY', '9')))).toEqual([
      'posted',
      'reserved 1 in part',
      'posted',
      'reserved 1',
    ])
    expect(claims(picture, 1)).toEqual(['WH/A 10', 'WH/A 5'])
  })

  test.each([
    ['the lower priority number', need(1, [['PX', '5']], { priority: 3 }), need(2, [['PX', '5']], { priority: 2 })],
    [
      'the earlier scheduled date',
      need(1, [['PX', '5']], { scheduledDate: '2026-05-02', orderedAt: noon }),
      need(2, [['PX', '5']], { scheduledDate: '2026-05-01', orderedAt: noon + 1 }),
    ],
    [
      'a scheduled date before none',
      need(1, [['PX', '5']], { orderedAt: noon }),
      need(2, [['PX', '5']], { scheduledDate: '2030-01-01', orderedAt: noon + 1 }),
    ],
    ['the earlier order', need(1, [['PX', '5']], { orderedAt: noon + 9 }), need(2, [['PX', '5']], { orderedAt: noon })],
    ['the lower id', need(3, [['PX', '5']], { orderedAt: noon }), need(2, [['PX', '5']], { orderedAt: noon })],
  ])('what arrives goes first to %s', (_, later, earlier) => {
    const picture = small()
    decideAndStore(picture, later, earlier, received('PX', '5'))
    expect(claims(picture, 2)).toEqual(['WH/A 5'])
  })

  test('what the first cannot use goes to the next', () => {
    const picture = small()
    decideAndStore(picture, need(1, [['PX', '10']]), need(2, [['PX', '4']]), received('PX', '5'))
    expect(claims(picture, 1)).toEqual([])
    expect(claims(picture, 2)).toEqual(['WH/A 4'])
  })

  test('a delivery short of two products is ready once both have come, in either order', () => {
    for (const order of [
      ['PX', 'PY'],
      ['PY', 'PX'],
    ] as const) {
      const picture = small()
      decideAndStore(
        picture,
        need(1, [
          ['PX', '1'],
          ['PY', '1'],
        ]),
        received(order[0], '1'),
      )
      expect(claims(picture, 1)).toEqual([])
      decideAndStore(picture, received(order[1], '1'))
      expect(claims(picture, 1)).toHaveLength(2)
    }
  })

  test('cancelling frees, and the next one is ready', () => {
    const picture = small()
    decideAndStore(picture, received('PX', '5'), need(1, [['PX', '5']]), need(2, [['PX', '5']]))
    expect(outcomes(decideAndStore(picture, cancelled(1)))).toEqual(['reserved 2'])
    expect(claims(picture, 1)).toEqual([])
  })

  test('amending reserves anew, and what is left over is offered', () => {
    const picture = small()
    decideAndStore(picture, received('PX', '5'), need(1, [['PX', '5']]), need(2, [['PX', '2']]))
    const decision = decideAndStore(picture, need(1, [['PX', '3']], { revision: 2 }))
    expect(outcomes(decision)).toEqual(['reserved 1', 'reserved 2'])
    expect(outcomes(decideAndStore(picture, need(1, [['PX', '9']], { revision: 3 })))).toEqual([
      'released 1 amended',
      'reserved 1 in part',
    ])
    expect(outcomes(decideAndStore(picture, need(1, [['PX', '1']], { revision: 2 })))).toEqual([])
  })

  test('a delivery for an unknown product is refused with every line', () => {
    const picture = small()
    const [refused] = decideAndStore(
      picture,
      need(1, [
        ['NO', '1'],
        ['PX', '0.0001'],
        ['PX', '1'],
      ]),
    ).outcomes
    expect(refused).toMatchObject({ outcome: 'refused', code: 'several-faults' })
    expect(refused).toHaveProperty('faults', [
      expect.objectContaining({ line: 1, code: 'unknown-product' }),
      expect.objectContaining({ line: 2, code: 'quantity-too-precise' }),
    ])
  })

  test('a delivery that counted in a unit which the product no longer has is refused', () => {
    const picture = small()
    decideAndStore(picture, received('PX', '10'))
    const lines = [{ line: 1, sku: 'PX', quantity: 2_000_000n, unit: 'lb' }]
    const [refused] = decideAndStore(picture, need(1, [], { lines })).outcomes
    expect(refused).toMatchObject({
      outcome: 'refused',
      code: 'unit-changed',
      detail: expect.stringContaining('PX is kept in kg by now; this was counted in lb.'),
    })
    const own = [{ line: 1, sku: 'PX', quantity: 2_000_000n, unit: 'kg' }]
    expect(decideAndStore(picture, need(2, [], { lines: own })).outcomes).toMatchObject([{ outcome: 'reserved' }])
  })

  test.each([
    ['in twos', '2', 50, 100n],
    ['in threes', '3', 33, 99n],
  ])('64 deliveries %s race for 100 units', (_, each, ready, reserved) => {
    const picture = small()
    decideAndStore(picture, received('PX', '100'))
    for (let n = 1; n <= 64; n++) decideAndStore(picture, need(n, [['PX', each]]))
    expect([...picture.needs.values()].filter((one) => one.claims.length > 0)).toHaveLength(ready)
    const all = [...(picture.quants.get('product-PX')?.values() ?? [])]
    expect(all.reduce((sum, quant) => sum + quant.reserved, 0n)).toBe(reserved * 1_000_000n)
  })
})

describe('what may be reserved', () => {
  test.each([
    ['not reservable', place('WH/Z', { reservable: false })],
    ['not active', place('WH/Z', { active: false })],
    ['of another warehouse', place('W2/Z')],
    ['in transit', place('WH/Z', { type: 'transit' })],
  ])('nothing at a location that is %s', (_, elsewhere) => {
    const px = product('PX')
    const picture = warehouse([px], [elsewhere])
    setBalance(quantOf(picture, px, elsewhere, null, 'available'), 5_000_000n, 0n)
    decideAndStore(picture, need(1, [['PX', '5']]))
    expect(claims(picture, 1)).toEqual([])
  })

  test("no lot that has expired, on the company's date; one that expires today", () => {
    const picture = warehouse([product('ML', { tracking: 'lot' })], [place('WH/A')])
    decideAndStore(picture, received('ML', '5', 'WH/A', { lot: 'OLD', expiresOn: '2026-04-19' }))
    decideAndStore(picture, need(1, [['ML', '5']]))
    expect(claims(picture, 1)).toEqual([])
    decideAndStore(picture, received('ML', '5', 'WH/A', { lot: 'TODAY', expiresOn: '2026-04-20' }))
    expect(claims(picture, 1)).toEqual(['WH/A TODAY 5'])
  })

  test('nothing of a damaged quant', () => {
    const picture = warehouse([product('PX')], [place('WH/A')])
    decideAndStore(
      picture,
      posting('adjustment', [{ sku: 'PX', quantity: '5', status: 'damaged' }]),
      need(1, [['PX', '1']]),
    )
    expect(claims(picture, 1)).toEqual([])
  })
})

describe('removal strategies', () => {
  const places = [
    place('WH/A', { pickSequence: 3 }),
    place('WH/B', { pickSequence: 2 }),
    place('WH/C', { pickSequence: 1 }),
  ]
  function picked(strategy: RemovalStrategy | null, tracked: Product, rules?: readonly RemovalRule[]): string[] {
    const picture = warehouse(
      [tracked],
      places,
      rules ?? (strategy ? [{ warehouse: null, category: null, strategy }] : []),
    )
    const lot = (code: string, expiresOn: string) => (tracked.tracking === 'none' ? {} : { lot: code, expiresOn })
    decideAndStore(
      picture,
      received(tracked.sku, '1', 'WH/B', { ...lot('L2', '2026-06-01'), at: noon - 3 * day }),
      received(tracked.sku, '1', 'WH/A', { ...lot('L1', '2026-07-01'), at: noon - 2 * day }),
      received(tracked.sku, '1', 'WH/C', { ...lot('L3', '2026-05-01'), at: noon - 2 * day }),
      received(tracked.sku, '1', 'WH/B', { ...lot('L2', '2026-06-01'), at: noon - 1 * day }),
      need(1, [[tracked.sku, '4']]),
    )
    return claims(picture, 1).map((claim) => claim.split(' ')[0] ?? '')
  }
  const plain = product('PX')
  const lots = product('ML', { tracking: 'lot' })

  test.each([
    [
      'fifo: what arrived first, later arrivals make nothing younger, ties by code',
      'fifo',
      plain,
      ['WH/B', 'WH/A', 'WH/C'],
    ],
    ['lifo: what arrived last', 'lifo', plain, ['WH/A', 'WH/C', 'WH/B']],
    ['closest: by pick sequence', 'closest', plain, ['WH/C', 'WH/B', 'WH/A']],
    ['fefo: what expires first', 'fefo', lots, ['WH/C', 'WH/B', 'WH/A']],
    ['without a rule, fifo for what has no lot', null, plain, ['WH/B', 'WH/A', 'WH/C']],
    ['without a rule, fefo for lots', null, lots, ['WH/C', 'WH/B', 'WH/A']],
  ] as const)('%s', (_, strategy, tracked, expected) => {
    expect(picked(strategy, tracked)).toEqual(expected)
  })

  test('the narrowest rule wins', () => {
    const rules: RemovalRule[] = [
      { warehouse: 'WH', category: null, strategy: 'closest' },
      { warehouse: null, category: 'Goods', strategy: 'lifo' },
      { warehouse: 'W2', category: 'Goods', strategy: 'fifo' },
    ]
    expect(picked(null, plain, rules)).toEqual(['WH/A', 'WH/C', 'WH/B'])
    expect(picked(null, product('PX', { category: 'Other' }), rules)).toEqual(['WH/C', 'WH/B', 'WH/A'])
  })
})

describe('stock that is gone', () => {
  test('is taken from the least urgent, who waits again and is offered what is free elsewhere', () => {
    const picture = warehouse([product('PX')], [place('WH/A'), place('WH/B')])
    decideAndStore(picture, received('PX', '10'), need(1, [['PX', '4']]), need(2, [['PX', '4']], { priority: 1 }))
    const lost = decideAndStore(picture, posting('adjustment', [{ sku: 'PX', quantity: '-5' }]))
    expect(outcomes(lost)).toEqual(['posted', 'released 1 stock-gone'])
    expect(claims(picture, 2)).toEqual(['WH/A 4'])
    expect(outcomes(decideAndStore(picture, received('PX', '3', 'WH/B')))).toEqual(['posted', 'reserved 1'])
    expect(claims(picture, 1)).toEqual(['WH/A 1', 'WH/B 3'])
  })

  test('a delivery that allows part loses only what is gone', () => {
    const picture = warehouse([product('PX'), product('PY')], [place('WH/A'), place('WH/B')])
    decideAndStore(picture, received('PX', '4'), received('PY', '4'))
    decideAndStore(
      picture,
      need(
        1,
        [
          ['PX', '4'],
          ['PY', '4'],
        ],
        { allowPartial: true },
      ),
    )
    const lost = decideAndStore(picture, posting('adjustment', [{ sku: 'PX', quantity: '-1' }]))
    expect(outcomes(lost)).toEqual(['posted', 'released 1 stock-gone', 'reserved 1 in part', 'reserved 1 in part'])
    expect(claims(picture, 1)).toEqual(['WH/A 4', 'WH/A 3'])
  })
})
