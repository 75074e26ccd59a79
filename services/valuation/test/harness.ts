/** Valuation on a database and a bus of its own, with stock's side played by the test. */
import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { groups } from '@stockline/contracts'
import { startService, type KeySource, type RunningService } from '@stockline/service-kit'
import { clientFor, testDatabase, until, type Client } from '@stockline/test-kit'
import { valuation } from '../src/app.ts'
import type { PrismaClient } from '../src/database.ts'
import type { DocumentKind, LocationType } from '@stockline/contracts'
import { uuidOf } from './books.ts'

const issuer = 'stockline'
const kid = 'test'
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keySource: KeySource = {
  find: (asked) =>
    Promise.resolve(
      asked === kid ? createPublicKey(keys.publicKey.export({ format: 'pem', type: 'spki' })) : undefined,
    ),
}

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
}

/** A running valuation service, and clients of the groups. */
export interface Harness {
  readonly service: RunningService<PrismaClient>
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
  stop(): Promise<void>
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
  const [database, bus] = await Promise.all([testDatabase('valuation'), testDatabase('valuation_bus')])
  const service = await startService(
    { ...valuation, keys: () => keySource },
    {
      PORT: '0',
      VALUATION_DATABASE_URL: database.url,
      BUS_DATABASE_URL: bus.url,
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    },
  )
  const as = (claims: object): Client => clientFor(service.url, tokenOf(claims))
  const person = (group: string): Client =>
    as({ sub: randomUUID(), name: `Name of ${group}`, groups: [group], sid: randomUUID() })
  const sent: Told[] = []
  const tell = async (...told: readonly Told[]) => {
    sent.push(...told)
    await service.bus.publish(told.map(toMessage))
  }
  let position = 0
  const changes = new Map<string, number>()
  return {
    service,
    manager: person(groups.manager),
    supervisor: person(groups.supervisor),
    user: person(groups.user),
    accounting: as({ sub: 'books', name: 'Books', scope: 'entries:read' }),
    controlling: as({ sub: 'costs', name: 'Costs', scope: 'costs:read' }),
    post: async (kind, number, lines, effectiveAt = '2026-04-23T09:00:00Z', orderNumber) => {
      position += 1
      const data = posted(position, kind, number, lines, effectiveAt, orderNumber)
      await tell({ type: 'stock.document-posted.v1', topic: 'stock.ledger', subject: 'DEMO', sequence: position, data })
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
      await tell({ type: 'stock.product-changed.v1', topic: 'stock.products', subject, sequence, data })
      await until(`${sku} is known in ${category}`, async () => {
        const pool = await service.db.prisma.costPool.findUnique({ where: { productId: subject } })
        return pool?.category === category && pool.standardCost?.equals(standardCost)
      })
    },
    repeat: () => service.bus.publish(sent.map(toMessage)),
    stop: async () => {
      await service.stop()
      await Promise.all([database.drop(), bus.drop()])
    },
  }
}

interface Told {
  readonly type: string
  readonly topic: string
  readonly subject: string
  readonly sequence: number
  readonly data: object
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
    ...{ position: String(position), documentId: uuidOf(number), number, kind, attempt: 1, warehouse: 'WH' },
    ...{ recordedAt: '2026-04-23T09:00:01Z', effectiveAt },
    ...(orderNumber === undefined ? {} : { order: { source: '/erp/purchase', orderNumber } }),
    lines: lines.map((line, index) => ({
      ...{ move: uuidOf(`${number} ${index}`), line: index + 1, productId: uuidOf(line.sku), sku: line.sku },
      ...{ productType: 'stockable', category: line.category ?? 'Raw', lot: null, quantity: line.quantity, unit: 'kg' },
      ...{ from: place(from), to: place(to), entered: { quantity: line.quantity, unit: 'kg' } },
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

function toMessage({ type, topic, subject, sequence, data }: Told) {
  const id = uuidOf(`${topic} ${subject} ${sequence}`)
  const event = { specversion: '1.0', id, source: '/stockline/stock', type, subject, sequence: String(sequence), data }
  return { topic, message: { key: subject, value: Buffer.from(JSON.stringify(event)), headers: {} } }
}

function tokenOf(claims: object): string {
  const now = Math.floor(Date.now() / 1000)
  const body = { iss: issuer, aud: issuer, jti: randomUUID(), iat: now, nbf: now, exp: now + 3600, ...claims }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'ES256', typ: 'at+jwt', kid })}.${part(body)}`
  const signature = sign('sha256', Buffer.from(signed), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}
