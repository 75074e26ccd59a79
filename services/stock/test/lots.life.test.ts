/** Row X3: nothing is promised of a lot with less of its life left than a customer asks for. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import type { RemainingLife } from '@stockline/contracts'
import type { Tx } from '../src/database.ts'
import { invariants } from '../src/invariants.ts'
import { withdrawExpired } from '../src/lots/lot.expiry.actions.ts'
import type { LotAnswer } from '../src/lots/lot.shapes.api.ts'
import { isShortOfLife, lifeJudgedOn, lifeObstacle } from '../src/reservations/remaining-life.ts'
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

const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

interface Told {
  readonly code?: string
  readonly detail?: string
  readonly complete?: boolean
  readonly lines?: readonly { readonly picks: readonly { readonly lot: string | null; readonly quantity: string }[] }[]
  readonly refusedPicks?: readonly object[]
  readonly shortages?: readonly object[]
}

/** A product that is tracked by lot, with 5 of each of these lots. */
async function milk(...lots: readonly (readonly [code: string, expiresOn: string])[]): Promise<string> {
  const sku = `ML-${randomUUID().slice(0, 8)}`
  await stock.made('/v1/products', { sku, name: 'Milk', type: 'stockable', category: 'Goods', unit: 'unit', tracking: 'lot' }) // prettier-ignore
  const lines = lots.map(([lot, expiresOn]) => ({ sku, location: 'WH/Stock/A', lot, quantity: '5', unitCost: '1', expiresOn })) // prettier-ignore
  await stock.made('/v1/opening-stock', { lines })
  return sku
}

/** A delivery that wants one of a product whose lots have so much of their lives left. */
async function wanting(sku: string, life: RemainingLife | undefined, more: object = {}): Promise<string> {
  const documentId = randomUUID()
  await stock.publish('picking.deliveries', 'picking.delivery-confirmed.v1', documentId, {
    ...{ documentId, number: `WH/OUT/${documentId.slice(0, 8)}`, warehouse: 'WH', revision: 1, priority: 5 },
    ...{ orderedAt: '2026-04-20T08:00:00Z', allowPartial: false },
    lines: [{ line: 1, sku, quantity: '2', ...(life === undefined ? {} : { minimumRemainingLife: life }) }],
    ...more,
  })
  await until('stock answers', async () => (await told(documentId)).length > 0)
  return documentId
}

async function told(documentId: string): Promise<Told[]> {
  const text = `select value::jsonb -> 'data' as data from kit.outbox where subject = $1 order by position`
  return (await stock.service.db.query<{ data: Told }>({ name: '', text }, [documentId])).map(({ data }) => data)
}

const lots = (told?: Told) => (told?.lines ?? []).flatMap(({ picks }) => picks.map(({ lot }) => lot))
const lotOf = async (sku: string, code: string) =>
  (await stock.manager.get<{ items: LotAnswer[] }>(`/v1/lots?sku=${sku}&code=${code}`)).body.items[0]!

describe('a delivery that asks for so many days', () => {
  test('has the lot that lives long enough, says what the other has, and who holds shows what it asks for', async () => {
    const sku = await milk(['OLD', dayFromNow(10)], ['NEW', dayFromNow(60)])
    const first = await wanting(sku, { days: 30 })
    expect((await told(first)).map(lots)).toEqual([['NEW']])
    const held = await stock.manager.get<{ items: object[] }>(`/v1/reservations?sku=${sku}`)
    expect(held.body.items).toMatchObject([{ lot: 'NEW', minimumRemainingLife: { days: 30 } }])
    const due = dayFromNow(40)
    const second = await wanting(sku, { days: 30 }, { scheduledDate: due })
    expect((await told(second))[0]).toMatchObject({
      complete: false,
      shortages: [
        {
          ...{ sku, missing: '2', available: '0', minimumRemainingLife: { days: 30 } },
          outOfReach: expect.arrayContaining([
            { quantity: '5', why: 'short-life', location: 'WH/Stock/A', lot: 'OLD', detail: `nothing of its life left on ${due}, 30 asked for` }, // prettier-ignore
            { quantity: '3', why: 'short-life', location: 'WH/Stock/A', lot: 'NEW', detail: `20 days of its life left on ${due}, 30 asked for` }, // prettier-ignore
            { quantity: '2', why: 'reserved', number: expect.any(String) },
          ]),
        },
      ],
    })
    const any = await wanting(sku, undefined)
    expect((await told(any)).map(lots)).toEqual([['OLD']])
  })

  test('loses what another day makes too old, without anybody touching it, once, whoever looks', async () => {
    const sku = await milk(['L1', dayFromNow(30)], ['L2', dayFromNow(31)])
    const [soon, later] = [await wanting(sku, { days: 30 }), await wanting(sku, { days: 30 }, { lines: [{ line: 1, sku, quantity: '6', minimumRemainingLife: { days: 20 } }] })] // prettier-ignore
    expect((await told(soon)).map(lots)).toEqual([['L1']])
    const onDay = (days: number) => {
      const now = new Date(Date.now() + days * 86_400_000)
      const work = (tx: Tx) => withdrawExpired(Object.create(tx, { now: { value: now } }) as Tx, demo)
      return stock.service.db.transaction(nobody, work)
    }
    expect(await onDay(0)).toBe(0)
    expect((await Promise.all([onDay(1), onDay(1), onDay(1)])).sort()).toEqual([0, 0, 1])
    expect((await told(soon)).slice(1)).toMatchObject([
      {
        complete: true,
        refusedPicks: [{ line: 1, lot: 'L1', code: 'lot-life-too-short', message: `Lot L1: 29 days of its life left on ${dayFromNow(1)}, 30 asked for.` }], // prettier-ignore
      },
    ])
    expect(lots((await told(soon)).at(-1))).toEqual(['L2'])
    expect(await onDay(1)).toBe(0)
    expect(await told(later)).toHaveLength(1)
    await stock.service.db.query(sql('delete from lot_expiry'))
  })

  test('is refused when it is shipped with a lot that has less', async () => {
    const sku = await milk(['OLD', dayFromNow(10)], ['NEW', dayFromNow(60)])
    const documentId = await wanting(sku, { days: 30 })
    await stock.publish('picking.deliveries', 'picking.delivery-validated.v1', documentId, {
      ...{ documentId, number: 'WH/OUT/00001', warehouse: 'WH', attempt: 1 },
      lines: [{ line: 1, documentLine: 1, sku, quantity: '2', lot: 'OLD', location: 'WH/Stock/A', category: 'Goods' }],
    })
    const refused = await until('the ledger refuses', async () => (await stock.said<Told>('stock.document-refused.v1', documentId))[0]) // prettier-ignore
    expect(refused).toMatchObject({
      code: 'lot-life-too-short',
      detail: `Line 1: Lot OLD: 10 days of its life left on ${dayFromNow(0)}, 30 asked for.`,
    })
  })
})

