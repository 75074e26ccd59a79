/** Cycle counts over HTTP, on a real PostgreSQL: plans, sheets, what deliveries start, classes, reports and bad input. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { until } from '@stockline/test-kit'
import { runCounting, type Counting, type Sheet } from './counting.ts'
import { neededBy, people, pointers, product, type Body, type RunningStock } from './running.ts'

let counting: Counting
let stock: RunningStock

beforeAll(async () => {
  counting = await runCounting()
  stock = counting.stock
})
afterAll(() => stock.stop())

const zone: Counting['zone'] = (goods) => counting.zone(goods)
const make: Counting['make'] = (body) => counting.make(body)
const read: Counting['read'] = (id, as) => counting.read(id, as)
const step: Counting['step'] = (...given) => counting.step(...given)

describe('C2: a count sheet', () => {
  test('has all stock of its zone, is in the queue of its operator, and is blind', async () => {
    const sheet = await make({ zone: await zone({ PA: '42', PB: '15' }), assignee: people.user })
    expect(sheet).toMatchObject({ status: 'scheduled', assignee: people.user, blind: true, number: expect.stringMatching(/^WH\/CNT\/\d{5}$/) })
    expect(sheet.lines).toMatchObject([
      { line: 1, sku: 'PA', expected: '42', counted: null, difference: null, state: 'open' },
      { line: 2, sku: 'PB', expected: '15' },
    ])
    const mine = await stock.user.get<Body>('/v1/count-sheets?assignee=me&status=scheduled')
    expect(mine.body.items.map(({ id }) => id)).toContain(sheet.id)
    expect(JSON.stringify((await read(sheet.id, stock.user)).lines)).not.toContain('42')
    const counted = await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '40' }, { line: 2, counted: '0' }] })
    expect(counted.body).toMatchObject({ status: 'in_progress', lines: [{ counted: '40', expected: null, difference: null, position: expect.any(String) }, { counted: '0', state: 'counted' }] })
    expect((await read(sheet.id, stock.supervisor)).lines).toMatchObject([{ expected: '42', difference: '-2' }, { expected: '15', difference: '-15' }])
  }) // prettier-ignore

  test('without a difference is done', async () => {
    const sheet = await make({ zone: await zone({ PA: '42' }), assignee: people.user })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '42' }] })
    const done = await step(stock.user, sheet, 'submit')
    expect(done.body).toMatchObject({ status: 'done', adjustments: [], lines: [{ expected: '42', difference: '0' }] })
    const twice = await step(stock.user, sheet, 'submit')
    expect([twice.status, twice.body.status]).toEqual([200, 'done'])
  })
})

describe('C1: a manager schedules zones and classes', () => {
  const plan = (more: object) => ({ name: `Plan ${randomUUID()}`, every: { days: 7 }, dueInDays: 3, ...more })
  const sheetsOf = async (id: string) =>
    (await stock.manager.get<{ items: Sheet[] }>(`/v1/count-sheets?plan=${id}`)).body.items

  test('a sheet is made on its day, once, of what the zone has, for who is to count', async () => {
    const here = await zone({ PA: '42', PB: '15' })
    const made = await stock.made(
      '/v1/count-plans',
      plan({ zone: here, assignee: people.user, tolerance: { quantity: '1' } }),
    )
    expect(made).toMatchObject({ abcClass: null, blind: true, zeroCheck: false, version: 1 })
    const [sheet] = await until('its sheet', async () => {
      const found = await sheetsOf(made.id)
      return found.length > 0 && found
    })
    expect(sheet).toMatchObject({ zone: here, status: 'scheduled', assignee: people.user, cause: 'plan' })
    const listed = await stock.manager.get<{ items: { id: string; nextOn: string }[] }>('/v1/count-plans?limit=200')
    const { nextOn } = listed.body.items.find(({ id }) => id === made.id)!
    expect(Date.parse(nextOn) - Date.parse(String(made['nextOn']))).toBe(7 * 86_400_000)
    expect(await sheetsOf(made.id)).toHaveLength(1)
  })

  test('a class that is given counts; a zone with nothing of it makes no sheet; a later day waits', async () => {
    await stock.made('/v1/products', product('GIVEN-A', { unit: 'unit', abcClass: 'A' }))
    const here = await zone({ 'GIVEN-A': '5', PC: '7' })
    const a = await stock.made('/v1/count-plans', plan({ zone: here, abcClass: 'A' }))
    const b = await stock.made('/v1/count-plans', plan({ zone: here, abcClass: 'B' }))
    const late = await stock.made('/v1/count-plans', plan({ zone: here, startOn: '2999-01-01' }))
    const [sheet] = await until('its sheet', async () => {
      const found = await sheetsOf(a.id)
      return found.length > 0 && found
    })
    expect(sheet).toMatchObject({ status: 'unassigned', abcClass: 'A' })
    expect((await read(sheet!.id)).lines).toMatchObject([{ sku: 'GIVEN-A' }])
    expect([await sheetsOf(b.id), await sheetsOf(late.id)]).toEqual([[], []])
  })

  test('a lot that was counted today takes no other lot of its place off the turn', async () => {
    await stock.made('/v1/products', product('LOTS', { unit: 'unit', tracking: 'lot' }))
    const here = await zone()
    const lines = ['X', 'Y'].map((lot) => ({ sku: 'LOTS', lot, quantity: '5', location: here, unitCost: '2.00' }))
    await stock.made('/v1/opening-stock', { lines })
    const text = `insert into count_results (sheet_id, line, product_id, location_id, lot_id, status, position, counted_at, differs, recounted)
      select gen_random_uuid(), 1, t.product_id, l.id, t.id, 'available', 1, now(), false, false
      from lots t, locations l where t.code = 'X' and l.code = $1`
    await stock.service.db.query({ name: 'counted-x', text }, [here])
    const made = await stock.made('/v1/count-plans', plan({ zone: here }))
    const [sheet] = await until('its sheet', async () => {
      const found = await sheetsOf(made.id)
      return found.length > 0 && found
    })
    expect((await read(sheet!.id)).lines).toMatchObject([{ sku: 'LOTS', lot: 'Y' }])
  })

  test('is changed and ended at its version', async () => {
    const here = await zone()
    const made = await stock.made('/v1/count-plans', plan({ zone: here }))
    const path = `/v1/count-plans/${made.id}`
    expect((await stock.manager.send('PATCH', path, { body: { dueInDays: 9 } })).status).toBe(428)
    const changed = await stock.patch(path, { every: { days: 30 }, tolerance: { percent: '5' } }, 1)
    expect(changed.body).toMatchObject({ every: { days: 30 }, tolerance: { percent: '5' }, version: 2 })
    expect((await stock.manager.send('DELETE', path, { version: 1 })).status).toBe(412)
    expect((await stock.manager.send('DELETE', path, { version: 2 })).status).toBe(204)
    expect((await stock.manager.send('DELETE', path, { version: 2 })).status).toBe(404)
  })

  test.each([
    ['a zone that is not known', { zone: 'WH/Nowhere' }, ['/zone']],
    ['a virtual one', { zone: 'Virtual/Loss' }, ['/zone']],
    ['shapes that are none', { zone: 'WH', every: { days: 0 }, dueInDays: -1, abcClass: 'D' }, ['/abcClass', '/dueInDays', '/every/days']],
    ['an unknown user', { zone: 'WH', assignee: '00000000-0000-7000-8000-0000000000ff' }, ['/assignee']],
    ['the administrator, who counts nothing', { zone: 'WH', assignee: people.administrator }, ['/assignee']],
  ])('%s is refused', async (_title, more, at) => {
    const reply = await stock.post('/v1/count-plans', plan(more))
    expect([reply.status, pointers(reply)]).toEqual([422, at])
  }) // prettier-ignore

  test('a zone that is closed is refused; users and supervisors schedule nothing', async () => {
    const here = await zone()
    const location = (await stock.manager.get<Body>(`/v1/locations?under=${here}`)).body.items[0]!
    await stock.patch(`/v1/locations/${String(location['id'])}`, { active: false }, 1)
    expect(pointers(await stock.post('/v1/count-plans', plan({ zone: here })))).toEqual(['/zone'])
    expect(pointers(await stock.post('/v1/count-sheets', { zone: here }))).toEqual(['/zone'])
    for (const who of [stock.user, stock.supervisor]) {
      expect((await stock.post('/v1/count-plans', plan({ zone: 'WH' }), who)).status).toBe(403)
      expect((await stock.post('/v1/count-sheets', { zone: 'WH' }, who)).status).toBe(403)
    }
  })
})

describe('counts that a delivery starts', () => {
  /** A delivery of a product that took so much of what it asked for, from places. */
  async function shipped(
    sku: string,
    wanted: string,
    taken: readonly (readonly [location: string, quantity: string, lot?: string])[],
  ) {
    const documentId = randomUUID()
    const head = { documentId, number: `WH/OUT/${documentId.slice(0, 8)}`, warehouse: 'WH' }
    await stock.publish('picking.deliveries', 'picking.delivery-confirmed.v1', documentId, {
      ...head,
      ...{ revision: 1, priority: 5, orderedAt: '2026-04-20T08:00:00Z', allowPartial: true },
      lines: [{ line: 1, sku, quantity: wanted }],
    })
    await stock.publish('picking.deliveries', 'picking.delivery-validated.v1', documentId, {
      ...head,
      ...{ attempt: 1, remainder: 'close' },
      lines: taken.map(([location, quantity, lot], index) => ({
        ...{ line: index + 1, documentLine: 1, sku, quantity, location, lot, category: 'Goods' },
      })),
    })
    return head.number
  }
  const sheetsAt = async (place: string) =>
    (await stock.manager.get<{ items: Sheet[] }>(`/v1/count-sheets?zone=${place}`)).body.items

  test('a place that should be empty, and one where less was found, where a plan asks for it', async () => {
    // Of these nothing is elsewhere that could be reserved.
    for (const sku of ['PD', 'PE']) await stock.made('/v1/products', product(sku, { unit: 'unit' }))
    await stock.made('/v1/products', product('SN', { unit: 'unit', tracking: 'serial' }))
    const [here, quiet] = [await zone({ PA: '5', PE: '7', PC: '9', PD: '3' }), await zone({ PA: '5' })]
    const serials = Array.from({ length: 30 }, (_one, index) => `SN-${String(index)}`)
    await stock.made('/v1/opening-stock', { lines: serials.map((lot) => ({ sku: 'SN', lot, quantity: '1', location: here, unitCost: '2.00' })) })
    await stock.made('/v1/count-plans', {
      ...{ name: 'Floor checks', zone: here, every: { days: 365 }, dueInDays: 1, startOn: '2999-01-01' },
      ...{ assignee: people.user, zeroCheck: true, shortPick: true },
    })
    const emptied = await shipped('PA', '10', [[here, '5'], [quiet, '5']])
    await shipped('PE', '7', [[here, '3']])
    await shipped('PC', '2', [[here, '2']])
    // What is short since stock lacked it was not reserved; of 25 serial numbers one was found.
    await neededBy(stock, 'PD', 'WH/OUT/88888')
    await shipped('PD', '9', [[here, '1']])
    await shipped('SN', '25', [[here, '1', 'SN-0']])
    const looked = { name: 'looked', text: `select from count_triggers t where t.position >= (select max(position) from postings)
      and (select count(*) from postings where kind = 'delivery' and position is not null) = 5` }
    await until('all to be looked through', async () => (await stock.service.db.query(looked)).length === 1)
    const whole = await Promise.all((await sheetsAt(here)).map(({ id }) => read(id)))
    // Places that are found in one look are on one sheet.
    expect(whole.length).toBeLessThanOrEqual(3)
    expect(new Set(whole.map(({ status }) => status))).toEqual(new Set(['scheduled']))
    const asked = whole.flatMap(({ cause, lines }) => lines.map(({ sku, expected }) => `${cause} ${sku} ${String(expected)}`))
    expect(asked.sort()).toEqual(['short-pick PE 4', ...Array.from({ length: 24 }, () => 'short-pick SN 1'), 'zero-check PA 0'])
    expect(JSON.stringify(whole.map(({ history }) => history))).toContain(`${emptied} should have left it empty.`)
    expect(await sheetsAt(quiet)).toEqual([])
  }) // prettier-ignore
})

