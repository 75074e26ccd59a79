/** Row X3: what becomes of a lot is told to everybody, and comes back from there when stock's database fell back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { stockLotChanged, type ToldLot } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { type PublishedEvent, sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import type { Tx } from '../src/database.ts'
import { invariants } from '../src/invariants.ts'
import type { LotAnswer } from '../src/lots/lot.shapes.api.ts'
import { restoreStock } from '../src/restoring/restore.actions.ts'
import { lotSteps } from './lots-steps.ts'
import { type RunningStock, people, runStock } from './running.ts'
import { demo, nobody } from './stock-database.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  await stock.made('/v1/locations', { code: 'WH/Stock/A' })
  await stock.manager.send('PUT', `/v1/users/${people.supervisor}/locations`, { body: { locations: ['WH'] } })
})
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await stock.service.db.query(statement) }).toEqual({ name, rows: [] })
  await stock.stop()
})

const { milk, lotOf: listed } = lotSteps(() => stock)
const lotOf = async (sku: string, code: string): Promise<LotAnswer> =>
  (await stock.manager.get<LotAnswer>(`/v1/lots/${(await listed(sku, code)).id}`)).body
const act = (lot: { readonly id: string }, step: string, body: object) =>
  stock.supervisor.send<LotAnswer>('POST', `/v1/lots/${lot.id}/${step}`, { body: { reason: 'dirt', ...body } })

/** What was published since a position, as the bus has it. */
async function publishedSince(position: bigint): Promise<(PublishedEvent & { readonly event: Event<ToldLot> })[]> {
  const rows = await stock.service.db.query<{
    id: string
    type: string
    subject: string
    text: string
    sequence: bigint
  }>(
    sql(
      'select id, type, subject, value::text as text, sequence from kit.outbox where position > $1 order by position',
    ),
    [position],
  )
  return rows.map(({ text, ...row }) => {
    const event = JSON.parse(text) as Event<ToldLot> & { time: string }
    const place = { message: { topic: 'stock.lots' } as never, position: undefined }
    return { ...row, ...place, time: event.time, causationId: event.causationid, text, event }
  })
}
const lastPosition = async () =>
  (await stock.service.db.query<{ last: bigint }>(sql('select coalesce(max(position), 0) as last from kit.outbox')))[0]!
    .last

/** What was told of lots of a product since then: the step, and what differs from a lot of which nothing is known. */
async function told(sku: string, since: bigint): Promise<readonly ToldLot[]> {
  const events = await publishedSince(since)
  return events.flatMap(({ type, event: { data } }) =>
    type === stockLotChanged.type && data.sku === sku ? [stockLotChanged.data.parse(data)] : [],
  )
}

describe('a lot is told of', () => {
  test('where it has dates, by the document that brought them; not where nothing is known but its name', async () => {
    const since = await lastPosition()
    const sku = await milk(['L1', '5', { alertOn: '2030-10-01', expiresOn: '2031-01-01' }], ['L2', '5'])
    const { id: lotId } = await lotOf(sku, 'L1')
    expect(await told(sku, since)).toEqual([
      {
        ...{ lotId, sku, code: 'L1', producedOn: null, bestBefore: null, removeOn: null, alertOn: '2030-10-01' },
        ...{ expiresOn: '2031-01-01', held: false, heldFor: null, madeOf: [], madeInto: [], version: 1 },
      },
    ])
    const then = await lastPosition()
    await stock.made('/v1/opening-stock', { lines: [{ sku, location: 'WH/Stock/A', lot: 'L2', quantity: '1', unitCost: '1', bestBefore: '2030-12-01' }] }) // prettier-ignore
    expect(await told(sku, then)).toMatchObject([{ code: 'L2', bestBefore: '2030-12-01', version: 2 }])
  })

  test('with each hold, release, date, split, merge and recall: all of it, and what was done, in the order of its changes', async () => {
    const sku = await milk(['L1', '5'], ['L2', '5'])
    const [one, two] = [await lotOf(sku, 'L1'), await lotOf(sku, 'L2')]
    const since = await lastPosition()
    await act(one, 'hold', { reason: 'smells' })
    await act(one, 'hold', { reason: 'smells again' })
    await act(one, 'release', { reason: 'next pallet' })
    await stock.patch(`/v1/lots/${one.id}`, { expiresOn: '2031-01-01' }, 3, stock.supervisor)
    const parts = { lines: [{ location: 'WH/Stock/A', quantity: '2' }] }
    const { body: made } = await act(one, 'split', { code: 'L1-A', ...parts })
    await act(made, 'merge', { into: two.id })
    await act(one, 'recall', { reason: 'glass' })
    const steps = (await told(sku, since)).map(({ code, held, version, madeOf, madeInto, step }) => [
      ...[code, step?.what, held, version],
      ...[madeOf, madeInto].map((all) => all.map((lot) => lot.code).join()),
    ])
    expect(steps).toEqual([
      ['L1', 'held', true, 2, '', ''],
      ['L1', 'released', false, 3, '', ''],
      ['L1', 'dates-changed', false, 4, '', ''],
      ['L1', 'split', false, 4, '', 'L1-A'],
      ['L1-A', 'split-from', false, 1, 'L1', ''],
      ['L1-A', 'merged', false, 1, 'L1', 'L2'],
      ['L2', 'merged-from', false, 2, 'L1-A', ''],
      ...[one, made, two]
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ code }) => [code, 'recalled', true])
        .map(
          ([code]) => ({ 'L1': ['L1', 'recalled', true, 5, '', 'L1-A'], 'L1-A': ['L1-A', 'recalled', true, 2, 'L1', 'L2'], 'L2': ['L2', 'recalled', true, 3, 'L1-A', ''] })[String(code)], // prettier-ignore
        ),
    ])
  })
})

