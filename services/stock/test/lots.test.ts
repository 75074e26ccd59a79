/** Row X3: lots are held and expire, and what is promised of them is given back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { groups } from '@stockline/contracts'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import type { Tx } from '../src/database.ts'
import { invariants } from '../src/invariants.ts'
import type { LotAnswer } from '../src/lots/lot.shapes.api.ts'
import { mergeLot } from '../src/lots/lot.split.actions.ts'
import { withdrawExpired } from '../src/lots/lot.expiry.actions.ts'
import { type RunningStock, people, runStock } from './running.ts'
import { lotSteps, type Told } from './lots-steps.ts'
import { demo, nobody } from './stock-database.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  for (const code of ['WH/Stock/A', 'WH/Stock/B']) await stock.made('/v1/locations', { code })
  await stock.manager.send('PUT', `/v1/users/${people.user}/locations`, { body: { locations: ['WH/Stock/A'] } })
  await stock.manager.send('PUT', `/v1/users/${people.supervisor}/locations`, { body: { locations: ['WH'] } })
})
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await stock.service.db.query(statement) }).toEqual({ name, rows: [] })
  await stock.stop()
})

const { milk, lotOf, wanting, answers } = lotSteps(() => stock)

const act = (lot: { readonly id: string }, step: string, reason = 'dirt', client = stock.supervisor) =>
  client.send<LotAnswer & { type: string }>('POST', `/v1/lots/${lot.id}/${step}`, { body: { reason } })

describe('a hold', () => {
  test('gives back what is reserved; other lots take its place; its end offers it anew', async () => {
    const sku = await milk(['L1', '5', { expiresOn: '2031-01-01' }], ['L2', '8', { expiresOn: '2032-01-01' }])
    const [first, second] = [await wanting(sku, '5'), await wanting(sku, '6')]
    const lot = await lotOf(sku, 'L1')
    const held = await act(lot, 'hold')
    expect(held).toMatchObject({ status: 200, body: { held: true, heldFor: 'dirt', onHand: '5', version: lot.version + 1 } }) // prettier-ignore
    expect(held.body.history).toMatchObject([{ what: 'held', why: 'dirt', who: { id: people.supervisor } }])
    expect((await answers(first)).slice(1)).toEqual(['stock-gone: Lot L1 is held (dirt): it cannot be shipped.', ''])
    expect(await answers(second)).toEqual(['L2 6'])
    expect(await act(lot, 'hold', 'other')).toMatchObject({ status: 200, body: { heldFor: 'dirt', version: lot.version + 1 } }) // prettier-ignore
    const released = await act(lot, 'release', 'clean')
    expect(released.body).toMatchObject({ held: false, heldFor: null })
    expect(released.body.history.map(({ what, why }) => [what, why])).toEqual([['held', 'dirt'], ['released', 'clean']]) // prettier-ignore
    expect((await answers(first)).at(-1)).toBe('L1 5')
    expect((await act(lot, 'release', 'again')).body.history).toHaveLength(2)
  })

  test('of what is being picked: shipping it is refused with the reason, and the delivery hears it meanwhile', async () => {
    const sku = await milk(['L1', '5'], ['L2', '5'])
    const documentId = await wanting(sku, '5', { lines: [{ line: 1, sku, quantity: '5', lot: 'L1' }] })
    await act(await lotOf(sku, 'L1'), 'hold', 'glass in it')
    const text = `select value::jsonb -> 'data' as data from kit.outbox where subject = $1 order by position desc limit 1`
    const [last] = await stock.service.db.query<{ data: Told }>({ name: '', text }, [documentId])
    expect(last?.data.refusedPicks).toMatchObject([{ lot: 'L1', message: 'Lot L1 is held (glass in it): it cannot be shipped.' }]) // prettier-ignore
    await stock.publish('picking.deliveries', 'picking.delivery-validated.v1', documentId, {
      ...{ documentId, number: 'WH/OUT/00001', warehouse: 'WH', attempt: 1 },
      lines: [{ line: 1, documentLine: 1, sku, quantity: '5', lot: 'L1', location: 'WH/Stock/A', category: 'Goods' }],
    })
    const refused = await until('the ledger refuses', async () => (await stock.said<Told>('stock.document-refused.v1', documentId))[0]) // prettier-ignore
    expect(refused).toMatchObject({ code: 'lot-held', detail: 'Line 1: Lot L1 is held (glass in it): it cannot be shipped.' }) // prettier-ignore
  })

  test('is for supervisors, with a reason, of a lot that there is; not from a version that is gone', async () => {
    const sku = await milk(['L1', '5'])
    const lot = await lotOf(sku, 'L1')
    expect((await act(lot, 'hold', 'dirt', stock.user)).status).toBe(403)
    expect((await act(lot, 'hold', '')).status).toBe(422)
    expect((await act({ id: randomUUID() }, 'hold')).status).toBe(404)
    const stale = await stock.supervisor.send('POST', `/v1/lots/${lot.id}/hold`, { body: { reason: 'x' }, version: 99 })
    expect(stale.status).toBe(412)
    const unknown = await stock.supervisor.send('POST', `/v1/lots/${lot.id}/hold`, { body: { reason: 'x', until: 'y' } }) // prettier-ignore
    expect(unknown.status).toBe(422)
  })
})

describe('a lot is split and merged', () => {
  const split = (lot: LotAnswer, body: object, client = stock.supervisor) =>
    client.send<LotAnswer & { errors?: { pointer: string }[] }>('POST', `/v1/lots/${lot.id}/split`, { body })
  const merge = (lot: LotAnswer, into: string, client = stock.supervisor) =>
    client.send<LotAnswer & { errors?: { pointer: string }[]; type: string }>('POST', `/v1/lots/${lot.id}/merge`, { body: { into, reason: 'one pallet' } }) // prettier-ignore
  const traced = async (lot: { readonly id: string }, direction: string) => {
    const path = `/v1/lots/${lot.id}/trace?direction=${direction}`
    const { body } = await stock.manager.get<{ lots: { code: string }[]; moves: { kind: string; lot: string; toLot: string | null }[] }>(path) // prettier-ignore
    return { lots: body.lots.map(({ code }) => code), moves: body.moves.map(({ kind, lot, toLot }) => `${kind} ${lot}${toLot === null ? '' : ` to ${toLot}`}`) } // prettier-ignore
  }
  const part = (quantity: string, more: object = {}) => [{ location: 'WH/Stock/A', quantity, ...more }]

  test('a part gets a new lot, with its dates; what was reserved is reserved anew, and a trace follows both ways', async () => {
    const sku = await milk(['L1', '10', { expiresOn: '2031-01-01' }])
    const documentId = await wanting(sku, '8')
    const lot = await lotOf(sku, 'L1')
    const made = await split(lot, { code: 'L1-A', reason: 'other pallet', lines: part('4') })
    expect(made).toMatchObject({ status: 201, body: { code: 'L1-A', expiresOn: '2031-01-01', onHand: '4', held: false } }) // prettier-ignore
    expect(made.body.history).toMatchObject([{ what: 'split-from', why: expect.stringMatching(/^LOT\/\d{5}: from L1\. other pallet$/) }]) // prettier-ignore
    expect(await lotOf(sku, 'L1')).toMatchObject({ onHand: '6' })
    expect((await answers(documentId)).at(-1)?.split(', ').sort()).toEqual(['L1 6', 'L1-A 2'])
    expect(await traced(made.body, 'up')).toEqual({ lots: ['L1-A', 'L1'], moves: ['opening L1', 'adjustment L1 to L1-A'] }) // prettier-ignore
    expect(await traced(lot, 'down')).toEqual({ lots: ['L1', 'L1-A'], moves: ['adjustment L1 to L1-A'] })
    const recalled = await stock.supervisor.send<object>('POST', `/v1/lots/${lot.id}/recall`, { body: { reason: 'dirt' } }) // prettier-ignore
    expect(recalled.body).toMatchObject({ lots: [{ code: 'L1', held: true, onHand: '6' }, { code: 'L1-A', held: true, onHand: '4' }] }) // prettier-ignore
    const again = await split(await lotOf(sku, 'L1'), { code: 'L1-B', reason: 'x', lines: part('1') })
    expect(again.body).toMatchObject({ held: true, heldFor: 'dirt' })
  })

  test('all of one becomes another: it takes the earlier dates and the hold, and can be traced to both', async () => {
    const sku = await milk(['M1', '3', { expiresOn: '2031-01-01' }], ['M1', '2', { location: 'WH/Stock/B' }], ['M2', '7', { expiresOn: '2030-01-01' }]) // prettier-ignore
    const [m1, m2] = [await lotOf(sku, 'M1'), await lotOf(sku, 'M2')]
    await act(m1, 'hold')
    const merged = await merge(m1, m2.id)
    expect(merged).toMatchObject({ status: 200, body: { code: 'M2', onHand: '12', expiresOn: '2030-01-01', held: true } }) // prettier-ignore
    expect(await lotOf(sku, 'M1')).toMatchObject({ onHand: '0' })
    expect((await traced(merged.body, 'up')).lots).toEqual(['M2', 'M1'])
    expect(await merge(m1, m2.id)).toMatchObject({ status: 409, body: { type: expect.stringContaining('lot-empty') } })
    expect((await merge(m2, m2.id)).body.errors).toMatchObject([{ pointer: '/into' }])
    expect((await merge(m2, randomUUID())).body.errors).toMatchObject([{ pointer: '/into' }])
    const other = await milk(['M1', '1'])
    expect((await merge(await lotOf(other, 'M1'), m2.id)).body.errors).toMatchObject([{ pointer: '/into' }])
  })

  test('not where a place is below zero, or of more places than a document has lines', async () => {
    const sku = await milk(['L1', '3'], ['L2', '1'])
    const [lot, into] = [await lotOf(sku, 'L1'), await lotOf(sku, 'L2')]
    const change = (quantity: string, places: number) =>
      stock.service.db.transaction(nobody, async (tx) => {
        await tx.query(sql(`update quants set quantity_on_hand = $2::numeric, may_be_negative = true where lot_id = $1 and internal`), [lot.id, quantity]) // prettier-ignore
        const made = `insert into locations (id, code, type, warehouse, reservable, allow_negative, pick_sequence, active, changed_at)
          select gen_random_uuid(), 'WH/Many/' || n, 'internal', 'WH', false, false, 0, true, now() from generate_series(1, $1::int) n`
        await tx.query(sql(made), [places])
        const filled = `insert into quants (product_id, lot_id, location_id, status, package_id, internal, may_be_negative, quantity_on_hand, quantity_reserved)
          select t.product_id, t.id, l.id, 'available', '00000000-0000-0000-0000-000000000000', true, false, 1, 0
          from lots t join locations l on l.code like 'WH/Many/%' where t.id = $1`
        await tx.query(sql(filled), [lot.id])
        const reply = await mergeLot(tx, demo, lot.id, { into: into.id, reason: 'x' }, { id: people.manager, name: 'm', kind: 'user', groups: [groups.manager], scopes: [] } as never) // prettier-ignore
        expect(reply).toMatchObject({ refused: expected[quantity], kind: 'state' })
        throw new Error('taken back')
      })
    const expected: Readonly<Record<string, string>> = { '-3': 'lot-below-zero', '3': 'lot-in-too-many-places' }
    await expect(change('-3', 0)).rejects.toThrow('taken back')
    await expect(change('3', 1000)).rejects.toThrow('taken back')
  })

  test.each<[string, object, number, string]>([
    ['more than there is', { lines: part('11') }, 422, '/lines/0/quantity'],
    ['a place that is not there', { lines: part('1', { location: 'WH/Stock/X' }) }, 422, '/lines/0/location'],
    ['a place that is not theirs', { lines: part('1', { location: 'W2/A' }) }, 422, '/lines/0/location'],
    ['a code that is taken', { code: 'L1' }, 409, '/code'],
    ['nothing', { lines: [] }, 422, '/lines'],
    ['a status that there is not', { lines: part('1', { status: 'lost' }) }, 422, '/lines/0/status'],
    ['no reason', { reason: '' }, 422, '/reason'],
  ])('but not by %s', async (_, more, status, pointer) => {
    const lot = await lotOf(await milk(['L1', '10']), 'L1')
    const reply = await split(lot, { code: 'L9', reason: 'x', lines: part('1'), ...more })
    expect([reply.status, reply.body.errors?.map((one) => one.pointer)]).toEqual([status, [pointer]])
  })
})

describe('a serial number', () => {
  const piece = async () => {
    const sku = `SN-${randomUUID().slice(0, 8)}`
    const usual = { type: 'stockable', category: 'Goods', unit: 'unit', tracking: 'serial' }
    await stock.made('/v1/products', { ...usual, sku, name: 'Drill' })
    return sku
  }
  const received = async (sku: string, lot: string, location: string) => {
    const documentId = randomUUID()
    await stock.publish('picking.receipts', 'picking.receipt-validated.v1', documentId, {
      ...{ documentId, number: `WH/IN/${documentId.slice(0, 8)}`, warehouse: 'WH', attempt: 1 },
      lines: [
        { line: 1, documentLine: 1, sku, quantity: '1', entered: { quantity: '1', unit: 'unit' }, lot, destination: location, category: 'Goods' }, // prettier-ignore
      ],
    })
    return documentId
  }
  interface Serials {
    readonly items: readonly {
      readonly place: { readonly location: string } | null
      readonly elsewhere: boolean
      readonly moves: readonly { readonly kind: string }[]
    }[]
  }
  const where = async (code: string, client = stock.manager) =>
    (await client.get<Serials>(`/v1/serials/${encodeURIComponent(code)}`)).body

  test('received by eight documents at once is in one place, and the others are refused', async () => {
    const sku = await piece()
    const code = `S/${randomUUID().slice(0, 8)}`
    const places = ['WH/Stock/A', 'WH/Stock/B', 'WH/Stock', 'WH/Input']
    const ids = await Promise.all([...places, ...places].map((place) => received(sku, code, place)))
    const refusals = async () =>
      (await Promise.all(ids.map((id) => stock.said<Told>('stock.document-refused.v1', id)))).flat()
    await until('all are answered', async () => (await refusals()).length === 7)
    expect(new Set((await refusals()).map((one) => one.code))).toEqual(new Set(['serial-on-hand']))
    const { items } = await where(code)
    expect(items).toMatchObject([{ moves: [{ kind: 'receipt' }] }])
    expect(places).toContain(items[0]?.place?.location)
  })

  test('says where it is to who may see it, that it is elsewhere to others, and nothing of a number that nobody has', async () => {
    const sku = await piece()
    const code = randomUUID()
    await received(sku, code, 'WH/Stock/B')
    await until('it is there', async () => {
      const { body } = await stock.manager.get<Partial<Serials>>(`/v1/serials/${code}`)
      return body.items?.[0]?.place?.location === 'WH/Stock/B'
    })
    expect((await where(code, stock.user)).items).toMatchObject([{ place: null, elsewhere: true, moves: [] }])
    expect((await stock.user.get(`/v1/serials/${randomUUID()}`)).status).toBe(404)
    const milks = await milk([code, '2'])
    expect((await where(code)).items).toHaveLength(1)
    expect(await lotOf(milks, code)).toMatchObject({ onHand: '2' })
  })
})

describe('dates', () => {
  test('are corrected, checked for their order, and kept in the history', async () => {
    const sku = await milk(['L1', '5', { expiresOn: '2031-01-01' }])
    const lot = await lotOf(sku, 'L1')
    const change = (version: number, body: object) => stock.patch(`/v1/lots/${lot.id}`, body, version, stock.supervisor)
    const wrong = await change(lot.version, { bestBefore: '2031-01-02', removeOn: '2032-01-01', alertOn: '31.1.2031' })
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/alertOn' }] } })
    expect(await change(lot.version, { bestBefore: '2031-01-02', removeOn: '2032-01-01' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/bestBefore' }, { pointer: '/removeOn' }] },
    })
    const right = await change(lot.version, { bestBefore: '2030-12-01', removeOn: '2030-11-01', alertOn: '2030-10-01' })
    expect(right).toMatchObject({ status: 200, body: { expiresOn: '2031-01-01', bestBefore: '2030-12-01' } })
    expect(right.body).toMatchObject({ history: [{ what: 'dates-changed', why: 'bestBefore 2030-12-01, removeOn 2030-11-01, alertOn 2030-10-01' }] }) // prettier-ignore
    expect((await change(lot.version, { alertOn: null })).status).toBe(412)
    const taken = await change(lot.version + 1, { alertOn: null, removeOn: null })
    expect(taken).toMatchObject({ status: 200, body: { alertOn: null, removeOn: null, bestBefore: '2030-12-01' } })
  })

  test('that a receipt brings later, and that are past, take back what is reserved of the lot, with the reason', async () => {
    const sku = await milk(['L1', '5'], ['L2', '5', { expiresOn: '2031-01-01' }])
    const documentId = await wanting(sku, '3', { lines: [{ line: 1, sku, quantity: '3', lot: 'L1' }] })
    expect(await answers(documentId)).toEqual(['L1 3'])
    const receipt = randomUUID()
    await stock.publish('picking.receipts', 'picking.receipt-validated.v1', receipt, {
      ...{ documentId: receipt, number: 'WH/IN/00001', warehouse: 'WH', attempt: 1 },
      lines: [
        { line: 1, documentLine: 1, sku, quantity: '1', entered: { quantity: '1', unit: 'unit' }, lot: 'L1', expiresOn: '2026-01-01', destination: 'WH/Stock/A', category: 'Goods' }, // prettier-ignore
      ],
    })
    await until('it is posted', async () => (await lotOf(sku, 'L1')).expiresOn === '2026-01-01')
    expect((await answers(documentId)).slice(1)).toEqual(['expired: Lot L1 expired on 2026-01-01: it cannot be shipped.', '']) // prettier-ignore
  })

  test('a list of lots is by sku, code, expiry and hold; on hand is what one may see, with a word of the rest', async () => {
    const sku = await milk(
      ['L1', '5', { expiresOn: '2031-01-01' }],
      ['L2', '2', { location: 'WH/Stock/B' }],
      ['L2', '1'],
    )
    await act(await lotOf(sku, 'L2'), 'hold')
    const codes = async (query: string) => {
      const { body } = await stock.user.get<{ items: LotAnswer[] }>(`/v1/lots?sku=${sku}&${query}`)
      return body.items.map(({ code, onHand, elsewhere }) => `${code} ${onHand}${elsewhere ? ' and more' : ''}`)
    }
    expect(await codes('')).toEqual(['L1 5', 'L2 1 and more'])
    expect(await codes('held=true')).toEqual(['L2 1 and more'])
    expect(await codes('held=false&expiresBefore=2031-01-02')).toEqual(['L1 5'])
    expect(await codes('lot=L1')).toEqual(['L1 5'])
    expect(await lotOf(sku, 'L2')).toMatchObject({ onHand: '3', elsewhere: false })
  })
})

describe('the day on which a lot expires', () => {
  const expires = (days: number) => {
    const now = new Date(Date.now() + days * 86_400_000)
    const work = (tx: Tx) => withdrawExpired(Object.create(tx, { now: { value: now } }) as Tx, demo)
    return stock.service.db.transaction(nobody, work)
  }
  const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

  test('what is reserved of it is withdrawn without anybody touching it, once, whoever looks', async () => {
    const sku = await milk(['L1', '5', { expiresOn: dayFromNow(10) }])
    const documentId = await wanting(sku, '5')
    expect(await expires(10)).toBe(0)
    expect(await answers(documentId)).toEqual(['L1 5'])
    const looks = await Promise.all([expires(11), expires(11), expires(11)])
    expect(looks.sort()).toEqual([0, 0, 1])
    expect((await answers(documentId)).slice(1)).toEqual([`expired: Lot L1 expired on ${dayFromNow(10)}: it cannot be shipped.`, '']) // prettier-ignore
    expect(await expires(11)).toBe(0)
    await stock.service.db.query(sql('delete from lot_expiry'))
  })

  test('what was decided just before midnight, and saved after the look, is found by the next', async () => {
    const sku = await milk(['L1', '5', { expiresOn: dayFromNow(20) }])
    expect(await expires(21)).toBe(0)
    const documentId = await wanting(sku, '5')
    expect(await expires(21)).toBe(1)
    expect((await answers(documentId)).slice(1)).toHaveLength(2)
    await stock.service.db.query(sql('delete from lot_expiry'))
  })
})