describe('bad input', () => {
  test('a sheet of more than 5,000 lines is refused, and says what to do', async () => {
    const lines = Array.from({ length: 5001 }, () => ({ line: 1, counted: '1' }))
    const sheet = await make({ zone: await zone({ PA: '1' }) })
    const reply = await step(stock.manager, sheet, 'lines', { lines })
    expect([reply.status, pointers(reply)]).toEqual([422, ['/lines']])
  })

  test('amounts, states, versions and people that do not fit', async () => {
    const sheet = await make({ zone: await zone({ PA: '10' }), assignee: people.user })
    for (const counted of ['-1', 'NaN', '0.5', '1e15'])
      expect([counted, pointers(await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted }] }))]).toEqual([counted, ['/lines/0/counted']])
    expect((await step(stock.user, sheet, 'lines', { lines: [{ line: 1 }] })).status).toBe(422)
    expect((await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '1' }] }, 99)).status).toBe(412)
    expect((await step(stock.user, sheet, 'submit')).body).toMatchObject({ type: expect.stringContaining('lines-not-counted') })
    expect((await step(stock.user, sheet, 'recount')).status).toBe(403)
    expect((await step(stock.user, sheet, 'cancel', { reason: 'x' })).status).toBe(403)
    expect((await step(stock.user, sheet, 'assignee', { user: null })).status).toBe(403)
    expect(pointers(await step(stock.supervisor, sheet, 'assignee', { user: people.administrator }))).toEqual(['/user'])
    const cancelled = await step(stock.supervisor, sheet, 'cancel', { reason: 'moved' })
    expect(cancelled.body.status).toBe('cancelled')
    expect((await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '1' }] })).status).toBe(409)
  }) // prettier-ignore

  test('what is outside of the scope is not there', async () => {
    const stranger = stock.someone()
    const sheet = await make({ zone: await zone({ PA: '10' }) })
    expect((await stranger.get(`/v1/count-sheets/${sheet.id}`)).status).toBe(404)
    expect((await step(stranger, sheet, 'lines', { lines: [{ line: 1, counted: '1' }] })).status).toBe(404)
    expect((await stranger.get<Body>('/v1/count-sheets')).body.items).toEqual([])
    expect((await stranger.get(`/v1/count-accuracy?zone=${sheet.zone}`)).status).toBe(404)
  })
})

