/** Changes of status and scraps over HTTP, on a running service: what is posted, by whom, and who is told. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { adjusting, line, path } from './adjusting.ts'
import { neededBy, people, pointers, product, runStock, type Body, type RunningStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  for (const sku of ['RM', 'PX', 'BIG', 'LIM', 'PCT']) await stock.made('/v1/products', product(sku))
  await stock.made('/v1/products', product('LOT', { tracking: 'lot' }))
  await stock.made('/v1/warehouses', { code: 'W2', name: 'Second' })
  await stock.made('/v1/locations', { code: 'W2/Stock' })
  const at = { location: 'WH/Stock', unitCost: '2' }
  await stock.made('/v1/opening-stock', {
    lines: [
      { sku: 'RM', quantity: '42', ...at },
      { sku: 'PX', quantity: '2', ...at },
      { sku: 'BIG', quantity: '5000', ...at },
      { sku: 'LIM', quantity: '50', ...at },
      { sku: 'PCT', quantity: '100', ...at },
      { sku: 'LOT', quantity: '5', lot: 'L1', ...at },
      { sku: 'RM', quantity: '7', ...at, location: 'W2/Stock' },
    ],
  })
  for (const person of ['user', 'supervisor'] as const)
    await stock.manager.send('PUT', `/v1/users/${people[person]}/locations`, { body: { locations: ['WH'] } })
}, 60_000)
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await stock.service.db.query(statement) }).toEqual({ name, rows: [] })
  await stock.stop()
})

const { begin, step, submitted, stocked, shown } = adjusting(() => stock)
type Made = Body & { readonly number: string; readonly status: string; readonly position: string | null }
const held = (more: object = {}) => ({ sku: 'RM', location: 'WH/Stock', quantity: '4', from: 'available', to: 'quarantine', ...more }) // prettier-ignore
const ask = (path: 'status-changes' | 'scraps', lines: readonly object[], who = stock.supervisor, reason = 'damage') =>
  who.send<Made>('POST', `/v1/${path}`, { body: { reason, lines } })
/** Sets the limit of a group. @returns all limits, or the fields that are wrong */
const limit = async (group: string, of: object): Promise<unknown> => {
  const { version } = (await stock.manager.get<Body>('/v1/adjustment-limits')).body
  const reply = await stock.manager.send<Body & { limits: object[] }>('PUT', '/v1/adjustment-limits', { body: { limits: [{ group, ...of }] }, version }) // prettier-ignore
  return reply.status === 200 ? reply.body.limits : pointers(reply)
}
const standing = async (sku: string, query = '') => {
  const { body } = await stock.manager.get<Body>(`/v1/quants?sku=${sku}&location=WH${query}`)
  return body.items.map(({ status, onHand, reserved, available }) => [status, onHand, reserved, available].join(' '))
}

describe('X2: a change of status', () => {
  test('is a document with a number, posted at once, listed and shown', async () => {
    const made = await ask('status-changes', [held()])
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ number: 'WH/STS/00001', status: 'posted', reason: 'damage', note: null, problem: null },
        lines: [{ line: 1, sku: 'RM', location: 'WH/Stock', lot: null, quantity: '4', unit: 'kg', from: 'available', to: 'quarantine' }],
        history: [{ what: 'created', who: { name: expect.stringContaining('supervisor') } }, { what: 'posted', who: { name: expect.stringContaining('supervisor') } }],
      },
    }) // prettier-ignore
    expect(await standing('RM')).toEqual(['available 38 0 38', 'quarantine 4 0 0'])
    expect(await standing('RM', `&atPosition=${String(Number(made.body.position) - 1)}`)).toEqual(['available 42  '])
    const path = `/v1/status-changes/${made.body.id}`
    expect((await stock.user.get<Made>(path)).body).toEqual(made.body)
    const listed = await stock.user.get<Body>('/v1/status-changes?reason=damage')
    expect(listed.body.items).toMatchObject([{ number: 'WH/STS/00001', status: 'posted' }])
    const moves = await stock.manager.get<Body>('/v1/moves?document=WH/STS/00001')
    expect(moves.body.items).toMatchObject([{ from: 'WH/Stock', to: 'WH/Stock', status: 'available', toStatus: 'quarantine', actor: { name: expect.stringContaining('supervisor') } }]) // prettier-ignore
    const back = await ask('status-changes', [held({ quantity: '1', from: 'quarantine', to: 'available' })])
    expect(back.body.number).toBe('WH/STS/00002')
    expect(await standing('RM')).toEqual(['available 39 0 39', 'quarantine 3 0 0'])
  })

  test('takes what is reserved; who loses it is told why, and gets it back', async () => {
    const delivery = await neededBy(stock, 'PX', 'WH/OUT/00001')
    await ask('status-changes', [held({ sku: 'PX', quantity: '1', to: 'blocked' })])
    const [released] = await stock.said<{ code: string; detail: string }>('stock.reservation-released.v1', delivery)
    expect(released).toMatchObject({ code: 'stock-gone', detail: 'PX at WH/Stock is blocked now.' })
    expect(await standing('PX')).toEqual(['available 1 1 0', 'blocked 1 0 0'])
    await ask('status-changes', [held({ sku: 'PX', quantity: '1', from: 'blocked', to: 'available' })])
    expect(await standing('PX')).toEqual(['available 2 2 0'])
  })

  test('is made once, whatever is repeated', async () => {
    const key = randomUUID()
    const send = () => stock.supervisor.send<Made>('POST', '/v1/status-changes', { body: { reason: 'damage', lines: [held({ sku: 'BIG' })] }, key }) // prettier-ignore
    const [first, second] = [await send(), await send()]
    expect(second.body).toEqual(first.body)
    expect(await standing('BIG')).toEqual(['available 4996 0 4996', 'quarantine 4 0 0'])
  })

  test('of a thousand lines, and not of one more', async () => {
    const lines = Array.from({ length: 1000 }, () => held({ sku: 'BIG', quantity: '1', to: 'damaged' }))
    expect((await ask('status-changes', lines)).status).toBe(201)
    const more = await ask('status-changes', [...lines, held()])
    expect([more.status, pointers(more)]).toEqual([422, ['/lines']])
  }, 60_000)
})

