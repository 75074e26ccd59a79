/** Picking on a database and a bus of its own, with stock's side played by the test: nothing is mocked but who asks. */
import { randomUUID } from 'node:crypto'
import { groups } from '@stockline/contracts'
import type { RunningService } from '@stockline/service-kit'
import { meeting, until, type Client, type Meeting } from '@stockline/test-kit'
import { openService, type OpenService, type Published, type ServiceDatabases } from '@stockline/test-kit/service'
import { picking } from '../src/app.ts'
import type { PrismaClient } from '../src/generated/client.ts'
import { compareCache } from './document-cache.ts'

/** A running picking service, and people who use it. */
export interface Harness extends Pick<OpenService<PrismaClient>, 'service' | 'publish' | 'stop'> {
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
  /** Plays the ledger: answers what was validated since the last call. */
  post(refuse?: string): Promise<number>
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

/**
 * Starts it with warehouse WH and the products of the demo data known.
 *
 * @param databases are not dropped when it stops; what they hold is used
 * @param environment more of the service's variables
 */
export async function openHarness(
  databases?: ServiceDatabases,
  environment: Readonly<Record<string, string>> = {},
): Promise<Harness> {
  const met = meeting()
  const open = await openService(picking, { databases, environment, hooks: { meet: met.meet } })
  const { as, person, publish, service } = open
  let position = 0n
  const harness: Harness = {
    service,
    meeting: met,
    manager: person(groups.manager, ids.manager),
    supervisor: person(groups.supervisor, ids.supervisor),
    second: person(groups.supervisor, ids.second),
    user: person(groups.user, ids.user),
    stranger: person(groups.user, ids.stranger),
    demoted: person(groups.user, ids.supervisor),
    administrator: person(groups.administrator, ids.administrator),
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
        await compareCache(service.db)
      } finally {
        await open.stop()
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
