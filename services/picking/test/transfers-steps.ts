/** Steps that tests of transfers take over HTTP and the bus, with stock's answers told by the test. */
import { sql } from '@stockline/service-kit'
import { until, type Client, type Reply } from '@stockline/test-kit'
import type { Published } from '@stockline/test-kit/service'
import type { TransferConfirmed, TransferValidated } from '@stockline/contracts'
import type { Harness } from './harness.ts'
import type { Problem } from './steps.ts'

/** A transfer as it is answered. */
export interface ShownTransfer {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly version: number
  readonly problem: string | null
  readonly position: string | null
  readonly source: string
  readonly destination: string
  readonly lines: readonly {
    readonly line: number
    readonly sku: string
    readonly quantity: string
    readonly unit: string
    readonly lot: string | null
    readonly shipped: string
    readonly received: string
    readonly lost: string
    readonly returned: string
    readonly inTransit: string
    readonly moves: readonly object[]
  }[]
  readonly history: readonly { readonly what: string; readonly why: string | null }[]
}

export const [stockPlace, bin, input] = ['WH/Stock', 'WH/Stock/A1-03', 'WH/Input']
export const fiftyAndThirty = [
  { sku: 'RM-A', quantity: '50', unit: 'kg' },
  { sku: 'RM-B', quantity: '30', unit: 'kg' },
]

/** A draft from the bin to the input. */
export async function drafted(
  harness: Harness,
  lines: readonly object[] = fiftyAndThirty,
  over: object = {},
): Promise<ShownTransfer> {
  const body = { source: bin, destination: input, lines, ...over }
  const made = await harness.manager.send<ShownTransfer>('POST', '/v1/transfers', { body })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body
}

/** One step on a transfer, at the version that is given. */
export function stepOn<Body = ShownTransfer & Problem>(
  who: Client,
  transfer: Pick<ShownTransfer, 'id' | 'version'>,
  step: string,
  body: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply<Body>> {
  const method = step === 'lines' ? 'PATCH' : 'POST'
  return who.send<Body>(method, `/v1/transfers/${transfer.id}/${step}`, { body, version: transfer.version, headers })
}

/** A transfer as a manager sees it. */
export async function seen(harness: Harness, id: string): Promise<ShownTransfer> {
  return (await harness.manager.get<ShownTransfer>(`/v1/transfers/${id}`)).body
}

/** The transfer once it is so. */
export function once(
  harness: Harness,
  { id }: Pick<ShownTransfer, 'id'>,
  what: string,
  is: (transfer: ShownTransfer) => boolean = ({ status }) => status === what,
): Promise<ShownTransfer> {
  return until(`transfer is ${what}`, async () => {
    const now = await seen(harness, id)
    return is(now) ? now : undefined
  })
}

interface PublishedData extends Omit<TransferConfirmed, 'lines'> {
  readonly lines: readonly (Omit<TransferValidated['lines'][number], 'documentLine'> & {
    readonly documentLine?: number
  })[]
}

const askedStatement = sql(`SELECT type, value FROM kit.outbox WHERE subject = $1 ORDER BY position`)

/** What was published of a transfer, oldest first: the name of the event, and its data. */
export async function publishedOf(harness: Harness, { id }: Pick<ShownTransfer, 'id'>) {
  const rows = await harness.service.db.query<{ type: string; value: string }>(askedStatement, [id])
  return rows.map(({ type, value }) => ({
    type: type.replace('picking.transfer-', ''),
    data: (JSON.parse(value) as { data: PublishedData }).data,
  }))
}

let position = 1000

/** How the ledger posts what it was asked last: out of the source by these lots, or out of transit. */
export async function posts(
  harness: Harness,
  transfer: Pick<ShownTransfer, 'id'>,
  lots: Readonly<Record<number, readonly (readonly [lot: string, quantity: string])[]>> = {},
): Promise<Published> {
  const asked = (await publishedOf(harness, transfer)).at(-1)
  if (asked === undefined) throw new Error('Nothing was asked.')
  const { type, data } = asked
  const place = (location: string | undefined, kind: string, otherwise: string) => ({
    location: location ?? otherwise,
    type: location === undefined ? kind : 'internal',
    warehouse: location === undefined ? null : 'WH',
  })
  const lines =
    type === 'confirmed.v1'
      ? data.lines.flatMap((line) =>
          (lots[line.line] ?? [[line.lot, line.quantity] as const]).map(([lot, quantity]) => ({
            ...{ ...line, documentLine: line.line, lot, quantity },
            ...{ from: place(data.source, '', ''), to: place(undefined, 'transit', 'Transit') },
          })),
        )
      : data.lines.map((line) => ({
          ...line,
          ...{ from: place(line.from, 'transit', 'Transit'), to: place(line.to, 'loss', 'Loss') },
        }))
  return ledgerPosts(transfer.id, data, lines)
}

function ledgerPosts(
  documentId: string,
  data: PublishedData,
  lines: readonly { readonly lot?: string | undefined }[],
): Published {
  const at = new Date().toISOString()
  const { number, attempt, warehouse } = data
  return {
    type: 'stock.document-posted.v1',
    topic: 'stock.ledger',
    subject: 'DEMO',
    data: {
      ...{ position: String((position += 1)), documentId, number, kind: 'transfer', attempt, warehouse },
      ...{ recordedAt: at, effectiveAt: at },
      lines: lines.map((line, index) => ({
        ...{ unit: 'kg', ...line, lot: line.lot ?? null },
        ...{ line: index + 1, move: crypto.randomUUID(), productId: crypto.randomUUID(), productType: 'stockable' },
      })),
    },
  }
}

/** Stock has too little to ship it. */
export function tooLittle({ id, number }: ShownTransfer, revision: number, missing: string): Published {
  return {
    type: 'stock.stock-reserved.v1',
    topic: 'stock.reservations',
    subject: id,
    data: {
      ...{ documentId: id, number, revision, complete: false, lines: [] },
      shortages: [{ sku: 'RM-A', missing, available: '20', outOfReach: [], more: 0 }],
    },
  }
}

/** The ledger refuses an attempt. */
export function ledgerRefuses({ id, number }: ShownTransfer, attempt: number, detail: string): Published {
  return {
    type: 'stock.document-refused.v1',
    topic: 'stock.refusals',
    subject: id,
    data: { documentId: id, number, attempt, kind: 'transfer', code: 'test', detail, errors: [] },
  }
}

/** A transfer in transit. */
export async function shipped(harness: Harness, lines?: readonly object[], lots?: Parameters<typeof posts>[2]) {
  const draft = await drafted(harness, lines)
  await stepOn(harness.user, draft, 'confirm')
  await harness.publish(await posts(harness, draft, lots))
  return once(harness, draft, 'in_transit')
}
