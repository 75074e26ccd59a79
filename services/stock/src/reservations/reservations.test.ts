import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import { cancelled, decideAndStore, demand, noon, location, posting, product, warehouse } from '../../test/builders.ts'
import { allocations, outcomes, received } from '../../test/reservations-builders.ts'
import { addToSupply } from '../ledger/working-set.ts'

describe('who gets what there is', () => {
  const small = () => warehouse([product('PX'), product('PY')], [location('WH/A'), location('WH/B')])

  test('a delivery is reserved as a whole', () => {
    const workingSet = small()
    decideAndStore(workingSet, received('PX', '10'), received('PY', '5', 'WH/B'))
    expect(
      outcomes(
        decideAndStore(
          workingSet,
          demand(1, [
            ['PX', '10'],
            ['PY', '5'],
          ]),
        ),
      ),
    ).toEqual(['reserved 1'])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 10', 'WH/B 5'])
  })

  test('or not at all', () => {
    const workingSet = small()
    decideAndStore(workingSet, received('PX', '10'), received('PY', '4'))
    expect(
      outcomes(
        decideAndStore(
          workingSet,
          demand(1, [
            ['PX', '10'],
            ['PY', '5'],
          ]),
        ),
      ),
    ).toEqual(['reserved 1 in part'])
    expect(allocations(workingSet, 1)).toEqual([])
    expect(allocations(workingSet, 2)).toEqual([])
  })

  test('two lines of one product together need what both say', () => {
    const workingSet = small()
    decideAndStore(
      workingSet,
      received('PX', '10'),
      demand(1, [
        ['PX', '6'],
        ['PX', '6'],
      ]),
      demand(2, [
        ['PX', '6'],
        ['PX', '4'],
      ]),
    )
    expect(allocations(workingSet, 1)).toEqual([])
    expect(allocations(workingSet, 2)).toEqual(['WH/A 6', 'WH/A 4'])
  })

  test('unless it allows part: then it has what there is, and gets the rest later', () => {
    const workingSet = small()
    decideAndStore(
      workingSet,
      received('PX', '3'),
      demand(
        1,
        [
          ['PX', '10'],
          ['PY', '5'],
        ],
        { allowPartial: true },
      ),
    )
    expect(allocations(workingSet, 1)).toEqual(['WH/A 3'])
    expect(outcomes(decideAndStore(workingSet, received('PX', '4')))).toEqual(['posted', 'reserved 1 in part'])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 7'])
    expect(outcomes(decideAndStore(workingSet, received('PX', '4'), received('PY', '9')))).toEqual([
      'posted',
      'reserved 1 in part',
      'posted',
      'reserved 1',
    ])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 10', 'WH/A 5'])
  })

  test.each([
    ['the lower priority number', demand(1, [['PX', '5']], { priority: 3 }), demand(2, [['PX', '5']], { priority: 2 })],
    [
      'the earlier scheduled date',
      demand(1, [['PX', '5']], { scheduledDate: '2026-05-02', orderedAt: noon }),
      demand(2, [['PX', '5']], { scheduledDate: '2026-05-01', orderedAt: noon + 1 }),
    ],
    [
      'a scheduled date before none',
      demand(1, [['PX', '5']], { orderedAt: noon }),
      demand(2, [['PX', '5']], { scheduledDate: '2030-01-01', orderedAt: noon + 1 }),
    ],
    [
      'the earlier order',
      demand(1, [['PX', '5']], { orderedAt: noon + 9 }),
      demand(2, [['PX', '5']], { orderedAt: noon }),
    ],
    ['the lower id', demand(3, [['PX', '5']], { orderedAt: noon }), demand(2, [['PX', '5']], { orderedAt: noon })],
  ])('what arrives goes first to %s', (_, later, earlier) => {
    const workingSet = small()
    decideAndStore(workingSet, later, earlier, received('PX', '5'))
    expect(allocations(workingSet, 2)).toEqual(['WH/A 5'])
  })

  test('what the first cannot use goes to the next', () => {
    const workingSet = small()
    decideAndStore(workingSet, demand(1, [['PX', '10']]), demand(2, [['PX', '4']]), received('PX', '5'))
    expect(allocations(workingSet, 1)).toEqual([])
    expect(allocations(workingSet, 2)).toEqual(['WH/A 4'])
  })

  test('a delivery short of two products is ready once both have come, in either order', () => {
    for (const order of [
      ['PX', 'PY'],
      ['PY', 'PX'],
    ] as const) {
      const workingSet = small()
      decideAndStore(
        workingSet,
        demand(1, [
          ['PX', '1'],
          ['PY', '1'],
        ]),
        received(order[0], '1'),
      )
      expect(allocations(workingSet, 1)).toEqual([])
      decideAndStore(workingSet, received(order[1], '1'))
      expect(allocations(workingSet, 1)).toHaveLength(2)
    }
  })

  test('cancelling frees, and the next one is ready', () => {
    const workingSet = small()
    decideAndStore(workingSet, received('PX', '5'), demand(1, [['PX', '5']]), demand(2, [['PX', '5']]))
    expect(outcomes(decideAndStore(workingSet, cancelled(1)))).toEqual(['reserved 2'])
    expect(allocations(workingSet, 1)).toEqual([])
  })

  test('amending reserves anew, and what is left over is offered', () => {
    const workingSet = small()
    decideAndStore(workingSet, received('PX', '5'), demand(1, [['PX', '5']]), demand(2, [['PX', '2']]))
    const decision = decideAndStore(workingSet, demand(1, [['PX', '3']], { revision: 2 }))
    expect(outcomes(decision)).toEqual(['reserved 1', 'reserved 2'])
    expect(outcomes(decideAndStore(workingSet, demand(1, [['PX', '9']], { revision: 3 })))).toEqual([
      'released 1 amended',
      'reserved 1 in part',
    ])
    expect(outcomes(decideAndStore(workingSet, demand(1, [['PX', '1']], { revision: 2 })))).toEqual([])
  })

  test('a delivery for an unknown product is refused with every line', () => {
    const workingSet = small()
    const [refused] = decideAndStore(
      workingSet,
      demand(1, [
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
    const workingSet = small()
    decideAndStore(workingSet, received('PX', '10'))
    const lines = [{ line: 1, sku: 'PX', quantity: parseQuantity('2'), unit: 'lb' }]
    const [refused] = decideAndStore(workingSet, demand(1, [], { lines })).outcomes
    expect(refused).toMatchObject({
      outcome: 'refused',
      code: 'unit-changed',
      detail: expect.stringContaining('PX is kept in kg by now; this was counted in lb.'),
    })
    const own = [{ line: 1, sku: 'PX', quantity: parseQuantity('2'), unit: 'kg' }]
    expect(decideAndStore(workingSet, demand(2, [], { lines: own })).outcomes).toMatchObject([{ outcome: 'reserved' }])
  })

  test.each([
    ['in twos', '2', 50, 100n],
    ['in threes', '3', 33, 99n],
  ])('64 deliveries %s race for 100 units', (_, each, ready, reserved) => {
    const workingSet = small()
    decideAndStore(workingSet, received('PX', '100'))
    for (let n = 1; n <= 64; n++) decideAndStore(workingSet, demand(n, [['PX', each]]))
    expect([...workingSet.demands.values()].filter((one) => one.allocations.length > 0)).toHaveLength(ready)
    const all = [...(workingSet.quants.get('product-PX')?.values() ?? [])]
    expect(all.reduce((sum, quant) => sum + quant.reserved, 0n)).toBe(reserved * 1_000_000n)
  })
})

describe('stock that is gone', () => {
  test('is taken from the least urgent, who waits again and is offered what is free elsewhere', () => {
    const workingSet = warehouse([product('PX')], [location('WH/A'), location('WH/B')])
    decideAndStore(
      workingSet,
      received('PX', '10'),
      demand(1, [['PX', '4']]),
      demand(2, [['PX', '4']], { priority: 1 }),
    )
    const lost = decideAndStore(workingSet, posting('adjustment', [{ sku: 'PX', quantity: '-5' }]))
    expect(outcomes(lost)).toEqual(['posted', 'released 1 stock-gone'])
    expect(allocations(workingSet, 2)).toEqual(['WH/A 4'])
    expect(outcomes(decideAndStore(workingSet, received('PX', '3', 'WH/B')))).toEqual(['posted', 'reserved 1'])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 1', 'WH/B 3'])
  })

  test('a delivery that allows part loses only what is gone', () => {
    const workingSet = warehouse([product('PX'), product('PY')], [location('WH/A'), location('WH/B')])
    decideAndStore(workingSet, received('PX', '4'), received('PY', '4'))
    decideAndStore(
      workingSet,
      demand(
        1,
        [
          ['PX', '4'],
          ['PY', '4'],
        ],
        { allowPartial: true },
      ),
    )
    const lost = decideAndStore(workingSet, posting('adjustment', [{ sku: 'PX', quantity: '-1' }]))
    expect(outcomes(lost)).toEqual(['posted', 'released 1 stock-gone', 'reserved 1 in part', 'reserved 1 in part'])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 4', 'WH/A 3'])
  })
})

describe('stock that is gone from two places at once', () => {
  const [a, b] = ['WH/A', 'WH/B']
  // The second delivery has of both places; the third has of one, and is the least urgent.
  const held = () => {
    const workingSet = warehouse([product('PX'), product('PY')], [location(a), location(b)])
    decideAndStore(workingSet, received('PX', '5', a), received('PY', '5', b))
    const lines = (px: string, py: string) => [['PX', px] as [string, string], ['PY', py] as [string, string]]
    decideAndStore(workingSet, demand(1, [['PX', '3']]), demand(2, lines('2', '2')), demand(3, [['PY', '3']]))
    return workingSet
  }
  const lost = [
    { sku: 'PX', quantity: '-1', location: a },
    { sku: 'PY', quantity: '-1', location: b },
    { sku: 'PX', quantity: '1', location: b },
  ]
  test.each([
    ['as they are listed', lost],
    ['the other way round', [...lost].reverse()],
  ])('is taken from the least urgent of both, whatever the order of the lines: %s', (_title, lines) => {
    const workingSet = held()
    expect(outcomes(decideAndStore(workingSet, posting('adjustment', lines)))).toEqual([
      'posted',
      'released 3 stock-gone',
      'released 2 stock-gone',
      'reserved 2',
    ])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 3'])
    expect(allocations(workingSet, 2).sort()).toEqual(['WH/A 1', 'WH/B 1', 'WH/B 2'])
    expect(allocations(workingSet, 3)).toEqual([])
  })
})

describe('a millionth is a quantity', () => {
  const fine = () => warehouse([product('MG', { unitDecimals: 6 })], [location('WH/A'), location('WH/B')])
  const drop = '0.000001'
  test.each([[true], [false]])('that is reserved where it is (part allowed: %s)', (allowPartial) => {
    const workingSet = fine()
    decideAndStore(workingSet, received('MG', drop), received('MG', drop, 'WH/B'))
    expect(outcomes(decideAndStore(workingSet, demand(1, [['MG', '0.000002']], { allowPartial })))).toEqual([
      'reserved 1',
    ])
    expect(allocations(workingSet, 1)).toEqual([`WH/A ${drop}`, `WH/B ${drop}`])
  })

  test.each([[true], [false]])('that is offered as it comes (part allowed: %s)', (allowPartial) => {
    const workingSet = fine()
    decideAndStore(workingSet, demand(1, [['MG', drop]], { allowPartial }))
    expect(outcomes(decideAndStore(workingSet, received('MG', drop)))).toEqual(['posted', 'reserved 1'])
  })

  test.each([[true], [false]])('that is held where it was picked (part allowed: %s)', (allowPartial) => {
    const workingSet = fine()
    decideAndStore(workingSet, received('MG', drop), received('MG', drop, 'WH/B'))
    const picked = [{ location: 'WH/B', lot: null, quantity: parseQuantity(drop) }]
    const lines = [{ line: 1, sku: 'MG', quantity: parseQuantity(drop), picked }]
    decideAndStore(workingSet, demand(1, [], { lines, allowPartial }))
    expect(allocations(workingSet, 1)).toEqual([`WH/B ${drop}`])
  })
})

test('no more is held of what was picked than is asked for', () => {
  const workingSet = warehouse([product('PX')], [location('WH/A'), location('WH/B')])
  decideAndStore(workingSet, received('PX', '5'), received('PX', '5', 'WH/B'))
  const picked = ['WH/B', 'WH/A'].map((place) => ({ location: place, lot: null, quantity: parseQuantity('2') }))
  const lines = [{ line: 1, sku: 'PX', quantity: parseQuantity('3'), picked }]
  decideAndStore(workingSet, demand(1, [], { lines }))
  expect(allocations(workingSet, 1)).toEqual(['WH/B 2', 'WH/A 1'])
})

describe('stock that is gone from a location which was closed to reservations since', () => {
  test.each([[true], [false]])('is released, and waited for (part allowed: %s)', (allowPartial) => {
    const workingSet = warehouse([product('PX')], [location('WH/A'), location('WH/B')])
    decideAndStore(workingSet, received('PX', '5'), demand(1, [['PX', '5']], { allowPartial }))
    const [quant] = [...(workingSet.quants.get('product-PX')?.values() ?? [])].filter(
      ({ location: { code } }) => code === 'WH/A',
    )
    Object.assign(quant!.location, { reservable: false })
    addToSupply(workingSet, quant!)
    const lost = decideAndStore(workingSet, posting('adjustment', [{ sku: 'PX', quantity: '-5' }]))
    expect(outcomes(lost)).toEqual(['posted', 'released 1 stock-gone'])
    expect(outcomes(decideAndStore(workingSet, received('PX', '5', 'WH/B')))).toEqual(['posted', 'reserved 1'])
  })
})