describe('a database that fell back', () => {
  /** Forgets what became of the lots since then: their rows are as in the backup. */
  async function fallBack(lots: readonly LotAnswer[]): Promise<void> {
    const forgotten = sql('delete from lot_history where lot_id = any ($1::uuid[])')
    await stock.service.db.query(forgotten, [lots.map(({ id }) => id)])
    for (const { id, expiresOn, bestBefore, heldFor, version } of lots)
      await stock.service.db.query(
        sql('update lots set expires_on = $2, best_before = $3, hold_reason = $4, version = $5 where id = $1'),
        [id, expiresOn, bestBefore, heldFor, version],
      )
  }
  const restores = (missing: readonly PublishedEvent[], superseded: readonly PublishedEvent[] = []) =>
    stock.service.db.transaction(nobody, (tx: Tx) => restoreStock(demo)(tx, { missing, superseded, inputs: [] })) as Promise<{ readonly done: readonly string[]; readonly open: readonly string[] }> // prettier-ignore
  const ofLots = async (since: bigint) =>
    (await publishedSince(since)).filter(({ type }) => type === stockLotChanged.type)
  const wanting = async (sku: string, quantity: string): Promise<string> => {
    const documentId = randomUUID()
    await stock.publish('picking.deliveries', 'picking.delivery-confirmed.v1', documentId, {
      ...{ documentId, number: 'WH/OUT/00001', warehouse: 'WH', revision: 1, priority: 5 },
      ...{ orderedAt: '2026-04-20T08:00:00Z', allowPartial: false, lines: [{ line: 1, sku, quantity }] },
    })
    await until('stock answers', async () => (await reserved(documentId)) !== undefined)
    return documentId
  }
  /** The lots that are reserved for a delivery, as it was told last; undefined where nothing was told. */
  const reserved = async (documentId: string): Promise<string | undefined> => {
    const text = `select value::jsonb -> 'data' as data from kit.outbox where subject = $1 order by position desc limit 1`
    const rows = await stock.service.db.query<{ data: { lines?: { picks: { lot: string }[] }[] } }>({ name: '', text }, [documentId]) // prettier-ignore
    return rows[0] === undefined ? undefined : (rows[0].data.lines ?? []).flatMap(({ picks }) => picks.map(({ lot }) => lot)).join() // prettier-ignore
  }

  test('holds again what was held, before anything more of it is promised, and has dates and history again; twice is once', async () => {
    const sku = await milk(['L1', '5', { expiresOn: '2031-01-01' }], ['L2', '5', { expiresOn: '2032-01-01' }])
    const before = await lotOf(sku, 'L1')
    const since = await lastPosition()
    await act(before, 'hold', { reason: 'smells' })
    await stock.patch(`/v1/lots/${before.id}`, { bestBefore: '2030-12-01' }, 2, stock.supervisor)
    const after = await lotOf(sku, 'L1')
    const missing = await ofLots(since)
    await fallBack([before])
    const delivery = await wanting(sku, '4')
    expect(await reserved(delivery)).toBe('L1')
    expect((await restores(missing)).open).toEqual([])
    expect(await lotOf(sku, 'L1')).toEqual(after)
    expect(await reserved(delivery)).toBe('L2')
    await restores(missing)
    expect(await lotOf(sku, 'L1')).toEqual(after)
    expect(await reserved(await wanting(sku, '1'))).toBe('L2')
  })

  test('offers what was released, and knows a change from before it', async () => {
    const sku = await milk(['L1', '5'])
    const lot = await lotOf(sku, 'L1')
    const since = await lastPosition()
    await act(lot, 'hold', {})
    const held = await lotOf(sku, 'L1')
    await act(lot, 'release', {})
    const after = await lotOf(sku, 'L1')
    const missing = await ofLots(since)
    await fallBack([held])
    const delivery = await wanting(sku, '4')
    expect(await reserved(delivery)).toBe('')
    // The hold is in the backup, the release is not: the bus may tell of both.
    await restores(missing)
    expect(await reserved(delivery)).toBe('L1')
    expect(await lotOf(sku, 'L1')).toMatchObject({ held: false, version: after.version })
  })

  test('in which another change has its number: what was held is held all the same; the rest is for a person', async () => {
    const sku = await milk(['L1', '5'], ['L2', '5'])
    const [one, two] = [await lotOf(sku, 'L1'), await lotOf(sku, 'L2')]
    const since = await lastPosition()
    await act(one, 'hold', { reason: 'smells' })
    await stock.patch(`/v1/lots/${two.id}`, { alertOn: '2030-01-01' }, 1, stock.supervisor)
    const superseded = await ofLots(since)
    await fallBack([one, two])
    const delivery = await wanting(sku, '4')
    const then = await lastPosition()
    const { done, open } = await restores([], superseded)
    expect(done).toContainEqual(`Lot L1 of ${sku} was held, and is held again: smells`)
    expect(open).toEqual([expect.stringContaining(`Change 2 of lot L2 of ${sku} is lost`)])
    expect(await told(sku, then)).toMatchObject([{ code: 'L1', held: true, heldFor: 'smells', version: 2 }])
    expect(await reserved(delivery)).toBe('L2')
  })

  test('that does not know a lot says so', async () => {
    const sku = await milk(['L1', '5'])
    const since = await lastPosition()
    await act(await lotOf(sku, 'L1'), 'hold', {})
    const missing = (await ofLots(since)).map((one) => ({
      ...one,
      text: one.text.replace('"code":"L1"', '"code":"L7"'),
    }))
    expect((await restores(missing)).open).toEqual([expect.stringContaining(`lot L7 of ${sku} is lost`)])
  })
})