describe('ABC classes', () => {
  test('are computed from what left, at what one costs; boundaries are set', async () => {
    const asked = { boundaries: { a: '80', b: '95' }, days: 30 }
    const set = await stock.manager.send<Body>('PUT', '/v1/abc-classes', { body: asked })
    expect(set.body).toMatchObject({ ...asked, computedOn: expect.any(String), version: 1 })
    expect((await stock.manager.send('PUT', '/v1/abc-classes', { body: asked })).status).toBe(428)
    const wrong = await stock.manager.send<Body>('PUT', '/v1/abc-classes', { body: { boundaries: { a: '90', b: '80' } }, version: 1 })
    expect([wrong.status, pointers(wrong)]).toEqual([422, ['/boundaries/b']])
    const listed = await stock.user.get<Body>('/v1/abc-classes?abcClass=A')
    expect(listed.body.items).toMatchObject([{ sku: 'GIVEN-A', abcClass: 'A', given: true }])
    // Consumption is that of all warehouses.
    for (const who of [stock.user, stock.supervisor])
      expect((await who.get<Body>('/v1/abc-classes')).body.items[0]).not.toHaveProperty('consumption')
    expect((await stock.supervisor.get<Body>('/v1/abc-classes')).body.items[0]).not.toHaveProperty('value')
    expect((await stock.manager.get<Body>('/v1/abc-classes')).body.items[0]).toMatchObject({ consumption: '0', value: null })
    expect((await stock.supervisor.send('PUT', '/v1/abc-classes', { body: asked })).status).toBe(403)
  }) // prettier-ignore
})

