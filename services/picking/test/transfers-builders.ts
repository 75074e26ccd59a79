/** Transfers for tests of the rules. Beside `builders.ts`, which has the products. */
import type { Facts } from '../src/documents/document.decide.ts'
import type { Location } from '../src/locations/location.ts'
import type { Transfer, TransferLine, TransferMove } from '../src/transfers/transfer.ts'
import { facts as baseFacts, location, q, referenceData } from './builders.ts'

/** Two shelves of `WH`, one of `W2`, one that is closed, and the dock's virtual place of customers. */
const places: readonly Location[] = [
  location('WH/Stock'),
  location('WH/Stock/A1-03'),
  location('WH/Stock/B2-01'),
  location('W2/Stock', { warehouse: 'W2' }),
  location('WH/Closed', { active: false }),
  location('WH/Customers', { type: 'customer' }),
]

/** What a decision may know, with these places known. */
export function facts(over: Partial<Facts> = {}): Facts {
  return baseFacts({ locations: new Map(places.map((each) => [each.code, each])), ...over })
}

/** The same without one of the places. */
export function without(code: string): Facts {
  return facts({ locations: new Map(places.filter((each) => each.code !== code).map((each) => [each.code, each])) })
}

/** What the ledger posted at position 7 in the first attempt, unless said otherwise. */
export function moved(what: TransferMove['what'], quantity: string, over: Partial<TransferMove> = {}): TransferMove {
  const location = { shipped: 'WH/Stock/A1-03', received: 'W2/Stock', returned: 'WH/Stock', lost: null }[what]
  return { what, location, lot: null, quantity: q(quantity), attempt: 1, position: '7', ...over }
}

/** A line in the product's base unit. */
export function line(number: number, sku: string, quantity: string, ...moves: readonly TransferMove[]): TransferLine {
  const unit = referenceData.products.get(sku)?.unit ?? 'kg'
  const none = { lot: null, fromLocation: null, toLocation: null }
  return { line: number, sku, quantity: q(quantity), unit, baseUnit: unit, ...none, moves }
}

/** A draft from `WH/Stock` to `W2/Stock`: 10 PX and 5 kg of RM-A. */
export function transfer(over: Partial<Transfer> = {}): Transfer {
  return {
    id: 'transfer id',
    number: 'WH/INT/00042',
    warehouse: 'WH',
    status: 'draft',
    problem: null,
    source: 'WH/Stock',
    destination: 'W2/Stock',
    scheduledDate: null,
    note: null,
    effectiveAt: null,
    confirmedAt: null,
    attempt: 0,
    position: null,
    asked: null,
    version: 1,
    createdAt: new Date('2026-04-20T07:00:00Z'),
    lines: [line(1, 'PX', '10'), line(2, 'RM-A', '5')],
    ...over,
  }
}

/** The ledger was asked for it, in this attempt, and has not answered. */
export function asked(asked: NonNullable<Transfer['asked']>, attempt = 1, over: Partial<Transfer> = {}): Transfer {
  return transfer({ status: 'posting', asked, attempt, confirmedAt: new Date('2026-04-20T07:30:00Z'), ...over })
}

/** Shipped by the first attempt: 10 PX without a lot, and 3 and 2 kg of two lots of LOT. */
export function inTransit(over: Partial<Transfer> = {}): Transfer {
  return transfer({
    status: 'in_transit',
    attempt: 1,
    confirmedAt: new Date('2026-04-20T07:30:00Z'),
    lines: [
      line(1, 'PX', '10', moved('shipped', '10')),
      line(2, 'LOT', '5', moved('shipped', '3', { lot: 'L1' }), moved('shipped', '2', { lot: 'L2' })),
    ],
    ...over,
  })
}
