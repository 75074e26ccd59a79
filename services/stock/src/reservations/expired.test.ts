import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import {
  decideAndStore,
  demand,
  noon,
  location,
  posting,
  product,
  quantsOf,
  uuid,
  warehouse,
} from '../../test/builders.ts'
import { type WorkingSet, addToSupply } from '../ledger/working-set.ts'

/** What a delivery has, as `location lot quantity`. */
function allocations(workingSet: WorkingSet, n: number): string[] {
  return (workingSet.demands.get(uuid(n))?.allocations ?? []).map(({ quant, quantity: q }) =>
    [quant.location.code, quant.lot?.code, formatQuantity(q)].filter((part) => part !== undefined).join(' '),
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
    if (one.outcome === 'reserved') return `reserved ${one.demand.number.slice(-1)}${one.complete ? '' : ' in part'}`
    if (one.outcome === 'released') return `released ${one.demand.number.slice(-1)} ${one.code}`
    return one.outcome
  })
}

describe('what has expired is withdrawn', () => {
  const expiring = (allowPartial: boolean) => {
    const workingSet = warehouse(
      [product('ML', { tracking: 'lot' }), product('PX')],
      [location('WH/A')],
      [],
      '2026-04-20',
    )
    decideAndStore(
      workingSet,
      received('ML', '5', 'WH/A', { lot: 'OLD', expiresOn: '2026-04-20' }),
      received('PX', '5'),
      demand(
        1,
        [
          ['ML', '5'],
          ['PX', '2'],
        ],
        { allowPartial },
      ),
      demand(2, [['PX', '5']], { allowPartial: true }),
    )
    // A day later, as it is loaded then.
    const next = Object.assign(workingSet, { today: '2026-04-21' })
    for (const quant of quantsOf(next)) addToSupply(next, quant)
    return next
  }
  const withdrawn = (workingSet: WorkingSet, ...documentIds: string[]) =>
    decideAndStore(workingSet, { action: 'withdraw', documentIds })

  test('of a delivery that goes whole: it loses all, is saved, and what it had is offered to others', () => {
    const workingSet = expiring(false)
    const decision = withdrawn(workingSet, uuid(1))
    expect(decision.demands.map(({ number }) => number)).toContain('WH/OUT/00001')
    expect(outcomes(decision)).toEqual(['released 1 expired', 'reserved 1 in part', 'reserved 2'])
    expect([allocations(workingSet, 1), allocations(workingSet, 2)]).toEqual([[], ['WH/A 5']])
  })

  test('of one that allows part: it keeps the rest', () => {
    const workingSet = expiring(true)
    expect(outcomes(withdrawn(workingSet, uuid(1)))).toEqual(['released 1 expired', 'reserved 1 in part'])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 2'])
    expect(quantsOf(workingSet).find(({ lot }) => lot?.code === 'OLD')?.reserved).toBe(0n)
  })

  test('of one that reserves another lot in its place: it stays ready, and hears what is picked of the lot', () => {
    const workingSet = expiring(false)
    decideAndStore(workingSet, received('ML', '5', 'WH/A', { lot: 'NEW', expiresOn: '2026-05-20' }))
    const decision = withdrawn(workingSet, uuid(1))
    expect(outcomes(decision)).toEqual(['reserved 1'])
    expect(decision.outcomes[0]).toMatchObject({
      refused: [
        { line: 1, location: 'WH/A', lot: 'OLD', code: 'lot-expired', message: expect.stringContaining('OLD') },
      ],
    })
    expect(allocations(workingSet, 1)).toEqual(['WH/A NEW 5', 'WH/A 2'])
  })

  test('of a lot that is held: the delivery loses it, and hears why', () => {
    const workingSet = expiring(true)
    Object.assign(workingSet, { today: '2026-04-20' })
    const old = workingSet.lots.get('product-ML')?.get('OLD')
    Object.assign(old ?? {}, { held: 'dirt' })
    for (const quant of quantsOf(workingSet)) addToSupply(workingSet, quant)
    const decision = withdrawn(workingSet, uuid(1))
    expect(outcomes(decision)).toEqual(['released 1 stock-gone', 'reserved 1 in part'])
    expect(decision.outcomes[0]).toMatchObject({ detail: 'Lot OLD is held (dirt): it cannot be shipped.' })
    expect(allocations(workingSet, 1)).toEqual(['WH/A 2'])
  })

  test('of one that has nothing of it, or is not known, nothing', () => {
    const workingSet = expiring(false)
    const decision = withdrawn(workingSet, uuid(2), uuid(99))
    expect(decision.outcomes).toEqual([])
    expect(allocations(workingSet, 1)).toEqual(['WH/A OLD 5', 'WH/A 2'])
  })
})
