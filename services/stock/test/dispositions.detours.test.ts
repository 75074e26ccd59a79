/** Scraps and changes of status by who counted the same goods, after a detour: the count is not there any more, or says otherwise. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { people, product, runStock, type Body, type RunningStock } from './running.ts'

/** Products that are counted by who scraps them. */
const detours = [
  ...['ON-SHEET', 'RECOUNT', 'CANCELLED', 'REJECTED', 'SUBMITTED', 'DROPPED', 'REENTERED', 'DELETED'],
  ...['SHEET-AGAIN', 'SHEET-OTHER', 'SHEET-OVER', 'SHEET-RECOUNT'],
]

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  for (const sku of ['PX', ...detours]) await stock.made('/v1/products', product(sku))
  const lines = ['PX', ...detours].map((sku) => ({ sku, quantity: '42', location: 'WH/Stock', unitCost: '2' }))
  await stock.made('/v1/opening-stock', { lines })
  for (const person of ['user', 'supervisor'] as const)
    await stock.manager.send('PUT', `/v1/users/${people[person]}/locations`, { body: { locations: ['WH'] } })
}, 60_000)
afterAll(() => stock.stop())

type Made = Body & { readonly number: string; readonly status: string }
const ask = (path: 'status-changes' | 'scraps', lines: readonly object[], who = stock.supervisor) =>
  who.send<Made>('POST', `/v1/${path}`, { body: { reason: 'damage', lines } })
const standing = async (sku: string) => {
  const { body } = await stock.manager.get<Body>(`/v1/quants?sku=${sku}&location=WH`)
  return body.items.map(({ status, onHand, reserved, available }) => [status, onHand, reserved, available].join(' '))
}

