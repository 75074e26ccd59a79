/** Picking on a database and a bus of its own, with stock's side played by the test: nothing is mocked but who asks. */
import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { groups } from '@stockline/contracts'
import { startService, type KeySource, type RunningService } from '@stockline/service-kit'
import {
  clientFor,
  meeting,
  testDatabase,
  until,
  type Client,
  type Meeting,
  type TestDatabase,
} from '@stockline/test-kit'
import { picking } from '../src/app.ts'
import type { PrismaClient } from '../src/generated/client.ts'
import { compareMemory } from './memory.ts'

const issuer = 'stockline'
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const kid = 'test'
const keySource: KeySource = {
  find: (asked) =>
    Promise.resolve(
      asked === kid ? createPublicKey(keys.publicKey.export({ format: 'pem', type: 'spki' })) : undefined,
    ),
}

/** A running picking service, and people who use it. */
export interface Harness {
  readonly service: RunningService<PrismaClient>
  /** For requests that come at the same moment. */
  readonly meeting: Meeting
  readonly manager: Client
  readonly supervisor: Client
  /** Another supervisor. */
  readonly second: Client
  readonly user: Client
  /** The first supervisor, after having been made a user. */
  readonly demoted: Client
  readonly administrator: Client
  /** A user who is assigned to `WH/Input` alone. */
  readonly stranger: Client
  /** A service client that publishes orders. */
  readonly erp: Client
  /** Another one, which speaks for `/shop` and `/shop/outlet` alone. */
  readonly shop: Client
  /** Publishes as another service or system would, and waits for nothing. */
  publish(...events: readonly Published[]): Promise<void>
  /** Plays the ledger: answers what was validated since the last call. */
  post(refuse?: string): Promise<number>
  stop(): Promise<void>
}

/** An event as the test wants it told. */
export interface Published {
  readonly type: string
  readonly topic: string
  readonly subject: string
  readonly data: unknown
  readonly source?: string
  readonly id?: string
}

/** Ids of the people, as stock's assignments name them. */
export const ids = {
  manager: '00000000-0000-7000-8000-000000000001',
  supervisor: '00000000-0000-7000-8000-000000000002',
  second: '00000000-0000-7000-8000-000000000003',
  user: '00000000-0000-7000-8000-000000000004',
  stranger: '00000000-0000-7000-8000-000000000005',
  administrator: '00000000-0000-7000-8000-000000000006',
}

type Environment = Readonly<Record<string, string>>

/** Databases that outlive a floor. */
export interface HarnessDatabases {
  readonly database: TestDatabase
  readonly bus: TestDatabase
}

/** Databases for floors that are opened one after the other. */
export async function harnessDatabases(): Promise<HarnessDatabases> {
  const [database, bus] = await Promise.all([testDatabase('picking'), testDatabase('picking_bus')])
  return { database, bus }
}

/**
 * Starts it with warehouse WH and the products of the demo data known.
 *
 * @param kept databases that are not dropped when it stops; what they hold is used
 * @param environment more of the service's variables
 */
export async function openHarness(kept?: HarnessDatabases, environment: Environment = {}): Promise<Harness> {
  const { database, bus: busDatabase } = kept ?? (await harnessDatabases())
  const met = meeting()
  const service = await startService(
    { ...picking, keys: () => keySource },
    {
      PORT: '0',
      PICKING_DATABASE_URL: database.url,
      BUS_DATABASE_URL: busDatabase.url,
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      ...environment,
    },
    { meet: met.meet },
  )
  const as = (claims: object): Client => clientFor(service.url, tokenOf(claims))
  const person = (id: string, group: string): Client =>
    as({ sub: id, name: `Name of ${group}`, groups: [group], sid: randomUUID() })
  const publish = (...events: readonly Published[]): Promise<void> => service.bus.publish(events.map(toMessage))
  let position = 0n
  const harness: Harness = {
    service,
    meeting: met,
    manager: person(ids.manager, groups.manager),
    supervisor: person(ids.supervisor, groups.supervisor),
    second: person(ids.second, groups.supervisor),
    user: person(ids.user, groups.user),
    stranger: person(ids.stranger, groups.user),
    demoted: person(ids.supervisor, groups.user),
    administrator: person(ids.administrator, groups.administrator),
    erp: as({ sub: 'erp', name: 'ERP', scope: 'orders:publish' }),
    shop: as({ sub: 'shop', name: 'Shop', scope: 'orders:publish', sources: ['/shop', '/shop/outlet'] }),
    publish,
    post: (refuse) =>
      answerValidated(service, publish, refuse, () => {
        position += 1n
        return position
      }),
    stop: async () => {
      try {
        await compareMemory(service.db)
      } finally {
        await service.stop()
        if (kept === undefined) await Promise.all([database.drop(), busDatabase.drop()])
      }
    },
  }
  if ((await service.db.prisma.product.count()) === 0) await tellMasterData(harness)
  return harness
}

