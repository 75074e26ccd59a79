import { describe, expect, test } from '@jest/globals'
import { formatQuantity, quantity } from '@stockline/amounts'
import fc from 'fast-check'
import { cancelled, day, need, noon, place, posting, product, quantsOf, uuid, warehouse } from '../../test/builders.ts'
import { naiveWarehouse } from '../../test/naive-warehouse.ts'
import type { LedgerRequest } from './document.ts'
import { decide } from './ledger.ts'
import type { Picture } from './picture.ts'

const products = [product('PX', { unit: 'unit', unitDecimals: 0 }), product('RM')]

function balances(picture: Picture): Record<string, string> {
  const shown = quantsOf(picture)
    .filter((quant) => quant.onHand !== 0n)
    .map((quant) => [
      [quant.place.code, quant.product.sku, quant.lot?.code].filter((part) => part !== undefined).join(' '),
      formatQuantity(quantity(quant.onHand)),
    ])
  return Object.fromEntries(shown) as Record<string, string>
}

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
        .map(([n, l, o, revision]) => need(n, l, { ...o, revision })),
    },
    { weight: 1, arbitrary: delivery.map(cancelled) },
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
      place('WH/A', { pickSequence: 2 }),
      place('WH/B', { pickSequence: 1 }),
      place('WH/Out', { reservable: false }),
    ])

  test('the ledger decides as a naive model that knows no short cut', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 40 }), (requests) => {
        const picture = start()
        const naive = naiveWarehouse(start())
        for (const request of requests) {
          const { outcomes } = decide(picture, [request], noon)
          const posted = outcomes.filter((one) => one.outcome === 'posted').length === 1
          expect(naive.take(request)).toBe(request.asks === 'post' ? posted : false)
          expect(naive.balances()).toEqual(balances(picture))
          expect(naive.claims()).toEqual(claimsOf(picture))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('whatever comes: every place adds up, nothing is reserved that is not there', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 60 }), (requests) => {
        const picture = start()
        decide(picture, requests, noon)
        const sums = new Map<string, bigint>()
        const claimed = new Map<object, bigint>()
        for (const one of picture.needs.values())
          for (const claim of one.claims) claimed.set(claim.quant, (claimed.get(claim.quant) ?? 0n) + claim.quantity)
        for (const quant of quantsOf(picture)) {
          sums.set(quant.product.sku, (sums.get(quant.product.sku) ?? 0n) + quant.onHand)
          expect(quant.reserved).toBe(claimed.get(quant) ?? 0n)
          if (quant.place.type === 'internal') expect(quant.onHand >= quant.reserved).toBe(true)
        }
        for (const sum of sums.values()) expect(sum).toBe(0n)
        for (const shelf of picture.shelves.values())
          expect(shelf.free).toBe(shelf.quants.reduce((sum, quant) => sum + quant.onHand - quant.reserved, 0n))
      }),
      { numRuns: 300 },
    )
  })
})

function claimsOf(picture: Picture): Record<string, string[]> {
  const entries = [...picture.needs.values()].map((one) => [
    one.documentId,
    one.claims.map((claim) => `${String(claim.line)} ${claim.quant.place.code} ${String(claim.quantity)}`).sort(),
  ])
  return Object.fromEntries(entries) as Record<string, string[]>
}
