/** Random requests to the ledger, in the warehouses WH and W2 of its tests. */
import { parseQuantity } from '@stockline/amounts'
import fc from 'fast-check'
import type { LedgerRequest } from '../src/ledger/request.ts'
import { arrival, cancelled, day, demand, noon, posting, transfer, uuid } from './builders.ts'

const sku = fc.constantFrom('PX', 'RM')
const amount = fc.integer({ min: 1, max: 9 }).map(String)
const at = fc.integer({ min: 0, max: 5 }).map((days) => noon - days * day)
const tracked = fc.record({
  sku: fc.constant('ML'),
  quantity: amount,
  location: fc.constantFrom('WH/A', 'WH/B'),
  lot: fc.constantFrom('L1', 'L2'),
})
const plain = fc.record({ sku, quantity: amount, location: fc.constantFrom('WH/A', 'WH/B', 'WH/Out', 'WH/Minus') })
const lines = fc.array(fc.oneof(plain, tracked), { minLength: 1, maxLength: 3 })
const delivery = fc.integer({ min: 1, max: 8 })
const order = fc.record({ priority: fc.integer({ min: 0, max: 2 }), allowPartial: fc.boolean() })
const asked = fc.array(fc.tuple(fc.constantFrom('PX', 'RM', 'ML'), amount), { minLength: 1, maxLength: 3 })
const moved = fc.tuple(fc.integer({ min: 11, max: 16 }), fc.integer({ min: 1, max: 3 }))
const way = fc.constantFrom(
  { source: 'WH', destination: 'WH/A' },
  { source: 'WH/Out', destination: 'WH/B' },
  { source: 'WH/A', destination: 'W2/A' },
)
const named = fc.oneof(
  asked,
  fc.tuple(fc.constant('ML'), amount, fc.constantFrom('L1', 'L2')).map((line) => [line]),
)
const to = fc.constantFrom('WH/A', 'W2/A', 'Virtual/Loss')
/** Any request: receipts, deliveries and their demand, adjustments, transfers and relocations. */
export const anyRequest: fc.Arbitrary<LedgerRequest> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(moved, named, way, fc.integer({ min: 0, max: 9 }))
      .map(([[n, revision], l, ends, priority]) =>
        transfer(n, l as [string, string, string?][], { ...ends, revision, attempt: revision * 10, priority }),
      ),
  },
  { weight: 1, arbitrary: moved.map(([n]) => ({ action: 'end-transfer', documentId: uuid(n) }) as const) },
  {
    weight: 3,
    arbitrary: fc.tuple(moved, lines, to).map(([[n, attempt], l, place]) =>
      arrival(
        n,
        attempt,
        l.map((line) => ({ ...line, to: place })),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(lines, fc.constantFrom('WH/A', 'WH/B')).map(([l, place]) =>
      posting(
        'transfer',
        l.map((line) => ({ ...line, from: line.location, to: line.location === place ? 'WH/Out' : place })),
      ),
    ),
  },
  { weight: 4, arbitrary: fc.tuple(lines, at).map(([l, effectiveAt]) => posting('receipt', l, { effectiveAt })) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(delivery, asked, order, fc.integer({ min: 1, max: 3 }), fc.constantFrom('WH/A', 'WH/B'), amount)
      .map(([n, l, o, revision, location, taken]) => {
        const action = demand(n, l, { ...o, revision })
        const picked = [{ location, lot: null, quantity: parseQuantity(taken) }]
        return revision === 1 ? action : { ...action, lines: action.lines.map((line) => ({ ...line, picked })) }
      }),
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
