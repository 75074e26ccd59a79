/** Adjustments over HTTP, on a running service: what is counted, corrected and approved, and by whom. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { parseQuantity } from '@stockline/amounts'
import { groups } from '@stockline/contracts'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { adjustCounted, type CountedLine } from '../src/adjustments/adjustment.counted.actions.ts'
import { invariants } from '../src/invariants.ts'
import { adjusting, differences, line, path, runAdjustedStock, type Adjustment } from './adjusting.ts'
import { neededBy, people, pointers, type Body, type RunningStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runAdjustedStock()
}, 60_000)
afterAll(() => stock.stop())

const { begin, step, submitted, onHand, stocked, limits, shown } = adjusting(() => stock)

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
    const faults = '0/sku 1/location 2/location 3/counted 4 4/counted 5/lot 6/lot 7/lot 8/counted'
      .split(' ')
      .map((at) => `/lines/${at}`)
    expect([wrong.status, pointers(wrong)]).toEqual([422, [...faults, '/reason']])
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

describe('A2: a supervisor who did not count it approves or rejects', () => {
  test('approved: stock is corrected by the difference, once', async () => {
    await stocked('A2-A', '42')
    const waiting = await submitted([line('A2-A', '40')])
    expect(waiting).toMatchObject({ status: 'submitted', position: null })
    expect(await onHand('A2-A')).toEqual(['42'])
    expect((await step(waiting, 'submit')).body).toEqual(waiting)
    expect((await step(waiting, 'approve')).status).toBe(403)
    const approved = await step(waiting, 'approve', stock.supervisor)
    expect(approved.body).toMatchObject({ status: 'posted', problem: null, position: expect.stringMatching(/^\d+$/) })
    expect((await step(waiting, 'approve', stock.supervisor)).body).toEqual(approved.body)
    expect(await onHand('A2-A')).toEqual(['40'])
    const moves = await stock.manager.get<Body>(`/v1/moves?document=${approved.body.number}`)
    expect(moves.body.items).toMatchObject([{ from: 'WH/Stock', to: 'Virtual/Loss', quantity: '2', line: 1 }])
    expect((await step(approved.body, 'reject', stock.manager, { reason: 'Late' })).status).toBe(409)
  })

  test('rejected: stock stays, and it is not approved after that', async () => {
    await stocked('A2-B', '15')
    const waiting = await submitted([line('A2-B', '17')])
    const rejected = await step(waiting, 'reject', stock.supervisor, { reason: 'Counted twice' })
    expect(rejected.body).toMatchObject({ status: 'rejected' })
    expect(rejected.body.history.at(-1)).toMatchObject({ what: 'rejected', why: 'Counted twice' })
    expect((await step(rejected.body, 'approve', stock.supervisor)).status).toBe(409)
    expect((await step(rejected.body, 'submit')).status).toBe(409)
    expect(await onHand('A2-B')).toEqual(['15'])
  })

  test('nobody approves what they counted, began or submitted, by way of a recount neither', async () => {
    await stocked('A2-C', '10')
    const draft = await begin([line('A2-C', '9')], stock.supervisor)
    const recounted = await stock.patch(`${path}/${draft.id}`, { lines: [line('A2-C', '8')] }, 1)
    const waiting = await step(recounted.body, 'submit', stock.manager)
    for (const who of [stock.supervisor, stock.manager])
      expect((await step(waiting.body, 'approve', who)).body).toMatchObject({ status: 403 })
    const forced = await step(waiting.body, 'force-correct', stock.manager, { reason: 'Nobody else is here' })
    expect(forced.body).toMatchObject({ status: 'posted', forced: true })
    expect(forced.body.history.at(-1)).toMatchObject({ what: 'forced', mark: 'forced', why: 'Nobody else is here' })
    expect((await step(draft, 'force-correct', stock.supervisor, { reason: 'No' })).status).toBe(403)
  })

  test('the version that was read counts', async () => {
    const draft = await begin([line('RM-A', '40')])
    expect((await step({ ...draft, version: 7 }, 'submit')).status).toBe(412)
    const unread = await stock.user.send<Body>('POST', `${path}/${draft.id}/submit`, { body: {} })
    expect(unread.status).toBe(428)
  })

  test('evidence is asked for where the reason needs it', async () => {
    const { version, reasons } = (await stock.user.get<Body & { reasons: object[] }>('/v1/adjustment-reasons')).body
    const body = { reasons: [...reasons, { code: 'theft', name: 'Stolen', evidenceRequired: true }] }
    await stock.manager.send('PUT', '/v1/adjustment-reasons', { body, version })
    const draft = await begin([line('RM-A', '40')], stock.user, { reason: 'theft' })
    const without = await step(draft, 'submit')
    expect([without.status, pointers(without)]).toEqual([422, ['/evidence']])
    const evidence = { evidence: 'https://example.org/report' }
    const changed = await stock.patch(`${path}/${draft.id}`, evidence, 1, stock.user)
    expect((await step(changed.body as Adjustment, 'submit')).body).toMatchObject({ status: 'submitted', ...evidence })
  })
})

describe('what moved since it was counted', () => {
  test('is shown beside it, and corrected for, not counted twice', async () => {
    await stocked('MV-A', '42')
    const [one, other] = [
      await submitted([line('MV-A', '40')]),
      await submitted([line('MV-A', '41')], stock.supervisor),
    ]
    // Two clients have counted the same shelf, at the same position: both corrections are on top of what is there.
    await step(one, 'approve', stock.supervisor)
    expect(await shown(other)).toMatchObject({
      lines: [
        { expected: '42', counted: '41', difference: '-1', movedSince: [{ document: one.number, quantity: '-2' }] },
      ],
    })
    await step(other, 'approve', stock.manager)
    expect(await onHand('MV-A')).toEqual(['39'])
  })

  test('the same is approved by two at once, and posted once', async () => {
    await stocked('MV-C', '10')
    const waiting = await submitted([line('MV-C', '7')])
    const both = await Promise.all([stock.supervisor, stock.manager].map((who) => step(waiting, 'approve', who)))
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(await onHand('MV-C')).toEqual(['7'])
  })

  test('never goes below zero without saying why', async () => {
    await stocked('MV-B', '10')
    const [first, second] = [
      await submitted([line('MV-B', '1')]),
      await submitted([line('MV-B', '0')], stock.supervisor),
    ]
    await step(first, 'approve', stock.supervisor)
    const refused = await step(second, 'approve', stock.manager)
    expect(refused.body).toMatchObject({ status: 'submitted', position: null })
    expect(refused.body.problem).toBe(
      `Line 1: 10 of MV-B at WH/Stock are wanted, 1 is there. Line 1, since it was counted: ${first.number} -9.`,
    )
    expect(await onHand('MV-B')).toEqual(['1'])
    expect((await step(refused.body, 'reject', stock.manager, { reason: 'Count again' })).body.status).toBe('rejected')
  })
})

describe('below a limit nobody approves', () => {
  test('what one person submits of one product within a day adds up, gains and losses alike', async () => {
    await stocked('LIM-A', '100')
    expect((await limits({ quantity: '3' })).status).toBe(200)
    expect(await submitted([line('LIM-A', '98')])).toMatchObject({ status: 'posted' })
    expect(await submitted([line('LIM-A', '99')])).toMatchObject({ status: 'posted' })
    expect(await submitted([line('LIM-A', '98')])).toMatchObject({ status: 'submitted' })
    // Another person has a limit of their own: a supervisor's is zero.
    expect(await submitted([line('LIM-A', '98')], stock.supervisor)).toMatchObject({ status: 'submitted' })
    expect(await onHand('LIM-A')).toEqual(['99'])
  })

  test('two at once do not pass it together', async () => {
    await stocked('LIM-B', '100')
    const drafts = [await begin([line('LIM-B', '98')]), await begin([line('LIM-B', '98')])]
    const both = await Promise.all(drafts.map((draft) => step(draft, 'submit')))
    expect(both.map(({ body }) => body.status).sort()).toEqual(['posted', 'submitted'])
    expect(await onHand('LIM-B')).toEqual(['98'])
  })

  test('what valuation told is what it is worth; what nobody told is above', async () => {
    await stocked('LIM-C', '100')
    await limits({ value: '5' })
    expect(await submitted([line('LIM-C', '99')])).toMatchObject({ status: 'submitted' })
    const entry = {
      document: null,
      documentId: null,
      position: null,
      date: '2026-04-20',
      currency: 'USD',
      cause: 'receipt',
    }
    const tell = (unitCost: string) =>
      stock.publish('valuation.entries', 'valuation.entry-posted.v1', 'STOCKLINE', {
        ...{ ...entry, number: '2026/00001', lines: [], unitCosts: [{ sku: 'LIM-C', unitCost }] },
      })
    const costs = sql('select trim_scale(unit_cost)::text as cost from last_unit_costs where sku = $1')
    const isKnown = (cost: string) =>
      until(`the cost ${cost}`, async () => {
        const [found] = await stock.service.db.query<{ cost: string }>(costs, ['LIM-C'])
        return found?.cost === cost
      })
    await tell('2.50')
    await isKnown('2.5')
    // The one before stands against it: 1 and 1 are worth 5.
    expect(await submitted([line('LIM-C', '99')])).toMatchObject({ status: 'posted' })
    expect(await submitted([line('LIM-C', '98')])).toMatchObject({ status: 'submitted' })
    for (const cost of ['2.50', '3', '3', '2.75']) await tell(cost)
    await isKnown('2.75')
  })

  test('a limit without any measure is none', async () => {
    const reply = await limits({})
    expect([reply.status, pointers(reply)]).toEqual([422, ['/limits/0']])
    expect((await stock.user.get('/v1/adjustment-limits')).status).toBe(403)
    await limits({ quantity: '0', percent: '0', value: '0' })
  })
})

describe('lots and serials', () => {
  test('a lot that nobody knew is found, and one is lost', async () => {
    await stocked('LS-A', '5', { lot: 'L1' }, { tracking: 'lot' })
    const waiting = await submitted([line('LS-A', '3', { lot: 'L1' }), line('LS-A', '2', { lot: 'L2' })])
    await step(waiting, 'approve', stock.supervisor)
    const lots = await stock.manager.get<Body>('/v1/quants?sku=LS-A&location=WH/Stock')
    expect(lots.body.items.map(({ lot, onHand: there }) => [lot, there])).toEqual([
      ['L1', '3'],
      ['L2', '2'],
    ])
  })

  test('a serial number that is elsewhere is not found twice, and moves in one document', async () => {
    await stocked('LS-S', '1', { lot: 'S1' }, { tracking: 'serial', unit: 'unit' })
    const found = line('LS-S', '1', { lot: 'S1', location: 'WH/Stock/A1-03' })
    const twice = await step(await submitted([found]), 'approve', stock.supervisor)
    expect(twice.body).toMatchObject({ status: 'submitted', problem: expect.stringMatching(/S1 of LS-S is in stock/) })
    const both = await submitted([found, line('LS-S', '0', { lot: 'S1' })])
    expect((await step(both, 'approve', stock.supervisor)).body).toMatchObject({ status: 'posted' })
    expect(await onHand('LS-S', 'WH/Stock/A1-03')).toEqual(['1'])
  })
})

test('what is reserved and gone is released, and the delivery says why', async () => {
  await stocked('RES-A', '2')
  const delivery = await neededBy(stock, 'RES-A', 'WH/OUT/00077')
  await until('it is reserved', async () => (await stock.said('stock.stock-reserved.v1', delivery)).length === 1)
  await step(await submitted([line('RES-A', '1')]), 'approve', stock.supervisor)
  expect(await stock.said('stock.reservation-released.v1', delivery)).toMatchObject([
    { code: 'stock-gone', detail: 'RES-A at WH/Stock is no longer there.' },
  ])
})

test('outside of the assigned places there is no adjustment, and costs are not for users', async () => {
  const cost = line('RM-B', '18', { unitCost: '123.45' })
  expect((await stock.user.send('POST', path, { body: { reason: 'count', lines: [cost] } })).status).toBe(403)
  const made = await begin([cost], stock.supervisor)
  expect(made.lines).toMatchObject([{ unitCost: '123.45' }])
  const asUser = await shown(made, stock.user)
  expect(asUser.number).toBe(made.number)
  expect(JSON.stringify(asUser)).not.toContain('123.45')
  const locations = ['WH/Input']
  const assign = async (version: number, to: readonly string[]) =>
    stock.manager.send('PUT', `/v1/users/${people.user}/locations`, { version, body: { locations: to } })
  expect((await assign(1, locations)).status).toBe(200)
  expect((await stock.user.get(`${path}/${made.id}`)).status).toBe(404)
  expect((await step(made, 'submit')).status).toBe(404)
  expect((await stock.user.get<Body>(path)).body.items).toEqual([])
  const outside = await stock.user.send<Body>('POST', path, { body: { reason: 'count', lines: [line('RM-B', '1')] } })
  expect([outside.status, pointers(outside)]).toEqual([422, ['/lines/0/location']])
  await assign(2, ['WH'])
})

test('a count hands over its differences: submitted in its transaction, posted where the limit allows it', async () => {
  await stocked('CNT-A', '10')
  const counted = (sku: string, expected: string, found: string): CountedLine => ({
    ...{
      sku,
      location: 'WH/Stock',
      lot: null,
      status: 'available',
      unit: 'kg',
      atPosition: 1n,
      countedBy: people.user,
    },
    ...{ expected: parseQuantity(expected), counted: parseQuantity(found) },
  })
  const ended = { countId: randomUUID(), warehouse: 'WH', reason: 'count', note: 'WH/CNT/00001', blind: true }
  const company = { company: 'STOCKLINE', timeZone: 'UTC' }
  const by = { id: people.user, name: 'user', groups: [groups.user], scopes: [], kind: 'user' } as const
  const made = await stock.service.db.transaction({ actor: by, correlationId: 'count' }, (tx) =>
    adjustCounted(
      tx,
      company,
      { ...ended, countedBy: [people.user], lines: [counted('CNT-A', '10', '8'), counted('RM-A', '42', '42')] },
      by,
    ),
  )
  expect(made.map(({ document }) => [document.status, document.lines.length])).toEqual([['submitted', 1]])
  const { id, version } = made[0]!.document
  expect((await step({ id, version }, 'approve', stock.supervisor)).body).toMatchObject({ status: 'posted' })
  expect(await onHand('CNT-A')).toEqual(['8'])
})

test('the list of reasons is replaced as a whole', async () => {
  const before = await stock.user.get<{ reasons: object[]; version: number }>('/v1/adjustment-reasons')
  const { version } = before.body
  const reasons = [...before.body.reasons, { code: 'photo', name: 'Shown by a photo', evidenceRequired: true }]
  const put = (body: object, read?: number) =>
    stock.manager.send<Body>('PUT', '/v1/adjustment-reasons', {
      body,
      ...(read === undefined ? {} : { version: read }),
    })
  expect((await put({ reasons })).status).toBe(428)
  expect((await put({ reasons: [...reasons, ...reasons] }, version)).status).toBe(422)
  expect((await put({ reasons }, version)).body).toMatchObject({ version: version + 1 })
  expect((await stock.user.get<{ reasons: object[] }>('/v1/adjustment-reasons')).body.reasons.at(-1)).toEqual({
    ...{ code: 'photo', name: 'Shown by a photo', active: true, evidenceRequired: true },
  })
})

test('the invariants hold', async () => {
  for (const { name, statement } of invariants)
    expect([name, await stock.service.db.query(statement)]).toEqual([name, []])
})