describe('A2: scrap', () => {
  test('leaves stock for the place of scrap, as what it was', async () => {
    const made = await ask('scraps', [{ sku: 'LOT', location: 'WH/Stock', lot: 'L1', quantity: '2' }])
    expect(made).toMatchObject({
      status: 201,
      body: { number: 'WH/SCR/00001', lines: [{ lot: 'L1', status: 'available' }] },
    })
    const told = await stock.said<{ number: string; kind: string; lines: object[] }>('stock.document-posted.v1', 'DEMO')
    expect(told.at(-1)).toMatchObject({ number: 'WH/SCR/00001', kind: 'adjustment', lines: [{ lot: 'L1', to: { location: 'Virtual/Scrap', type: 'scrap' } }] }) // prettier-ignore
    expect(await standing('LOT')).toEqual(['available 3 0 3'])
  })

  test.each<[string, 'status-changes' | 'scraps', object, string[]]>([
    ['a status that there is not', 'status-changes', held({ to: 'gone' }), ['/lines/0/to']],
    ['the status that it has', 'status-changes', held({ to: 'available' }), ['/lines/0/to']],
    ['nothing', 'status-changes', held({ quantity: '0' }), ['/lines/0/quantity']],
    ['more than is there', 'scraps', { sku: 'RM', location: 'WH/Stock', quantity: '99' }, ['/lines/0/quantity']],
    ['what is not there as that', 'scraps', { sku: 'RM', location: 'WH/Stock', quantity: '4', status: 'damaged' }, ['/lines/0/quantity']],
    ['at a virtual place', 'scraps', { sku: 'RM', location: 'Virtual/Loss', quantity: '1' }, ['/lines/0/location']],
    ['outside of the scope', 'scraps', { sku: 'RM', location: 'W2/Stock', quantity: '99' }, ['/lines/0/location']],
    ['without its lot', 'scraps', { sku: 'LOT', location: 'WH/Stock', quantity: '1' }, ['/lines/0/lot']],
    ['of what nobody knows', 'scraps', { sku: 'NO', location: 'WH/No', quantity: '1' }, ['/lines/0/location', '/lines/0/sku']],
    ['with a field that there is not', 'scraps', { sku: 'RM', location: 'WH/Stock', quantity: '1', to: 'damaged' }, ['/lines/0/to']],
  ])('not %s, and no number is used up', async (_title, path, line, expected) => {
    const refused = await ask(path, [line])
    expect([refused.status, pointers(refused)]).toEqual([422, expected])
  }) // prettier-ignore

  test('not for a reason that is not on the list, and not by a user', async () => {
    const line = { sku: 'RM', location: 'WH/Stock', quantity: '1' }
    expect(pointers(await ask('scraps', [line], stock.supervisor, 'because'))).toEqual(['/reason'])
    expect((await ask('scraps', [line], stock.user)).status).toBe(403)
    expect((await ask('status-changes', [held()], stock.user)).status).toBe(403)
    expect((await ask('scraps', [line])).body.number).toBe('WH/SCR/00002')
  })

  test('not by who counted it while the count is open', async () => {
    const counted = { reason: 'count', lines: [{ sku: 'RM', location: 'WH/Stock', counted: '30' }] }
    const draft = await stock.supervisor.send<Made>('POST', '/v1/adjustments', { body: counted })
    expect(draft.status).toBe(201)
    const scrap = [{ sku: 'RM', location: 'WH/Stock', quantity: '1' }]
    const refused = await ask('scraps', scrap)
    expect([refused.status, refused.body.type]).toEqual([403, expect.stringContaining('poster-counted')])
    expect(refused.body.detail).toContain(draft.body.number)
    expect((await ask('scraps', scrap, stock.manager)).status).toBe(201)
  })

  test('eight at once take what there is, and not more', async () => {
    const line = { sku: 'BIG', location: 'WH/Stock', quantity: '1000' }
    const replies = await Promise.all(Array.from({ length: 8 }, () => ask('scraps', [line])))
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 201, 201, 422, 422, 422, 422, 422])
    expect(await standing('BIG')).toContain('available 996 0 996')
  })

  test('not above the limit of the group, once a manager has set it: all of 24 hours counts, and no manager is bound', async () => {
    expect(await limit('user', { quantity: '1' })).toMatchObject([{ group: 'user', set: true }, { set: false }, {}])
    const line = { sku: 'LIM', location: 'WH/Stock', quantity: '3' }
    expect((await ask('scraps', [line])).status).toBe(201)
    await limit('supervisor', { quantity: '5' })
    const refused = await ask('status-changes', [held({ sku: 'LIM', quantity: '3' })])
    expect([refused.status, refused.body.type]).toEqual([403, expect.stringContaining('above-limit')])
    expect(refused.body.detail).toMatch(/^6 of LIM within 24 hours: above the limit of quantity.*a manager can post it/)
    expect((await ask('status-changes', [held({ sku: 'LIM', quantity: '3' })], stock.manager)).status).toBe(201)
    await limit('supervisor', { quantity: '0' })
    expect((await ask('scraps', [{ sku: 'PCT', location: 'WH/Stock', quantity: '0.001' }])).status).toBe(403)
    const wrong = await limit('supervisor', { quantity: '1', set: false })
    expect(wrong).toEqual(['/limits/0/set'])
    expect(await limit('supervisor', { quantity: '0', set: false })).toMatchObject([
      {},
      { set: false, percent: '0' },
      {},
    ])
    expect((await ask('scraps', [line])).status).toBe(201)
  })

  test('a limit of percent is of what is there, on however many lines', async () => {
    await limit('supervisor', { percent: '5' })
    const line = { sku: 'PCT', location: 'WH/Stock', quantity: '1' }
    const refused = await ask(
      'scraps',
      Array.from({ length: 20 }, () => line),
    )
    expect([refused.status, refused.body.detail]).toEqual([403, expect.stringMatching(/^20 of PCT within 24 hours: above the limit of percent/)]) // prettier-ignore
    expect(
      (
        await ask(
          'scraps',
          Array.from({ length: 5 }, () => line),
        )
      ).status,
    ).toBe(201)
    expect((await ask('scraps', [line])).status).toBe(403)
    for (const group of ['user', 'supervisor']) await limit(group, { set: false })
  })
})

