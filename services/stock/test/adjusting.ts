/** What the tests of adjustments do, in one line each. */
import type { Reply } from '@stockline/test-kit'
import type { ServiceDatabases } from '@stockline/test-kit/service'
import { people, product, runStock, type Body, type RunningStock } from './running.ts'

interface Line {
  readonly line: number
  readonly expected: string | null
  readonly counted: string
  readonly difference: string | null
  readonly movedSince: readonly { readonly document: string; readonly quantity: string }[] | null
  readonly movedMore: number | null
}
/** An adjustment as it is answered. */
export type Adjustment = Body & {
  readonly number: string
  readonly status: string
  readonly problem: string | null
  readonly lines: readonly Line[]
  readonly history: readonly { readonly what: string; readonly why: string | null; readonly mark: string | null }[]
}

/** Where they are. */
export const path = '/v1/adjustments'

/** Runs stock with 42 of one product and 15 of another, and people who are assigned to the warehouse. */
export async function runAdjustedStock(databases?: ServiceDatabases): Promise<RunningStock> {
  const stock = await runStock(databases)
  for (const sku of ['RM-A', 'RM-B']) await stock.made('/v1/products', product(sku))
  await stock.made('/v1/products', product('LOT', { tracking: 'lot' }))
  await stock.made('/v1/products', product('SER', { tracking: 'serial', unit: 'unit' }))
  await stock.made('/v1/opening-stock', {
    lines: [
      { sku: 'RM-A', location: 'WH/Stock', quantity: '42', unitCost: '2' },
      { sku: 'RM-B', location: 'WH/Stock', quantity: '15', unitCost: '3' },
    ],
  })
  for (const person of ['user', 'supervisor'] as const)
    await stock.manager.send('PUT', `/v1/users/${people[person]}/locations`, { body: { locations: ['WH'] } })
  return stock
}

/** What was counted, as a line of a body. */
export const line = (sku: string, counted: string, more: object = {}) => ({
  sku,
  location: 'WH/Stock',
  counted,
  ...more,
})
/** Expected, counted and difference of each line. */
export const differences = ({ lines }: Adjustment) =>
  lines.map(({ expected, counted, difference }) => [expected, counted, difference])

/** Steps of people on a running stock. @param running asked for when a step is taken */
export function adjusting(running: () => RunningStock) {
  const begin = async (lines: readonly object[], who = running().user, more: object = {}): Promise<Adjustment> => {
    const reply = await who.send<Adjustment>('POST', path, { body: { reason: 'count', lines, ...more } })
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
    return reply.body
  }
  const step = async (
    { id, version }: Pick<Adjustment, 'id' | 'version'>,
    name: string,
    who = running().user,
    body: object = {},
  ): Promise<Reply<Adjustment>> => who.send<Adjustment>('POST', `${path}/${id}/${name}`, { version, body })
  const submitted = async (lines: readonly object[], who = running().user) =>
    (await step(await begin(lines, who), 'submit', who)).body
  const onHand = async (sku: string, location = 'WH/Stock') => {
    const quants = await running().manager.get<Body>(`/v1/quants?sku=${sku}&location=${location}`)
    return quants.body.items.map((quant) => quant['onHand'])
  }
  const stocked = async (sku: string, quantity: string, more: object = {}, of: object = {}) => {
    await running().made('/v1/products', product(sku, of))
    const location = 'WH/Stock'
    await running().made('/v1/opening-stock', { lines: [{ sku, location, quantity, unitCost: '2', ...more }] })
  }
  const limits = async (user: object) => {
    const { version } = (await running().manager.get<Body>('/v1/adjustment-limits')).body
    const body = { limits: [{ group: 'user', ...user }] }
    return running().manager.send<Body>('PUT', '/v1/adjustment-limits', { body, version })
  }
  const shown = async ({ id }: { readonly id: string }, who = running().manager) =>
    (await who.get<Adjustment>(`${path}/${id}`)).body
  return { begin, step, submitted, onHand, stocked, limits, shown }
}
