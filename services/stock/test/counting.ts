/** Zones with goods, and steps on count sheets, for tests of counts on a running service. */
import type { Client, Reply } from '@stockline/test-kit'
import { people, product, runStock, type Body, type RunningStock } from './running.ts'

/** A sheet as it is answered. */
export interface Sheet extends Body {
  readonly number: string
  readonly status: string
  readonly zone: string
  readonly cause: string
  readonly history: readonly object[]
  readonly assignee: string | null
  readonly adjustments: readonly string[]
  readonly lines: readonly {
    readonly line: number
    readonly sku: string
    readonly location: string
    readonly expected: string | null
    readonly counted: string | null
    readonly difference: string | null
    readonly position: string | null
    readonly state: string
    readonly why: string | null
  }[]
}

/** What tests of counts do. */
export interface Counting {
  readonly stock: RunningStock
  /** A zone of its own, with so many pieces of products. */
  zone(goods?: Readonly<Record<string, string>>): Promise<string>
  /** Makes a sheet as the manager. */
  make(body: object): Promise<Sheet>
  read(id: string, as?: Client): Promise<Sheet>
  /** A step on a sheet, at the version that it has now unless another is given. */
  step(as: Client, sheet: Pick<Sheet, 'id'>, path: string, body?: object, version?: number): Promise<Reply<Sheet>>
}

/** Starts stock with products PA, PB and PC in pieces, and a user and a supervisor who act everywhere. */
export async function runCounting(): Promise<Counting> {
  const stock = await runStock()
  for (const sku of ['PA', 'PB', 'PC']) await stock.made('/v1/products', product(sku, { unit: 'unit' }))
  for (const id of [people.user, people.supervisor])
    await stock.manager.send('PUT', `/v1/users/${id}/locations`, { body: { locations: ['WH'] } })
  let zones = 0
  const read: Counting['read'] = async (id, as = stock.manager) => (await as.get<Sheet>(`/v1/count-sheets/${id}`)).body
  return {
    stock,
    zone: async (goods = {}) => {
      const code = `WH/Z${String((zones += 1))}`
      await stock.made('/v1/locations', { code })
      const lines = Object.entries(goods).map(([sku, quantity]) => ({
        sku,
        quantity,
        location: code,
        unitCost: '2.00',
      }))
      if (lines.length > 0) await stock.made('/v1/opening-stock', { lines })
      return code
    },
    make: (body) => stock.made('/v1/count-sheets', body) as unknown as Promise<Sheet>,
    read,
    step: async (as, { id }, path, body = {}, version) => {
      const now = version ?? (await read(id)).version
      const method = path === 'lines' ? 'PATCH' : path === 'assignee' ? 'PUT' : 'POST'
      return as.send<Sheet>(method, `/v1/count-sheets/${id}/${path}`, { body, version: now })
    },
  }
}