describe('reports', () => {
  test('what was counted, and how much of it was right; what to count next', async () => {
    const here = await zone({ PA: '10', PB: '20', PC: '30' })
    const sheet = await make({ zone: here, skus: ['PA', 'PB'], assignee: people.user })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '10' }, { line: 2, counted: '20' }] })
    await step(stock.user, sheet, 'submit')
    const report = (await stock.user.get(`/v1/count-accuracy?zone=${here}`)).body
    expect(report).toMatchObject({ places: 3, covered: 2, coverage: '66.67', lines: 2, exact: 2, accuracy: '100.00' })
    expect((await stock.user.get(`/v1/count-accuracy?zone=${here}&until=2020-01-01`)).body).toMatchObject({ covered: 0, accuracy: null })
    const next = await stock.supervisor.get<Body>(`/v1/count-suggestions?zone=${here}`)
    expect(next.body.items).toMatchObject([
      { sku: 'PC', score: 702, parts: { since: { points: 400, days: null }, value: { points: 300 }, differences: { points: 0 }, moves: { points: 2, count: 1 } } },
      { sku: 'PA', score: 300, parts: { since: { points: 0, days: 0 }, moves: { count: 0 } } },
      { sku: 'PB', score: 300 },
    ])
    expect((await stock.user.get(`/v1/count-suggestions?zone=${here}`)).status).toBe(403)
  }) // prettier-ignore
})
