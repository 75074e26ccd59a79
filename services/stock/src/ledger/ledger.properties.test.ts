import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  balances,
  cancelled,
  day,
  demand,
  heldBack,
  noon,
  location as locationOf,
  posting,
  product,
  quantsOf,
  uuid,
  warehouse,
} from '../../test/builders.ts'
import { naiveWarehouse } from '../../test/naive-warehouse.ts'
import type { LedgerRequest } from './request.ts'
import { decide } from './ledger.ts'
import type { WorkingSet } from './working-set.ts'

const products = [product('PX', { unit: 'unit', unitDecimals: 0 }), product('RM')]

describe('properties', () => {
  const sku = fc.constantFrom('PX', 'RM')
  const amount = fc.integer({ min: 1, max: 12 }).map(String)
  const at = fc.integer({ min: 0, max: 5 }).map((days) => noon - days * day)
  const location = fc.constantFrom('WH/A', 'WH/B', 'WH/Out')
  const lines = fc.array(fc.record({ sku, quantity: amount, location }), { minLength: 1, maxLength: 3 })
  const asked = fc.array(fc.tuple(sku, amount), { minLength: 1, maxLength: 3 })
  const delivery = fc.integer({ min: 1, max: 8 })
  const order = fc.record({ priority: fc.integer({ min: 0, max: 2 }), allowPartial: fc.boolean() })
  const anyRequest: fc.Arbitrary<LedgerRequest> = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(lines, at).map(([l, effectiveAt]) => posting('receipt', l, { effectiveAt })) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(delivery, asked, order, fc.integer({ min: 1, max: 3 }))
        .map(([n, l, o, revision]) => demand(n, l, { ...o, revision })),
    },
    { weight: 1, arbitrary: delivery.map(cancelled) },
    { weight: 1, arbitrary: delivery.map((n) => heldBack(n)) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(delivery, lines, at)
        .map(([n, l, effectiveAt]) => posting('delivery', l, { documentId: uuid(n), effectiveAt })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(lines, fc.boolean(), at).map(([l, loss, effectiveAt]) =>
        posting(
          'adjustment',
          l.map((line) => (loss ? { ...line, quantity: `-${line.quantity}` } : line)),
          { effectiveAt },
        ),
      ),
    },
  )
  const start = () =>
    warehouse(products, [
      locationOf('WH/A', { pickSequence: 2 }),
      locationOf('WH/B', { pickSequence: 1 }),
      locationOf('WH/Out', { reservable: false }),
    ])

  test('the ledger decides as a naive model that knows no short cut', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 40 }), (requests) => {
        const workingSet = start()
        const naive = naiveWarehouse(start())
        for (const request of requests) {
          const { outcomes } = decide(workingSet, [request], noon)
          const posted = outcomes.filter((one) => one.outcome === 'posted').length === 1
          expect(naive.take(request)).toBe(request.action === 'post' ? posted : false)
          expect(naive.balances()).toEqual(balances(workingSet))
          expect(naive.allocations()).toEqual(allocationsOf(workingSet))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('whatever comes: every place adds up, nothing is reserved that is not there', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 60 }), (requests) => {
        const workingSet = start()
        decide(workingSet, requests, noon)
        const sums = new Map<string, bigint>()
        const allocated = new Map<object, bigint>()
        for (const one of workingSet.demands.values())
          for (const allocation of one.allocations)
            allocated.set(allocation.quant, (allocated.get(allocation.quant) ?? 0n) + allocation.quantity)
        for (const quant of quantsOf(workingSet)) {
          sums.set(quant.product.sku, (sums.get(quant.product.sku) ?? 0n) + quant.onHand)
          expect(quant.reserved).toBe(allocated.get(quant) ?? 0n)
          if (quant.location.type === 'internal') expect(quant.onHand >= quant.reserved).toBe(true)
        }
        for (const sum of sums.values()) expect(sum).toBe(0n)
        for (const supply of workingSet.supplies.values())
          expect(supply.available).toBe(supply.quants.reduce((sum, quant) => sum + quant.onHand - quant.reserved, 0n))
      }),
      { numRuns: 300 },
    )
  })
})

function allocationsOf(workingSet: WorkingSet): Record<string, string[]> {
  const entries = [...workingSet.demands.values()].map((one) => [
    one.documentId,
    one.allocations
      .map(
        (allocation) => `${String(allocation.line)} ${allocation.quant.location.code} ${String(allocation.quantity)}`,
      )
      .sort(),
  ])
  return Object.fromEntries(entries) as Record<string, string[]>
}
