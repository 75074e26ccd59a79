/** Adjustments over HTTP, on a running service: what is counted, corrected and approved, and by whom. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { pointers, product, runStock, type Body, type RunningStock } from './running.ts'

interface Line {
  readonly line: number
  readonly expected: string | null
  readonly counted: string
  readonly difference: string | null
  readonly movedSince: readonly { readonly document: string; readonly quantity: string }[] | null
}
type Adjustment = Body & {
  readonly number: string
  readonly status: string
  readonly problem: string | null
  readonly lines: readonly Line[]
  readonly history: readonly { readonly what: string; readonly mark: string | null }[]
}

const path = '/v1/adjustments'
let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
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
    await stock.manager.send('PUT', `/v1/users/${idOf(person)}/locations`, { body: { locations: ['WH'] } })
}, 60_000)
afterAll(() => stock.stop())

const idOf = (person: 'user' | 'supervisor') =>
  person === 'user' ? '00000000-0000-7000-8000-000000000003' : '00000000-0000-7000-8000-000000000002'
const line = (sku: string, counted: string, more: object = {}) => ({ sku, location: 'WH/Stock', counted, ...more })
const begin = async (lines: readonly object[], who = stock.user, more: object = {}): Promise<Adjustment> => {
  const reply = await who.send<Adjustment>('POST', path, { body: { reason: 'count', lines, ...more } })
  if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
  return reply.body
}
const shown = async ({ id }: { readonly id: string }, who = stock.manager) =>
  (await who.get<Adjustment>(`${path}/${id}`)).body
const differences = ({ lines }: Adjustment) =>
  lines.map(({ expected, counted, difference }) => [expected, counted, difference])

describe('A1: what is counted is shown beside what is expected', () => {
  test('42 and 40 differ by -2, 15 and 17 by 2', async () => {
    const made = await begin([line('RM-A', '40'), line('RM-B', '17')])
    expect(differences(made)).toEqual([
      ['42', '40', '-2'],
      ['15', '17', '2'],
    ])
    expect(made).toMatchObject({ number: 'WH/ADJ/00001', status: 'draft', version: 1, atPosition: '1' })
    expect(await shown(made, stock.user)).toEqual(made)
    const listed = await stock.user.get<Body>(`${path}?status=draft`)
    expect(listed.body.items).toMatchObject([{ number: 'WH/ADJ/00001', reason: 'count' }])
  })

  test('whoever counts blind does not see it, and lines given again are counted again', async () => {
    const made = await begin([line('RM-A', '40')], stock.user, { blind: true })
    expect(differences(made)).toEqual([[null, '40', null]])
    expect(differences(await shown(made, stock.supervisor))).toEqual([['42', '40', '-2']])
    const changed = await stock.patch(`${path}/${made.id}`, { lines: [line('RM-A', '41')] }, 1, stock.user)
    expect([changed.status, differences(changed.body as Adjustment)]).toEqual([200, [[null, '41', null]]])
  })

  test('all that is wrong is named at once', async () => {
    const wrong = await stock.user.send<Body>('POST', path, {
      body: {
        reason: 'because',
        lines: [
          line('NONE', '1'),
          line('RM-A', '1', { location: 'WH/Nowhere' }),
          line('RM-A', '1', { location: 'Virtual/Loss' }),
          line('RM-A', '1.2345'),
          line('RM-A', '1.2345'),
          line('RM-B', '1', { lot: 'L' }),
          line('LOT', '1'),
          line('LOT', '0', { lot: 'L1' }),
          line('SER', '2', { lot: 'S1' }),
        ],
      },
    })
    expect([wrong.status, pointers(wrong)]).toEqual([
      422,
      [
        '/lines/0/sku',
        '/lines/1/location',
        '/lines/2/location',
        '/lines/3/counted',
        '/lines/4',
        '/lines/4/counted',
        '/lines/5/lot',
        '/lines/6/lot',
        '/lines/7/lot',
        '/lines/8/counted',
        '/reason',
      ],
    ])
    const misshaped = await stock.user.send<Body>('POST', path, {
      body: {
        reason: 'count',
        evidence: 'http://example.org/picture',
        lines: [line('RM-A', '-1'), line('RM-A', '1', { status: 'lost' })],
      },
    })
    expect([misshaped.status, pointers(misshaped)]).toEqual([422, ['/evidence', '/lines/0/counted', '/lines/1/status']])
    const long = Array.from({ length: 1001 }, () => line('RM-A', '1'))
    const tooLong = await stock.user.send<Body>('POST', path, { body: { reason: 'count', lines: long } })
    expect([tooLong.status, pointers(tooLong)]).toEqual([422, ['/lines']])
  })

  test('a draft is changed by who began it, and by a supervisor; a manager deletes it', async () => {
    const { id } = await begin([line('RM-A', '40')], stock.supervisor)
    const asUser = await stock.patch(`${path}/${id}`, { note: 'Mine' }, 1, stock.user)
    expect(asUser.status).toBe(403)
    expect((await stock.patch(`${path}/${id}`, { note: 'Seen' }, 7, stock.supervisor)).status).toBe(412)
    expect((await stock.patch(`${path}/${id}`, { note: 'Seen' }, 1, stock.supervisor)).body).toMatchObject({
      note: 'Seen',
    })
    expect((await stock.user.send('DELETE', `${path}/${id}`, { version: 2 })).status).toBe(403)
    for (const version of [2, 2])
      expect((await stock.manager.send('DELETE', `${path}/${id}`, { version })).status).toBe(204)
    expect(await shown({ id })).toMatchObject({ status: 'rejected', history: [{}, {}, { what: 'deleted' }] })
  })
})

test('the list of reasons is replaced as a whole', async () => {
  const before = await stock.user.get<{ reasons: object[]; version: number }>('/v1/adjustment-reasons')
  const reasons = [...before.body.reasons, { code: 'photo', name: 'Shown by a photo', evidenceRequired: true }]
  const put = (body: object, version?: number) =>
    stock.manager.send<Body>('PUT', '/v1/adjustment-reasons', { body, ...(version === undefined ? {} : { version }) })
  expect((await put({ reasons })).status).toBe(428)
  expect((await put({ reasons: [...reasons, ...reasons] }, 1)).status).toBe(422)
  expect((await put({ reasons }, 1)).body).toMatchObject({ version: 2 })
  expect((await stock.user.get<{ reasons: object[] }>('/v1/adjustment-reasons')).body.reasons.at(-1)).toEqual({
    ...{ code: 'photo', name: 'Shown by a photo', active: true, evidenceRequired: true },
  })
})
