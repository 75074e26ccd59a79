import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import { decideAndStore, demand, location, posting, product, uuid, warehouse } from '../../test/builders.ts'
import { supplyOf, type WorkingSet } from '../ledger/working-set.ts'
import { awaitSupplies, compareDemands, demandLines, isComplete, leastUseful } from './demand.ts'

const outcomes = (decision: ReturnType<typeof decideAndStore>) =>
  decision.outcomes.map((one) =>
    one.outcome === 'reserved'
      ? `reserved ${one.demand.number.slice(-1)}${one.complete ? '' : ' in part'}`
      : one.outcome,
  )

describe('more picks than one event holds', () => {
  const scattered = (): WorkingSet => {
    const products = [product('ML', { tracking: 'lot' }), product('SN', { tracking: 'serial' })]
    const workingSet = warehouse(products, [location('WH/A')])
    const lots = Array.from({ length: 2001 }, (_, index) => ({ sku: 'ML', quantity: '1', lot: `L${String(index)}` }))
    decideAndStore(workingSet, posting('receipt', lots))
    return workingSet
  }

  test('a whole delivery waits for stock that lies together, and holds nothing', () => {
    const workingSet = scattered()
    expect(outcomes(decideAndStore(workingSet, demand(1, [['ML', '2001']])))).toEqual(['reserved 1 in part'])
    expect(workingSet.demands.get(uuid(1))?.allocations).toEqual([])
    expect(outcomes(decideAndStore(workingSet, demand(2, [['ML', '2000']])))).toEqual(['reserved 2'])
    const together = decideAndStore(
      workingSet,
      posting('receipt', [{ sku: 'ML', quantity: '2000', lot: 'M', expiresOn: '2026-05-01' }]),
    )
    expect(outcomes(together)).toEqual(['posted', 'reserved 1'])
    expect(workingSet.demands.get(uuid(1))?.allocations).toMatchObject([{ quant: { lot: { code: 'M' } } }, {}])
  })

  test('it still waits when more arrives in such parts', () => {
    const workingSet = scattered()
    decideAndStore(workingSet, demand(1, [['ML', '2001']]))
    const one = posting('receipt', [{ sku: 'ML', quantity: '1', lot: 'X' }])
    expect(outcomes(decideAndStore(workingSet, one))).toEqual(['posted'])
  })

  test('one that allows part has as much as can be told', () => {
    const workingSet = scattered()
    const part = decideAndStore(workingSet, demand(1, [['ML', '2001']], { allowPartial: true }))
    expect(outcomes(part)).toEqual(['reserved 1 in part'])
    expect(workingSet.demands.get(uuid(1))?.allocations).toHaveLength(2000)
    decideAndStore(workingSet, posting('delivery', [{ sku: 'ML', quantity: '1', lot: 'L0' }], { documentId: uuid(1) }))
    expect(outcomes(decideAndStore(workingSet, demand(2, [['ML', '2000']])))).toEqual(['reserved 2'])
  })

  test('serial numbers beyond it are refused at once, but where part is allowed', () => {
    const workingSet = scattered()
    expect(decideAndStore(workingSet, demand(1, [['SN', '2001']])).outcomes).toMatchObject([
      { outcome: 'refused', code: 'too-many-serial-numbers' },
    ])
    const part = demand(2, [['SN', '2001']], { allowPartial: true })
    expect(outcomes(decideAndStore(workingSet, part))).toEqual(['reserved 2 in part'])
  })
})

describe('what arrives', () => {
  const twoWaiting = (more: Parameters<typeof demand>[2]) => {
    const workingSet = warehouse([product('PX')], [location('WH/A')])
    decideAndStore(workingSet, demand(1, [['PX', '5']], more), demand(2, [['PX', '5']], more))
    return decideAndStore(workingSet, posting('receipt', [{ sku: 'PX', quantity: '4' }]))
  }

  test('changes nothing of deliveries that it is of no use to', () =>
    expect(twoWaiting({ allowPartial: false }).demands).toEqual([]))

  test('changes nothing of those that come after all is allocated', () =>
    expect(twoWaiting({ allowPartial: true }).demands.map(({ documentId }) => documentId)).toEqual([uuid(1)]))

  test('must be as much as all lines of the product lack together, but for what is picked', () => {
    const workingSet = warehouse([product('PX')], [location('WH/A')])
    decideAndStore(workingSet, demand(1, [['PX', '2'], ['PX', '3']])) // prettier-ignore
    const waiting = workingSet.demands.get(uuid(1))!
    const [supply] = waiting.waitsFor
    expect(leastUseful(waiting, supply!)).toBe(5_000_000n)
    expect(leastUseful({ ...waiting, allowPartial: true }, supply!)).toBe(0n)
  })
})

