/** Small warehouses for tests of the pure rules: what is said is what matters, the rest is usual. */
import { parseQuantity } from '@stockline/amounts'
import type { NeedEnd, NeedRequest, Posting, PostingLine } from '../src/ledger/document.ts'
import { type Place, type Product, type RemovalRule, virtualPlaces } from '../src/ledger/facts.ts'
import { type Decision, decide } from '../src/ledger/ledger.ts'
import { type Picture, blankPicture } from '../src/ledger/picture.ts'
import { markStored } from '../src/ledger/quant.ts'
import type { Quant } from '../src/ledger/stock.ts'

export const noon = Date.UTC(2026, 3, 20, 12)
export const day = 86_400_000

/** The uuid that stands for a number, so that a test can say "delivery 3". */
export function uuid(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
}

export function product(sku: string, more: Partial<Product> = {}): Product {
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

export function place(code: string, more: Partial<Place> = {}): Place {
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

/** A picture with these products and places, and the virtual ones. */
export function warehouse(
  products: readonly Product[],
  places: readonly Place[],
  rules: readonly RemovalRule[] = [],
  today = '2026-04-20',
): Picture {
  const picture = blankPicture(today, 0n, noon, rules)
  for (const one of products) picture.products.set(one.sku, one)
  const virtual = Object.entries(virtualPlaces).map(([type, code]) =>
    place(code, { type: type as Place['type'], warehouse: null, reservable: false }),
  )
  for (const one of [...places, ...virtual]) picture.places.set(one.code, one)
  return picture
}

type LineText = Partial<Omit<PostingLine, 'quantity'>> & { readonly sku: string; readonly quantity: string }

let nextDocument = 1000

/** A document to post, from lines that say only what matters. */
export function posting(kind: Posting['kind'], lines: readonly LineText[], more: Partial<Posting> = {}): Posting {
  const documentId = uuid(nextDocument++)
  return {
    asks: 'post',
    kind,
    documentId,
    number: `DOC/${documentId.slice(-4)}`,
    attempt: 1,
    warehouse: null,
    effectiveAt: noon,
    effectiveAtStated: true,
    lines: lines.map((line, index) => ({
      line: index + 1,
      documentLine: null,
      location: 'WH/A',
      lot: null,
      expiresOn: null,
      status: 'available',
      carried: {},
      ...line,
      quantity: parseQuantity(line.quantity),
    })),
    ...more,
  }
}

/** A delivery that needs stock. */
export function need(
  n: number,
  lines: readonly (readonly [sku: string, quantity: string, lot?: string])[],
  more: Partial<NeedRequest> = {},
): NeedRequest {
  return {
    asks: 'reserve',
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

export function cancelled(n: number): NeedEnd {
  return { asks: 'free', documentId: uuid(n) }
}

/** Decides, and says that it was saved. */
export function decideAndStore(picture: Picture, ...requests: Parameters<typeof decide>[1]): Decision {
  const decision = decide(picture, requests, picture.recordedAt)
  decision.quants.forEach(markStored)
  return decision
}

/** All quants there are. */
export function quantsOf(picture: Picture): Quant[] {
  return [...picture.quants.values()].flatMap((ofProduct) => [...ofProduct.values()])
}