describe('a delivery that asks for a part of the whole life', () => {
  test('waits while nobody knows when a lot was made, has it once that is corrected, and loses it again', async () => {
    const sku = await milk(['L1', dayFromNow(50)])
    const documentId = await wanting(sku, { percent: '50' })
    expect((await told(documentId))[0]).toMatchObject({
      shortages: [{ outOfReach: [{ why: 'short-life', detail: 'without its production date its whole life is not known, 50 % of it asked for' }] }], // prettier-ignore
    })
    const change = async (body: object) => {
      const { id, version } = await lotOf(sku, 'L1')
      return stock.patch(`/v1/lots/${id}`, body, version, stock.supervisor)
    }
    const wrong = await change({ producedOn: dayFromNow(51), bestBefore: dayFromNow(49) })
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/producedOn' }, { pointer: '/producedOn' }] } }) // prettier-ignore
    expect(await change({ producedOn: dayFromNow(-50) })).toMatchObject({ status: 200, body: { producedOn: dayFromNow(-50) } }) // prettier-ignore
    expect(lots((await told(documentId)).at(-1))).toEqual(['L1'])
    await change({ bestBefore: dayFromNow(49) })
    expect((await told(documentId)).slice(-2)).toMatchObject([
      { code: 'expired', detail: `Lot L1: 49 days of its life of 99 left on ${dayFromNow(0)}, 50 % of it asked for.` },
      { complete: false },
    ])
  })
})

test('the statement judges a life as the rule does', async () => {
  const days = [null, '2026-05-01', '2026-05-20', '2026-06-30']
  const asked: readonly RemainingLife[] = [{ days: 1 }, { days: 30 }, { percent: '33.33' }, { percent: '100' }, { days: 10, percent: '50' }] // prettier-ignore
  const cases = days.flatMap((expiresOn) =>
    days.flatMap((bestBefore) =>
      [null, '2026-04-01', '2026-05-01'].flatMap(
        (producedOn) =>
        [null, '2026-04-01', '2026-05-10'].flatMap((dueOn) => asked.map((life) => ({ expiresOn, bestBefore, producedOn, dueOn, life }))), // prettier-ignore
      ),
    ),
  )
  const text = `select ${isShortOfLife('$1')} as short
    from jsonb_to_recordset($2::jsonb) as c (at int, expires_on date, best_before date, produced_on date, due_on date, days int, percent numeric)
    cross join lateral (select expires_on, best_before, produced_on) t
    cross join lateral (select due_on as scheduled_date) n
    cross join lateral (select days as life_days, percent as life_percent) k order by at`
  const rows = cases.map(({ expiresOn, bestBefore, producedOn, dueOn, life: { days: least, percent } }, at) => {
    return { at, expires_on: expiresOn, best_before: bestBefore, produced_on: producedOn, due_on: dueOn, days: least, percent } // prettier-ignore
  })
  const judged = await stock.service.db.query<{ short: boolean }>({ name: '', text }, ['2026-04-20', JSON.stringify(rows)]) // prettier-ignore
  const ruled = cases.map(({ expiresOn, bestBefore, producedOn, dueOn, life }) => {
    const lot = { code: 'L', expiresOn, life: { bestBefore, producedOn } }
    return lifeObstacle(lot, life, lifeJudgedOn(dueOn, '2026-04-20')) !== undefined
  })
  expect(new Set(ruled)).toEqual(new Set([true, false]))
  expect(judged.map(({ short }) => short)).toEqual(ruled)
})