describe('demand order', () => {
  const made = (n: number, more: Parameters<typeof demand>[2] = {}) => {
    const workingSet = warehouse([product('PX')], [])
    decideAndStore(workingSet, demand(n, [['PX', '1']], { orderedAt: 5, ...more }))
    return workingSet.demands.get(uuid(n))!
  }
  test.each([
    ['priority before all else', made(2, { priority: 1 }), made(1, { priority: 2, scheduledDate: '2026-05-01' })],
    ['then the date', made(2, { scheduledDate: '2026-05-01', orderedAt: 9 }), made(1, { scheduledDate: '2026-05-02' })],
    ['a date before none', made(2, { scheduledDate: '2026-05-01', orderedAt: 9 }), made(1)],
    ['then when it was ordered', made(2, { orderedAt: 4 }), made(1)],
    [
      'on one date, too',
      made(2, { orderedAt: 4, scheduledDate: '2026-05-01' }),
      made(1, { scheduledDate: '2026-05-01' }),
    ],
    ['then the id', made(1), made(2)],
  ])('%s', (_title, first, second) => {
    expect(compareDemands(first, second)).toBeLessThan(0)
    expect(compareDemands(second, first)).toBeGreaterThan(0)
    expect(compareDemands(first, first)).toBe(0)
  })

  test('is the order of those that wait, and who waits no more is taken out, nobody else', () => {
    const supply = supplyOf(warehouse([product('PX')], []), product('PX'), 'WH')
    const [first, second, third, other] = [made(1), made(2), made(3), made(4)]
    for (const each of [second, third, first]) {
      each.waitsFor = []
      awaitSupplies(each, [supply])
    }
    expect(supply.waiting).toEqual([first, second, third])
    awaitSupplies(second, [])
    expect(supply.waiting).toEqual([first, third])
    expect(second.waitsFor).toEqual([])
    awaitSupplies(first, [supply])
    expect(supply.waiting).toEqual([first, third])
    // One that was not loaded among those who wait.
    other.waitsFor = [supply]
    awaitSupplies(other, [])
    expect(supply.waiting).toEqual([first, third])
  })
})

describe('what a delivery asks for', () => {
  const products = [
    product('PX'),
    product('SN', { tracking: 'serial' }),
    product('ML', { tracking: 'lot' }),
    product('SV', { type: 'service' }),
  ]
  const line = (sku: string, quantity = '1', more: object = {}) => ({ sku, quantity: parseQuantity(quantity), ...more })
  const tooMany = 'too-many-serial-numbers'
  test.each<[string, ReturnType<typeof line>[], boolean, string[]]>([
    ['products', [line('PX', '2.5'), line('ML', '1', { lot: 'L1' })], false, []],
    ['a product that is not known', [line('NO')], false, ['1 unknown-product']],
    ['a service', [line('SV')], false, ['1 product-is-service']],
    ['a lot of what has none', [line('PX', '1', { lot: 'L1' })], false, ['1 lot-not-tracked']],
    ['another unit', [line('PX', '1', { unit: 'lb' })], false, ['1 unit-changed']],
    ['its unit', [line('PX', '1', { unit: 'kg' })], false, []],
    ['too exact a quantity', [line('PX', '0.0001')], false, ['1 quantity-too-precise']],
    ['all that is wrong', [line('NO'), line('PX'), line('SV')], false, ['1 unknown-product', '3 product-is-service']],
    ['as many serial numbers as an event holds', [line('SN', '1999'), line('SN', '1')], false, []],
    ['one piece more, in two lines', [line('SN', '1999'), line('SN', '2')], false, [`2 ${tooMany}`]],
    ['a bit more', [line('SN', '2000.001')], false, [`1 ${tooMany}`]],
    ['more, where part is allowed', [line('SN', '2001')], true, []],
    ['as much of what is no serial number', [line('PX', '2001'), line('ML', '2001')], false, []],
  ])('%s', (_title, lines, allowPartial, expected) => {
    const workingSet = warehouse(products, [])
    const numbered = lines.map((each, index) => ({ ...each, line: index + 1 }))
    const judged = demandLines(workingSet, demand(1, [], { lines: numbered, allowPartial }))
    if ('faults' in judged) expect(judged.faults.map((one) => `${String(one.line)} ${one.code}`)).toEqual(expected)
    else {
      expect(expected).toEqual([])
      expect(judged.lines.map(({ lot, product: { sku } }) => [sku, lot])).toEqual(
        lines.map(({ sku, lot }: { sku: string; lot?: string }) => [sku, lot ?? null]),
      )
    }
  })
})

test.each([
  ['nothing reserved and nothing to wait for', false, 0, 0],
  ['something reserved, something to wait for', false, 1, 1],
  ['all reserved', true, 1, 0],
  ['nothing but to wait', false, 0, 1],
])('complete is a demand with %s: %s', (_title, expected, allocations, waits) => {
  const some = { held: null, allocations: Array<unknown>(allocations), waitsFor: Array<unknown>(waits) }
  expect(isComplete(some as never)).toBe(expected)
})
