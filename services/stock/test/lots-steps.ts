/** What tests of lots do: make some, ask for some, and read what stock answers. */
import { randomUUID } from 'node:crypto'
import { until, type Client } from '@stockline/test-kit'
import type { LotAnswer } from '../src/lots/lot.shapes.api.ts'
import type { RunningStock } from './running.ts'

/** What stock says of a delivery. */
export interface Told {
  readonly code?: string
  readonly detail?: string
  readonly complete?: boolean
  readonly lines?: readonly { readonly picks: readonly { readonly lot: string | null; readonly quantity: string }[] }[]
  readonly refusedPicks?: readonly { readonly lot: string; readonly message: string }[]
}

/** The steps. @param stock that runs by then */
export function lotSteps(stock: () => RunningStock) {
  /** A product that is tracked by lot, with these lots on hand. */
  const milk = async (
    ...lots: readonly (readonly [code: string, quantity: string, more?: object])[]
  ): Promise<string> => {
    const sku = `ML-${randomUUID().slice(0, 8)}`
    const usual = { type: 'stockable', category: 'Goods', unit: 'unit', tracking: 'lot' }
    await stock().made('/v1/products', { ...usual, sku, name: 'Milk' })
    const lines = lots.map(([lot, quantity, more]) => ({ sku, location: 'WH/Stock/A', lot, quantity, unitCost: '1', ...more })) // prettier-ignore
    if (lines.length > 0) await stock().made('/v1/opening-stock', { lines })
    return sku
  }

  const lotOf = async (sku: string, code: string, client: Client = stock().manager): Promise<LotAnswer> => {
    const { body } = await client.get<{ items: LotAnswer[] }>(`/v1/lots?sku=${sku}&code=${code}`)
    return body.items[0] as LotAnswer
  }

  /** A delivery that wants so much of a product, once stock has answered. */
  const wanting = async (sku: string, quantity: string, more: object = {}): Promise<string> => {
    const documentId = randomUUID()
    await stock().publish('picking.deliveries', 'picking.delivery-confirmed.v1', documentId, {
      ...{ documentId, number: 'WH/OUT/00001', warehouse: 'WH', revision: 1, priority: 5 },
      ...{ orderedAt: '2026-04-20T08:00:00Z', allowPartial: false, lines: [{ line: 1, sku, quantity }], ...more },
    })
    await until('stock answers', async () => (await answers(documentId)).length > 0)
    return documentId
  }

  /** What stock said of a delivery, as `lot quantity`, or the code of a release. */
  const answers = async (documentId: string): Promise<string[]> => {
    const text = `select value::jsonb -> 'data' as data from kit.outbox where subject = $1 order by position`
    const rows = await stock().service.db.query<{ data: Told }>({ name: '', text }, [documentId])
    return rows.map(({ data }) =>
      data.code === undefined || data.lines !== undefined
        ? (data.lines ?? [])
            .flatMap(({ picks }) => picks.map((pick) => `${pick.lot ?? ''} ${pick.quantity}`))
            .join(', ')
        : `${data.code}: ${data.detail ?? ''}`,
    )
  }

  return { milk, lotOf, wanting, answers }
}