describe('what moved since it was counted', () => {
  test('ends where it was rejected or posted, and is shown as far as it can be read', async () => {
    await stocked('MV-D', '100')
    const moved = async (times: number) => {
      const lines = [{ sku: 'MV-D', location: 'WH/Stock', quantity: '1' }]
      for (let time = 0; time < times; time += 1) await stock.made('/v1/scraps', { reason: 'damage', lines })
    }
    const [open, rejected, even] = [
      await submitted([line('MV-D', '99')]),
      await submitted([line('MV-D', '98')]),
      await begin([line('MV-D', '100')]),
    ]
    await moved(1)
    await step(rejected, 'reject', stock.supervisor, { reason: 'No' })
    expect((await step(even, 'submit')).body).toMatchObject({ status: 'posted', position: null })
    await moved(51)
    for (const ended of [rejected, even]) expect((await shown(ended)).lines).toMatchObject([{ movedSince: [{ quantity: '-1' }], movedMore: 0 }]) // prettier-ignore
    const [seen] = (await shown(open)).lines
    expect([seen?.movedSince?.length, seen?.movedMore]).toEqual([50, 2])
    const approved = await step(open, 'approve', stock.supervisor)
    expect(approved.body.lines).toMatchObject([{ movedSince: seen?.movedSince, movedMore: 2 }])
    await moved(1)
    expect((await shown(open)).lines).toEqual(approved.body.lines)
  })
})

