/** Fixtures for tests of the pure rules: small warehouses with usual values for all that a test does not name. */
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import type { DemandEnd, Hold, DemandRequest, Posting, PostingLine, TransferRequest } from '../src/ledger/request.ts'
import { transitPlace } from '../src/transfers/in-transit.ts'
import { type LedgerLocation, type LedgerProduct, type RemovalRule, virtualLocations } from '../src/ledger/reference.ts'
import { type Decision, decide } from '../src/ledger/ledger.ts'
import { type WorkingSet, emptyWorkingSet } from '../src/ledger/working-set.ts'
import { markStored } from '../src/ledger/quant.ts'
import type { Quant } from '../src/ledger/stock.ts'

export const noon = Date.UTC(2026, 3, 20, 12)
export const day = 86_400_000

/** The uuid that stands for a number, so that a test can name "delivery 3". */
export function uuid(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
}

export function product(sku: string, more: Partial<LedgerProduct> = {}): LedgerProduct {
  return {
    id: `product-${sku}`,
    sku,
    type: 'stockable',
    tracking: 'none',
    unit: 'kg',
    unitDecimals: 3,
    category: 'Goods',
    active: true,
    ...more,
  }
}

export function location(code: string, more: Partial<LedgerLocation> = {}): LedgerLocation {
  return {
    id: `place-${code}`,
    code,
    type: 'internal',
    warehouse: code.split('/')[0] ?? null,
    reservable: true,
    allowNegative: false,
    pickSequence: 0,
    active: true,
    ...more,
  }
}

/** A working set with these products and locations, and the virtual ones. */
export function warehouse(
  products: readonly LedgerProduct[],
  locations: readonly LedgerLocation[],
  rules: readonly RemovalRule[] = [],
  today = '2026-04-20',
  timeZone = 'UTC',
): WorkingSet {
  const workingSet = emptyWorkingSet({ today, timeZone }, 0n, noon, rules)
  for (const one of products) workingSet.products.set(one.sku, one)
  const virtual = Object.entries(virtualLocations).map(([type, code]) =>
    location(code, { type: type as LedgerLocation['type'], warehouse: null, reservable: false }),
  )
  const transit = [...new Set(locations.flatMap((one) => one.warehouse ?? []))].map((code) =>
    location(transitPlace(code), { type: 'transit', warehouse: null, reservable: false }),
  )
  for (const one of [...locations, ...virtual, ...transit]) workingSet.locations.set(one.code, one)
  return workingSet
}

/** `location` is the internal side; the other follows from the kind. An adjustment of less than nothing is a loss. */
type LineText = Partial<Omit<PostingLine, 'quantity'>> & {
  readonly sku: string
  readonly quantity: string
  readonly location?: string
}

/** From where to where a kind of document moves goods of a location. */
export function sidesOf(kind: Posting['kind'], location: string, isLoss: boolean): Pick<PostingLine, 'from' | 'to'> {
  const { vendor, customer, opening, loss, transit } = virtualLocations
  if (kind === 'delivery') return { from: location, to: customer }
  if (kind === 'adjustment') return isLoss ? { from: location, to: loss } : { from: loss, to: location }
  return { from: { receipt: vendor, opening, transfer: transit }[kind], to: location }
}

let nextDocument = 1000

/** A document to post, from lines that have only what matters. */
export function posting(kind: Posting['kind'], lines: readonly LineText[], more: Partial<Posting> = {}): Posting {
  const documentId = uuid(nextDocument++)
  return {
    action: 'post',
    kind,
    documentId,
    number: `DOC/${documentId.slice(-4)}`,
    attempt: 1,
    warehouse: null,
    effectiveAt: noon,
    effectiveAtStated: true,
    lines: lines.map(({ location = 'WH/A', ...line }, index) => ({
      line: index + 1,
      documentLine: null,
      lot: null,
      expiresOn: null,
      status: 'available',
      passThrough: {},
      ...sidesOf(kind, location, line.quantity.startsWith('-')),
      ...line,
      quantity: parseQuantity(line.quantity.replace('-', '')),
    })),
    ...more,
  }
}

/** The demand of a delivery. */
export function demand(
  n: number,
  lines: readonly (readonly [sku: string, quantity: string, lot?: string])[],
  more: Partial<DemandRequest> = {},
): DemandRequest {
  return {
    action: 'reserve',
    documentId: uuid(n),
    number: `WH/OUT/${String(n).padStart(5, '0')}`,
    warehouse: 'WH',
    revision: 1,
    priority: 5,
    scheduledDate: null,
    orderedAt: noon + n,
    allowPartial: false,
    lines: lines.map(([sku, quantity, lot], index) => ({
      line: index + 1,
      sku,
      quantity: parseQuantity(quantity),
      ...(lot === undefined ? {} : { lot }),
    })),
    ...more,
  }
}

export function cancelled(n: number): DemandEnd {
  return { action: 'release', documentId: uuid(n) }
}

/** A transfer that is confirmed, from the stock of WH to WH/Shop. */
export function transfer(
  n: number,
  lines: readonly (readonly [sku: string, quantity: string, lot?: string])[],
  more: Partial<TransferRequest> = {},
): TransferRequest {
  return {
    action: 'transfer',
    documentId: uuid(n),
    number: `WH/INT/${String(n).padStart(5, '0')}`,
    warehouse: 'WH',
    revision: 1,
    attempt: 1,
    priority: 5,
    scheduledDate: null,
    orderedAt: noon + n,
    effectiveAt: noon,
    effectiveAtStated: false,
    confirmedBy: null,
    source: 'WH/Stock',
    destination: 'WH/Shop',
    lines: lines.map(([sku, quantity, lot = null], index) => ({
      ...{ line: index + 1, sku, lot, unit: undefined, category: 'Goods' },
      quantity: parseQuantity(quantity),
    })),
    ...more,
  }
}

/** A step of that transfer: what arrives from transit, or `to` elsewhere. */
export function arrival(n: number, attempt: number, lines: readonly LineText[], more: Partial<Posting> = {}): Posting {
  const { documentId, number, warehouse: of } = transfer(n, [])
  const step = lines.map((line) => ({ from: virtualLocations.transit, to: 'WH/Shop', ...line }))
  return posting('transfer', step, { documentId, number, warehouse: of, attempt, ...more })
}

/** A supervisor releases what is reserved. */
export function heldBack(n: number, more: Partial<Hold> = {}): Hold {
  const detail = 'Sarah Lim released what was reserved: Not paid.'
  return { action: 'hold', documentId: uuid(n), code: 'released', reason: 'Not paid.', detail, ...more }
}

/** Decides, and marks the result as stored. */
export function decideAndStore(workingSet: WorkingSet, ...requests: Parameters<typeof decide>[1]): Decision {
  const decision = decide(workingSet, requests, workingSet.recordedAt)
  decision.quants.forEach(markStored)
  return decision
}

/** All quants there are. */
export function quantsOf(workingSet: WorkingSet): Quant[] {
  return [...workingSet.quants.values()].flatMap((ofProduct) => [...ofProduct.values()])
}

/** What is where, but for nothing: by location, sku and lot. */
export function balances(workingSet: WorkingSet): Record<string, string> {
  const shown = quantsOf(workingSet)
    .filter((quant) => quant.onHand !== 0n)
    .map((quant) => [
      [quant.location.code, quant.product.sku, quant.lot?.code].filter((part) => part !== undefined).join(' '),
      formatQuantity(quant.onHand),
    ])
  return Object.fromEntries(shown) as Record<string, string>
}
