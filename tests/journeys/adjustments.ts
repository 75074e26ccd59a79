/** Rows A1 and A2: what is counted, beside what is expected; approved and booked, or rejected. */
import { expect, test } from '@jest/globals'
import { until, type Client } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'
import type { Fixture } from './fixture.ts'
import { type Entry, fresh, product } from './people.ts'

interface Adjustment {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly version: number
  readonly lines: readonly {
    readonly expected: string
    readonly counted: string
    readonly difference: string
    readonly movedSince: readonly { readonly document: string; readonly quantity: string }[]
  }[]
}

const location = 'WH/Stock/B2-01'
/** Codes of the accounts. */
const [inventory, gain, loss] = ['1400', '4810', '5810']

/** Registers the journeys of adjustments. */
export function adjustmentJourneys({ system }: Fixture): void {
  /** 42 of one product and 15 of another, at 2.00 and 3.00. */
  const shelf = async (): Promise<readonly [string, string]> => {
    const category = fresh('shelf')
    const skus = [await product(system(), { category }), await product(system(), { category })] as const
    const lines = [
      { sku: skus[0], location, quantity: '42', unitCost: '2.00' },
      { sku: skus[1], location, quantity: '15', unitCost: '3.00' },
    ]
    const manager = await system().login('manager')
    must(await manager.send('POST', '/stock/v1/opening-stock', { body: { lines } }), 201)
    return skus
  }
  const counted = async (who: Client, counts: readonly (readonly [sku: string, counted: string])[]) => {
    const lines = counts.map(([sku, there]) => ({ sku, location, counted: there }))
    const body = { reason: 'count', lines }
    return must(await who.send<Adjustment>('POST', '/stock/v1/adjustments', { body }), 201)
  }
  const step = (who: Client, { id, version }: Adjustment, name: string, body: object = {}) =>
    who.send<Adjustment>('POST', `/stock/v1/adjustments/${id}/${name}`, { version, body })
  const differences = ({ lines }: Adjustment) => lines.map((line) => [line.expected, line.counted, line.difference])

  test('A1 A2: an operator counts 40 of 42 and 17 of 15, a supervisor approves, and stock, loss and gain follow', async () => {
    const [user, supervisor] = [await system().login('user'), await system().login('supervisor')]
    const [less, more] = await shelf()
    const draft = await counted(user, [
      [less, '40'],
      [more, '17'],
    ])
    expect(draft.number).toMatch(/^WH\/ADJ\/\d{5}$/)
    expect(differences(draft)).toEqual([
      ['42', '40', '-2'],
      ['15', '17', '2'],
    ])
    const submitted = must(await step(user, draft, 'submit'), 200)
    expect(submitted.status).toBe('submitted')
    expect((await step(user, submitted, 'approve')).status).toBe(403)
    const posted = must(await step(supervisor, submitted, 'approve'), 200)
    expect(posted.status).toBe('posted')
    expect([await onHand(system(), less), await onHand(system(), more)]).toEqual(['40', '17'])
    expect(await booked(system(), posted)).toEqual({
      [less]: [
        [loss, '4.00', '0.00'],
        [inventory, '0.00', '4.00'],
      ],
      [more]: [
        [inventory, '6.00', '0.00'],
        [gain, '0.00', '6.00'],
      ],
    })
  })

  test('A2: rejected, nothing is corrected; a manager below the limit of the group needs nobody', async () => {
    const [user, supervisor] = [await system().login('user'), await system().login('supervisor')]
    const manager = await system().login('manager')
    const [less] = await shelf()
    const submitted = must(await step(user, await counted(user, [[less, '41']]), 'submit'), 200)
    const rejected = must(await step(supervisor, submitted, 'reject', { reason: 'There is one on the cart' }), 200)
    expect(rejected.status).toBe('rejected')
    expect((await step(supervisor, rejected, 'approve')).status).toBe(409)
    expect(await onHand(system(), less)).toBe('42')
    // By value: while stock has not heard from valuation what one costs, it is above any limit.
    const limits = await manager.get<{ version: number }>('/stock/v1/adjustment-limits')
    const body = { limits: [{ group: 'manager', value: '1000.00' }] }
    must(await manager.send('PUT', '/stock/v1/adjustment-limits', { body, version: limits.body.version }), 200)
    const cheap = async () => must(await step(manager, await counted(manager, [[less, '41']]), 'submit'), 200).status
    await until('the cost to be known at stock', async () => (await cheap()) === 'posted')
    expect(await onHand(system(), less)).toBe('41')
    const back = { limits: [{ group: 'manager', quantity: '0', percent: '0', value: '0' }] }
    const version = limits.body.version + 1
    must(await manager.send('PUT', '/stock/v1/adjustment-limits', { body: back, version }), 200)
  })
}

async function onHand(system: System, sku: string): Promise<string | undefined> {
  const manager = await system.login('manager')
  const found = must(
    await manager.get<{ items: { onHand: string }[] }>(`/stock/v1/quants?sku=${sku}&location=${location}`),
    200,
  )
  return found.items[0]?.onHand
}

/** Lines of the entry of a document, by product. */
async function booked(system: System, { number }: Adjustment): Promise<Record<string, string[][]>> {
  const manager = await system.login('manager')
  const entries = async () =>
    must(
      await manager.get<{ items: Entry[] }>(`/valuation/v1/journal-entries?document=${encodeURIComponent(number)}`),
      200,
    ).items
  await until(`the entry of ${number}`, async () => (await entries()).length > 0)
  const lines = (await entries()).flatMap((entry) => entry.lines)
  const bySku = Map.groupBy(lines, ({ sku }) => sku ?? '')
  return Object.fromEntries(
    [...bySku].map(([sku, of]) => [sku, of.map(({ account, debit, credit }) => [account, debit, credit])]),
  )
}