test('who sees one place of an adjustment or a scrap sees nothing of the others', async () => {
  await stocked('SC-A', '5')
  const opening = { sku: 'SC-A', location: 'WH/Stock/A1-03', quantity: '7', unitCost: '2' }
  await stock.made('/v1/opening-stock', { lines: [opening] })
  const both = [line('SC-A', '0', { location: 'WH/Stock/B2-01' }), line('SC-A', '6', { location: 'WH/Stock/A1-03' }), line('SC-A', '0')] // prettier-ignore
  const draft = await begin(both, stock.supervisor)
  const waiting = await step(draft, 'submit', stock.supervisor)
  await stock.made('/v1/scraps', { reason: 'damage', lines: [{ sku: 'SC-A', location: 'WH/Stock', quantity: '5' }] })
  const refused = await step(waiting.body, 'approve', stock.manager)
  expect(refused.body.problem).toContain('at WH/Stock')
  const at = { sku: 'SC-A', quantity: '1' }
  const lines = [
    { ...at, location: 'WH/Stock/A1-03' },
    { ...at, location: 'WH/Stock/B2-01' },
  ]
  await stock.made('/v1/opening-stock', { lines: [{ ...lines[1], unitCost: '2' }] })
  const scrap = await stock.made('/v1/scraps', { reason: 'damage', lines })
  const assigned = await stock.manager.get<Body>(`/v1/users/${people.user}`)
  const assign = (version: number, locations: readonly string[]) =>
    stock.manager.send('PUT', `/v1/users/${people.user}/locations`, { version, body: { locations } })
  await assign(assigned.body.version, ['WH/Stock/A1-03'])
  const seen = await shown(draft, stock.user)
  expect(seen.lines).toMatchObject([{ line: 2, expected: '7', counted: '6' }])
  expect(seen.problem).toBe('It is about places that are not among yours.')
  const part = (await stock.user.get<Body>(`/v1/scraps/${scrap.id}`)).body
  expect(part).toMatchObject({ number: scrap['number'], lines: [{ line: 1, location: 'WH/Stock/A1-03' }] })
  const listed = await stock.user.get<Body>(path)
  expect(listed.body.items).toContainEqual(expect.objectContaining({ number: draft.number }))
  for (const told of [seen, part, listed.body]) expect(JSON.stringify(told)).not.toMatch(/B2-01|at WH\/Stock /)
  expect((await step(draft, 'submit')).status).toBe(404)
  await assign(assigned.body.version + 1, ['WH'])
})

test('what is lost in transit stands against the limit of who says so, and is refused above it', async () => {
  await stocked('LOST', '20')
  const one = { documentId: randomUUID(), number: 'WH/INT/00001', warehouse: 'WH' }
  const goods = (quantity: string) => ({ line: 1, sku: 'LOST', quantity, category: 'Goods' })
  await stock.publish('picking.transfers', 'picking.transfer-confirmed.v1', one.documentId, {
    ...{ ...one, revision: 1, attempt: 1, priority: 5, orderedAt: '2026-04-20T08:00:00Z', lines: [goods('10')] },
    ...{ source: 'WH/Stock', destination: 'W2/Stock' },
  })
  await limit('supervisor', { quantity: '5', percent: '40' })
  const lose = async (attempt: number, quantity: string, person: keyof typeof people) => {
    const lines = [{ ...goods(quantity), documentLine: 1, reason: 'fell off' }]
    const by = { id: people[person], name: person }
    await stock.publish('picking.transfers', 'picking.transfer-validated.v1', one.documentId, { ...one, attempt, lines }, by) // prettier-ignore
    const told = async () => {
      const all = [...(await stock.said<Told>('stock.document-posted.v1', 'DEMO')), ...(await stock.said<Told>('stock.document-refused.v1', one.documentId))] // prettier-ignore
      return all.find((each) => each.documentId === one.documentId && each.attempt === attempt)
    }
    await until('it is answered', async () => (await told()) !== undefined)
    const { errors = [] } = (await told()) ?? {}
    return errors.map(({ code, message }) => `${code}: ${message}`)
  }
  type Told = typeof one & { attempt: number; errors?: { code: string; message: string }[] }
  expect(await lose(2, '6', 'supervisor')).toEqual([
    'above-limit: 6 of LOST within 24 hours: above the limit of quantity. Nothing was posted: a manager can say that it is lost.',
  ])
  expect(await lose(3, '5', 'supervisor')).toEqual([expect.stringMatching(/^above-limit: .* limit of percent/)])
  expect(await lose(4, '4', 'supervisor')).toEqual([])
  expect((await ask('scraps', [{ sku: 'LOST', location: 'WH/Stock', quantity: '2' }])).body.detail).toMatch(
    /^6 of LOST/,
  )
  expect(await lose(5, '6', 'manager')).toEqual([])
  await limit('supervisor', { set: false })
})