describe('A2: not by who counted it by a detour', () => {
  const sent = async (who: typeof stock.user, method: 'POST' | 'PATCH', path: string, body: object, version?: number) => {
    const reply = await who.send<Made>(method, path, { body, ...(version === undefined ? {} : { version }) })
    if (reply.status > 204) throw new Error(JSON.stringify(reply.body))
    return reply.body
  } // prettier-ignore
  const at = (sku: string, counted: string) => ({ sku, location: 'WH/Stock', counted })
  const draft = (sku: string, who = stock.supervisor) =>
    sent(who, 'POST', '/v1/adjustments', { reason: 'count', lines: [at(sku, '34')] })
  const enter = (sku: string, { id, version }: Made, counted: string, who = stock.supervisor) =>
    sent(who, 'PATCH', `/v1/count-sheets/${id}/lines`, { lines: [at(sku, counted)] }, version)
  const sheet = async (sku: string, who = stock.supervisor) => {
    const body = { zone: 'WH/Stock', skus: [sku], assignee: people.user }
    return enter(sku, await sent(stock.manager, 'POST', '/v1/count-sheets', body), '34', who)
  }
  /** Somebody enters it as if nothing was missing, and the sheet is done. */
  const withdraw = async (sku: string, counted: Made, who = stock.supervisor) => {
    const done = await step(who, 'count-sheets', await enter(sku, counted, '42', who), 'submit')
    expect(done.status).toBe('done')
    return done
  }
  const step = (who: typeof stock.user, path: string, { id, version }: Made, name: string, body: object = {}) =>
    sent(who, 'POST', `/v1/${path}/${id}/${name}`, body, version)
  const change = ({ id, version }: Made, lines: object[]) =>
    sent(stock.supervisor, 'PATCH', `/v1/adjustments/${id}`, { lines }, version)

  test.each<[string, string, () => Promise<Made>]>([
    ['on a sheet in progress', 'ON-SHEET', () => sheet('ON-SHEET')],
    ['on a sheet that is counted again', 'RECOUNT', async () => step(stock.manager, 'count-sheets', await sheet('RECOUNT'), 'recount')],
    ['on a sheet that was cancelled', 'CANCELLED', async () => step(stock.supervisor, 'count-sheets', await sheet('CANCELLED'), 'cancel', { reason: 'No' })],
    ['on a sheet that says otherwise now, and is done', 'SHEET-AGAIN', async () => withdraw('SHEET-AGAIN', await sheet('SHEET-AGAIN'))],
    ['on a sheet of which somebody else says otherwise', 'SHEET-OTHER', async () => withdraw('SHEET-OTHER', await sheet('SHEET-OTHER'), stock.manager)],
    ['on a sheet of which they say otherwise than who counted', 'SHEET-OVER', async () => withdraw('SHEET-OVER', await sheet('SHEET-OVER', stock.user))],
    ['on a sheet that another person has counted again', 'SHEET-RECOUNT', async () => {
      const again = await step(stock.manager, 'count-sheets', await sheet('SHEET-RECOUNT'), 'recount')
      return withdraw('SHEET-RECOUNT', again, stock.manager)
    }],
    ['on an adjustment that was rejected', 'REJECTED', async () => {
      const waiting = await step(stock.supervisor, 'adjustments', await draft('REJECTED'), 'submit')
      return step(stock.manager, 'adjustments', waiting, 'reject', { reason: 'No' })
    }],
    ['on an adjustment that they submitted', 'SUBMITTED', async () => step(stock.supervisor, 'adjustments', await draft('SUBMITTED', stock.user), 'submit')],
    ['on a draft that is without that line now', 'DROPPED', async () => change(await draft('DROPPED'), [at('PX', '2')])],
    ['on a draft that says otherwise now, and is posted', 'REENTERED', async () => step(stock.supervisor, 'adjustments', await change(await draft('REENTERED'), [at('REENTERED', '42')]), 'submit')],
    ['on a draft that was deleted', 'DELETED', async () => {
      const made = await draft('DELETED')
      await stock.manager.send('DELETE', `/v1/adjustments/${made.id}`, { version: made.version })
      return made
    }],
  ])('%s', async (_title, sku, counted) => {
    const { number } = await counted()
    const refused = await ask('scraps', [{ sku, location: 'WH/Stock', quantity: '8' }])
    expect([refused.status, refused.body.type]).toEqual([403, expect.stringContaining('poster-counted')])
    expect(refused.body.detail).toContain(number)
    const held = await ask('status-changes', [{ sku, location: 'WH/Stock', quantity: '8', from: 'available', to: 'damaged' }])
    expect(held.status).toBe(403)
    expect(await standing(sku)).toEqual(['available 42 0 42'])
  }) // prettier-ignore

  test('but by somebody else, and once the day is over also by them', async () => {
    const scrap = [{ sku: 'REJECTED', location: 'WH/Stock', quantity: '1' }]
    expect((await ask('scraps', scrap, stock.manager)).status).toBe(201)
    await stock.service.db.query(sql(`update adjustments set changed_at = changed_at - interval '25 hours' where status = 'rejected'`)) // prettier-ignore
    expect((await ask('scraps', scrap)).status).toBe(201)
  })

  test('what was withdrawn on a sheet binds for a day, and is forgotten then', async () => {
    const scrap = [{ sku: 'SHEET-AGAIN', location: 'WH/Stock', quantity: '1' }]
    const dropped = (hours: number) =>
      stock.service.db.query({ name: 'dropped-at', text: `
        update dropped_counts set dropped_at = now() - make_interval(hours => $1)
        from count_sheet_lines l where l.sku = 'SHEET-AGAIN' and dropped_counts.count_sheet_id = l.count_sheet_id` }, [hours]) // prettier-ignore
    const kept = async () => (await stock.service.db.query<{ sku: string }>(sql('select distinct sku from dropped_counts'))).map(({ sku }) => sku) // prettier-ignore
    await dropped(23)
    expect((await ask('scraps', scrap)).status).toBe(403)
    await dropped(25)
    expect((await ask('scraps', scrap)).status).toBe(201)
    expect(await kept()).toContain('SHEET-AGAIN')
    // Of a day, once in a day.
    await stock.service.db.query(sql('update abc_settings set computed_on = null'))
    await until('it is forgotten', async () => !(await kept()).includes('SHEET-AGAIN'))
    expect(await kept()).toEqual(expect.arrayContaining(['DROPPED', 'REENTERED', 'SHEET-OTHER']))
  })
})
