import { describe, expect, test } from '@jest/globals'
import { decideAndStore, demand, location, posting, product, uuid, warehouse } from '../../test/builders.ts'
import { leastUseful } from './demand.ts'
import type { WorkingSet } from '../ledger/working-set.ts'

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