/** A CloudEvent for `POST /v1/events`. */
export function cloudEvent(type: string, subject: string, data: unknown, over: object = {}): object {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/erp/purchase',
    type,
    subject,
    time: '2026-04-20T08:00:00Z',
    datacontenttype: 'application/json',
    data,
    ...over,
  }
}

function tokenOf(claims: object): string {
  const now = Math.floor(Date.now() / 1000)
  const body = { iss: issuer, aud: issuer, jti: randomUUID(), iat: now, nbf: now, exp: now + 3600, ...claims }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'ES256', typ: 'at+jwt', kid })}.${part(body)}`
  const signature = sign('sha256', Buffer.from(signed), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

function toMessage({ type, topic, subject, data, source, id }: Published) {
  const event = cloudEvent(type, subject, data, { id: id ?? randomUUID(), source: source ?? '/test/stock' })
  return { topic, message: { key: subject, value: Buffer.from(JSON.stringify(event)), headers: {} } }
}

async function tellMasterData(harness: Harness): Promise<void> {
  const warehouse = { code: 'WH', name: 'Main', defaultReceiptLocation: 'WH/Stock', active: true }
  const place = (code: string, index: number) =>
    ({
      type: 'stock.location-changed.v1',
      topic: 'stock.locations',
      subject: 'WH',
      data: {
        warehouse,
        location: {
          locationId: `00000000-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`,
          code,
          type: 'internal',
          reservable: true,
          allowNegative: false,
          pickSequence: index,
          barcode: null,
          active: true,
        },
      },
    }) satisfies Published
  await harness.publish(
    unitTold('kg', 3),
    unitTold('unit', 0),
    unitTold('g', 0, { unit: 'kg', numerator: '1', denominator: '1000' }),
    ...['RM-A', 'RM-B'].map((sku) => productTold(sku)),
    productTold('LOT', { tracking: 'lot' }),
    productTold('PX', { unit: 'unit', unitDecimals: 0 }),
    productTold('SVC', { unit: 'unit', unitDecimals: 0, type: 'service' }),
    ...['WH', 'WH/Stock', 'WH/Stock/A1-03', 'WH/Input'].map(place),
    ...[ids.supervisor, ids.second, ids.user].map((id) => assigned(id, ['WH/Stock'])),
    assigned(ids.stranger, ['WH/Input']),
  )
  await until('master data is known', async () => {
    const { prisma } = harness.service.db
    const counts = await Promise.all([
      prisma.product.count(),
      prisma.location.count(),
      prisma.assignment.count(),
      prisma.unit.count(),
    ])
    return counts.join() === '5,4,4,3'
  })
}

/** `stock.assignment-changed`. */
export function assigned(userId: string, locations: readonly string[]): Published {
  return {
    type: 'stock.assignment-changed.v1',
    topic: 'stock.assignments',
    subject: userId,
    data: { userId, locations },
  }
}

/** `stock.unit-changed`. */
export function unitTold(code: string, decimals: number, reference?: object): Published {
  return {
    type: 'stock.unit-changed.v1',
    topic: 'stock.products',
    subject: code,
    data: { code, name: code, decimals, ...(reference === undefined ? {} : { reference }) },
  }
}

/** `stock.product-changed`. */
export function productTold(sku: string, over: object = {}): Published {
  const productId = randomUUID()
  return {
    type: 'stock.product-changed.v1',
    topic: 'stock.products',
    subject: productId,
    data: {
      productId,
      sku,
      name: sku,
      type: 'stockable',
      unit: 'kg',
      unitDecimals: 3,
      units: [],
      category: 'Raw',
      tracking: 'none',
      barcodes: [],
      receiptTolerance: '0',
      active: true,
      ...over,
    },
  }
}

interface Validated {
  readonly documentId: string
  readonly number: string
  readonly attempt: number
}

/** Reads the outbox as stock reads the topic, and answers what is not answered yet. */
async function answerValidated(
  service: RunningService<PrismaClient>,
  publish: Harness['publish'],
  refuse: string | undefined,
  nextPosition: () => bigint,
): Promise<number> {
  const posting = await service.db.prisma.receipt.findMany({ where: { status: 'posting' }, orderBy: { id: 'asc' } })
  const answers = posting.map((receipt) => answerTo(receipt, refuse, nextPosition))
  if (answers.length > 0) await publish(...answers)
  return answers.length
}

function answerTo(
  receipt: { id: string; number: string; attempt: number },
  refuse: string | undefined,
  nextPosition: () => bigint,
): Published {
  const asked: Validated = { documentId: receipt.id, number: receipt.number, attempt: receipt.attempt }
  if (refuse !== undefined)
    return {
      type: 'stock.document-refused.v1',
      topic: 'stock.refusals',
      subject: receipt.id,
      data: { ...asked, kind: 'receipt', code: 'test', detail: refuse, errors: [] },
    }
  const at = new Date().toISOString()
  return {
    type: 'stock.document-posted.v1',
    topic: 'stock.ledger',
    subject: 'DEMO',
    data: {
      ...asked,
      position: String(nextPosition()),
      kind: 'receipt',
      warehouse: 'WH',
      recordedAt: at,
      effectiveAt: at,
      lines: [],
    },
  }
}
