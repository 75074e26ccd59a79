/** Valuation on a database and a bus of its own, with stock's side played by the test. */
import { groups, type DocumentKind, type LocationType } from '@stockline/contracts'
import { until, type Client } from '@stockline/test-kit'
import { openService, type OpenService, type Published } from '@stockline/test-kit/service'
import { valuation } from '../src/app.ts'
import type { PrismaClient } from '../src/database.ts'
import { uuidOf } from './books.ts'

/** A line of a posted document; `price` is in dollars unless the currency says otherwise. */
export interface PostedLine {
  readonly sku: string
  readonly quantity: string
  readonly price?: string
  readonly currency?: string
  readonly unitCost?: string
  readonly category?: string
  /** So many of the entered unit are one of the order's. */
  readonly perUnit?: string
  readonly orderLine?: number
  readonly orderQuantity?: string
  readonly completesOrderLine?: boolean
  /** Types of the places, where they are not the usual ones of the kind. */
  readonly way?: readonly [from: LocationType, to: LocationType]
}

/** A running valuation service, and clients of the groups. */
export interface Harness extends Pick<OpenService<PrismaClient>, 'service' | 'stop'> {
  readonly manager: Client
  readonly supervisor: Client
  readonly user: Client
  /** A service client that reads entries. */
  readonly accounting: Client
  /** An outside system that may read costs alone. */
  readonly controlling: Client
  /** The ledger takes a document; resolves when valuation has taken it too. */
  post(
    kind: DocumentKind,
    number: string,
    lines: readonly PostedLine[],
    effectiveAt?: string,
    orderNumber?: string,
  ): Promise<void>
  /** Publishes a product's category and standard cost; resolves when valuation has taken the event. */
  tellProduct(sku: string, category: string, standardCost: string): Promise<void>
  /** Publishes everything that was posted once more. */
  repeat(): Promise<void>
}

const places: Readonly<Record<DocumentKind, readonly [from: LocationType, to: LocationType]>> = {
  receipt: ['vendor', 'internal'],
  delivery: ['internal', 'customer'],
  transfer: ['internal', 'transit'],
  adjustment: ['loss', 'internal'],
  opening: ['opening', 'internal'],
}

/** Opens it. */
export async function openHarness(): Promise<Harness> {
  const { as, person, publish, service, stop } = await openService(valuation)
  const sent: Published[] = []
  const tell = async (event: Published & { readonly sequence: string }) => {
    const id = uuidOf(`${event.topic} ${event.subject} ${event.sequence}`)
    sent.push({ ...event, id, source: '/stockline/stock' })
    await publish(...sent.slice(-1))
  }
  let position = 0
  const changes = new Map<string, number>()
  /** How often a transfer was posted. */
  const attempts = new Map<string, number>()
  return {
    service,
    manager: person(groups.manager),
    supervisor: person(groups.supervisor),
    user: person(groups.user),
    accounting: as({ sub: 'books', name: 'Books', scope: 'entries:read' }),
    controlling: as({ sub: 'costs', name: 'Costs', scope: 'costs:read' }),
    post: async (kind, number, lines, effectiveAt = '2026-04-23T09:00:00Z', orderNumber) => {
      position += 1
      const attempt = kind === 'transfer' ? (attempts.get(number) ?? 0) + 1 : 1
      attempts.set(number, attempt)
      const data = { ...posted(position, kind, number, lines, effectiveAt, orderNumber), attempt }
      await tell({
        type: 'stock.document-posted.v1',
        topic: 'stock.ledger',
        subject: 'DEMO',
        sequence: String(position),
        data,
      })
      await until(`${number} is taken`, async () => {
        const books = await service.db.prisma.books.findFirstOrThrow()
        return books.lastPosition >= BigInt(position)
      })
    },
    tellProduct: async (sku, category, standardCost) => {
      const data = productChanged(sku, category, standardCost)
      const subject = data.productId
      const sequence = (changes.get(subject) ?? 0) + 1
      changes.set(subject, sequence)
      await tell({
        type: 'stock.product-changed.v1',
        topic: 'stock.products',
        subject,
        sequence: String(sequence),
        data,
      })
      await until(`${sku} is known in ${category}`, async () => {
        const pool = await service.db.prisma.costPool.findUnique({ where: { productId: subject } })
        return pool?.category === category && pool.standardCost?.equals(standardCost)
      })
    },
    repeat: () => publish(...sent),
    stop,
  }
}

function posted(
  position: number,
  kind: DocumentKind,
  number: string,
  lines: readonly PostedLine[],
  effectiveAt: string,
  orderNumber: string | undefined,
) {
  const [from, to] = places[kind]
  const place = (type: LocationType) => ({ location: type === 'internal' ? 'WH/Stock' : type, type, warehouse: null })
  return {
    ...{ position: String(position), documentId: uuidOf(number), number, kind, warehouse: 'WH' },
    ...{ recordedAt: '2026-04-23T09:00:01Z', effectiveAt },
    ...(orderNumber === undefined ? {} : { order: { source: '/erp/purchase', orderNumber } }),
    lines: lines.map((line, index) => ({
      ...{ move: uuidOf(`${number} ${index}`), line: index + 1, productId: uuidOf(line.sku), sku: line.sku },
      ...{ productType: 'stockable', category: line.category ?? 'Raw', lot: null, quantity: line.quantity, unit: 'kg' },
      ...{
        from: place(line.way?.[0] ?? from),
        to: place(line.way?.[1] ?? to),
        entered: { quantity: line.quantity, unit: 'kg' },
      },
      ...(line.unitCost === undefined ? {} : { unitCost: line.unitCost }),
      ...(line.price === undefined ? {} : { price: priceOf(line.price, line.currency ?? 'USD', line.perUnit ?? '1') }),
      ...{ orderLine: line.orderLine, orderQuantity: line.orderQuantity },
      ...{ completesOrderLine: line.completesOrderLine },
    })),
  }
}

function priceOf(unitPrice: string, currency: string, denominator: string) {
  return { unitPrice, unit: 'kg', currency, numerator: '1', denominator }
}

function productChanged(sku: string, category: string, standardCost: string) {
  return {
    ...{ productId: uuidOf(sku), sku, name: sku, type: 'stockable', unit: 'kg', unitDecimals: 3, units: [], category },
    ...{ tracking: 'none', barcodes: [], standardCost, receiptTolerance: '0', active: true },
  }
}
