import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { deliveriesOf, readied, salesOrder, told } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'

interface Listed {
  readonly items: readonly { readonly number: string; readonly status: string; readonly scheduledDate: string | null }[]
  readonly nextCursor: string | null
}

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
  for (const [index, priority] of [3, 9, 0, 3, 5].entries()) {
    const date = `2026-05-0${String(9 - index)}`
    const line = { line: 1, sku: 'PX', quantity: '1', unit: 'unit' }
    await told(harness, salesOrder('confirmed', `SO-${String(index)}`, [line], { priority, scheduledDate: date }))
    await deliveriesOf(harness, `SO-${String(index)}`)
  }
  await readied(harness, 'SO-READY')
}, 60_000)
afterAll(() => harness.stop())

/** All numbers of the list, two at a time. */
async function numbers(query: string): Promise<readonly Listed['items'][number][]> {
  const all: Listed['items'][number][] = []
  let more = ''
  do {
    const { status, body } = await harness.manager.get<Listed>(`/v1/deliveries?limit=2&${query}${more}`)
    expect(status).toBe(200)
    all.push(...body.items)
    more = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (more !== '')
  return all
}

const inOrder = async <Key>(query: string, keyOf: (item: Listed['items'][number]) => Promise<Key> | Key) =>
  Promise.all((await numbers(query)).map(keyOf))

/** The priority stands on the delivery. */
async function priorityOf({ number }: { readonly number: string }): Promise<number> {
  const { body } = await harness.manager.get<{ items: { id: string }[] }>(
    `/v1/deliveries?number=${encodeURIComponent(number)}`,
  )
  return (await harness.manager.get<{ priority: number }>(`/v1/deliveries/${body.items[0]?.id ?? ''}`)).body.priority
}

describe('D2 lists are sorted by status, priority and date, either way, page by page', () => {
  test('by priority: the most urgent first', async () => {
    expect(await inOrder('sort=priority', priorityOf)).toEqual([0, 3, 3, 5, 5, 9])
    expect(await inOrder('sort=-priority', priorityOf)).toEqual([9, 5, 5, 3, 3, 0])
  })

  test('by status: as deliveries live, not as they are spelled', async () => {
    const waiting = Array<string>(5).fill('waiting')
    expect(await inOrder('sort=status', ({ status }) => status)).toEqual([...waiting, 'ready'])
    expect(await inOrder('sort=-status', ({ status }) => status)).toEqual(['ready', ...waiting])
  })

  test('by date', async () => {
    const dates = await inOrder('sort=scheduledDate&status=waiting', ({ scheduledDate }) => scheduledDate)
    expect(dates).toEqual(['2026-05-05', '2026-05-06', '2026-05-07', '2026-05-08', '2026-05-09'])
  })

  test('a cursor of another order is refused, and receipts have no priority', async () => {
    const { body } = await harness.manager.get<Listed>('/v1/deliveries?limit=2&sort=number')
    expect((await harness.manager.get(`/v1/deliveries?sort=priority&cursor=${body.nextCursor ?? ''}`)).status).toBe(422)
    expect((await harness.manager.get('/v1/receipts?sort=priority')).status).toBe(422)
    expect((await harness.manager.get('/v1/receipts?sort=-status')).status).toBe(200)
  })
})
