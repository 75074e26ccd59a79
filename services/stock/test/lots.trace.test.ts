/**
 * Row X3: a lot is traced up and down, and recalled, among many moves. `LOT_MOVES=1000000` makes as many as a large warehouse has, of
 * 20,000 lots, and tells how long it takes.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from '@stockline/service-kit'
import type { Recall } from '../src/lots/lot.recall.api.ts'
import type { Trace } from '../src/lots/lot.trace.api.ts'
import { type RunningStock, people, runStock } from './running.ts'

const wanted = Number(process.env['LOT_MOVES'] ?? 20_000)
/** Of each lot: received once, moved 29 times, shipped 20 times. */
const rounds = 50
const lots = wanted / rounds

const statements = [
  `insert into products (id, sku, name, type, unit, category, tracking, created_at, changed_at)
   select gen_random_uuid(), 'P' || n, 'P', 'stockable', 'unit', 'Goods', 'lot', now(), now() from generate_series(0, 99) n`,
  `insert into lots (id, product_id, code)
   select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, p.id, 'L' || n
   from generate_series(1, ${String(lots)}) n join products p on p.sku = 'P' || n % 100`,
  // Ten lines a document, each of another lot. The last shipment of each is of no order.
  `insert into postings (document_id, attempt, position, kind, number, recorded_at, effective_at, order_source, order_number,
     partner_code, partner_name)
   select gen_random_uuid(), 1, n + 1, case when r = 0 then 'receipt' when r < 30 then 'transfer' else 'delivery' end,
     'D' || n, now(), now(), case when r = 0 or r between 30 and 48 then '/erp' end,
     case when r = 0 then 'PO-' || n when r between 30 and 48 then 'SO-' || n end,
     case when r = 0 then 'ACME' when r between 30 and 48 then case when r % 2 = 0 then 'BETA' else 'GAMMA' end end,
     case when r = 0 then 'Acme Supplies' when r = 30 then 'Beta' when r between 31 and 48 then
       case when r % 2 = 0 then 'Beta Stores' else 'Gamma, Sons' end end
   from (select n, n * 10 / ${String(lots)} as r from generate_series(0, ${String(wanted / 10 - 1)}) n) d`,
  `insert into moves (position, line, product_id, lot_id, status, package_id, quantity, from_location_id, to_location_id,
     order_line)
   select i / 10 + 1, i % 10 + 1, t.product_id, t.id, 'available', '00000000-0000-0000-0000-000000000000',
     case when r = 0 then 300 when r < 30 then 300 else 10 end,
     case when r = 0 then vendor.id when r < 30 and r % 2 = 1 then a.id else b.id end,
     case when r < 30 and r % 2 = 0 then a.id when r < 30 then b.id else customer.id end,
     case when r = 0 or r between 30 and 48 then i % 10 + 1 end
   from (select i, i / ${String(lots)} as r, i % ${String(lots)} + 1 as lot from generate_series(0, ${String(wanted - 1)}) i) m
   join lots t on t.id = ('00000000-0000-7000-8000-' || lpad(to_hex(lot), 12, '0'))::uuid
   cross join (select id from locations where code = 'WH/Stock/A1-03') a
   cross join (select id from locations where code = 'WH/Stock/B2-01') b
   cross join (select id from locations where code = 'Virtual/Vendors') vendor
   cross join (select id from locations where code = 'Virtual/Customers') customer`,
  `insert into quants (product_id, lot_id, location_id, status, package_id, internal, may_be_negative, quantity_on_hand, quantity_reserved)
   select product_id, t.id, l.id, 'available', '00000000-0000-0000-0000-000000000000', true, false, 100, 0
   from lots t cross join locations l where l.code = 'WH/Stock/B2-01'`,
  `insert into ledger_head (company, position, recorded_at) values ('DEMO', ${String(wanted / 10)}, now())
   on conflict (company) do update set position = excluded.position`,
  'analyze',
]

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  for (const text of statements) await stock.service.db.query(sql(text))
  await stock.manager.send('PUT', `/v1/users/${people.user}/locations`, { body: { locations: ['WH/Stock/A1-03'] } })
}, 300_000)
afterAll(() => stock.stop())

/** The id of the lot with that number. */
const idOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
const trace = async (n: number, direction: string, client = stock.manager) =>
  (await client.get<Trace>(`/v1/lots/${idOf(n)}/trace?direction=${direction}`)).body
/** Milliseconds of the second call: the first one prepares the statements. */
async function timed(call: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (const n of [7, 8, 9, 10, 11]) {
    const begun = performance.now()
    await call(n)
    times.push(Math.round(performance.now() - begun))
  }
  return times.slice(1).sort((a, b) => a - b)
}

/** What kinds of moves there are, and how many. */
function counted({ moves }: Trace): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of moves) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

describe('a trace', () => {
  test('goes up to the receipt, down to the shipments, or both ways', async () => {
    expect(counted(await trace(1, 'up'))).toEqual({ receipt: 1, transfer: 29 })
    expect(counted(await trace(1, 'down'))).toEqual({ transfer: 29, delivery: 20 })
    expect(counted(await trace(1, 'both'))).toEqual({ receipt: 1, transfer: 29, delivery: 20 })
    const [first] = (await trace(1, 'up')).moves
    expect(first).toMatchObject({
      ...{ position: '1', document: 'D0', kind: 'receipt', sku: 'P1', lot: 'L1', toLot: null, quantity: '300' },
      ...{
        from: { location: 'Virtual/Vendors', type: 'vendor' },
        to: { location: 'WH/Stock/A1-03', type: 'internal' },
      },
    })
  })

  test('shows what begins or ends at one’s locations, and says that there is more', async () => {
    const seen = await trace(1, 'both', stock.user)
    expect(counted(seen)).toEqual({ receipt: 1, transfer: 29 })
    expect(seen.elsewhere).toBe(true)
    expect((await trace(1, 'both', stock.supervisor)).moves).toEqual([])
  })

  test('of no lot, and in no direction, is refused', async () => {
    expect((await stock.user.get(`/v1/lots/${randomUUID()}/trace`)).status).toBe(404)
    expect((await stock.user.get(`/v1/lots/L1/trace`)).status).toBe(404)
    expect((await stock.user.get(`/v1/lots/${idOf(1)}/trace?direction=sideways`)).status).toBe(422)
  })

  test('takes 300 ms at most', async () => {
    const [up, down, both] = [
      await timed((n) => trace(n, 'up')),
      await timed((n) => trace(n, 'down')),
      await timed((n) => trace(n, 'both')),
    ]
    if (wanted > 20_000) process.stderr.write(`trace up ${up.join(' ')}, down ${down.join(' ')}, both ${both.join(' ')} ms\n`) // prettier-ignore
    for (const times of [up, down, both]) expect(times.at(-1)).toBeLessThanOrEqual(300)
  })
})

describe('a recall', () => {
  const recall = <Answer = Recall>(n: number, client = stock.manager, headers = {}) =>
    client.send<Answer>('POST', `/v1/lots/${idOf(n)}/recall`, { body: { reason: 'glass in it' }, headers })

  test('holds the lot, and lists where it came from, is, and went', async () => {
    const { status, body } = await recall(2)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      ...{ sku: 'P2', code: 'L2', unit: 'unit', lots: [{ code: 'L2', held: true, onHand: '100' }] },
      receipts: [{ document: 'D0', lot: 'L2', quantity: '300', location: 'WH/Stock/A1-03' }],
      places: [{ location: 'WH/Stock/B2-01', status: 'available', onHand: '100' }],
      ...{ more: false, elsewhere: false },
    })
    expect(body.shipments).toHaveLength(20)
    expect(body.shipments[0]).toMatchObject({ quantity: '10', location: 'WH/Stock/B2-01' })
    expect((await recall(2)).body).toEqual(body)
    const { body: lot } = await stock.manager.get<{ history: object[] }>(`/v1/lots/${idOf(2)}`)
    expect(lot.history).toMatchObject([{ what: 'recalled', why: 'glass in it' }])
  })

  test('names the orders, and who it came from and went to, by their last name', async () => {
    const { body } = await recall(2)
    const order = { sourceSystem: '/erp', orderLine: 2 }
    expect(body.receipts).toMatchObject([{ ...order, order: 'PO-0', partner: { code: 'ACME', name: 'Acme Supplies' } }])
    expect(body.shipments[0]).toMatchObject({ ...order, order: expect.stringMatching(/^SO-\d+$/), partner: { code: 'BETA', name: 'Beta' } }) // prettier-ignore
    expect(body.shipments.at(-1)).toMatchObject({ sourceSystem: null, order: null, orderLine: null, partner: null })
    expect(body.customers).toEqual([
      { code: 'BETA', name: 'Beta Stores', lot: 'L2', quantity: '100' },
      { code: 'GAMMA', name: 'Gamma, Sons', lot: 'L2', quantity: '90' },
    ])
    const { body: table } = await recall<string>(2, stock.manager, { accept: 'text/csv' })
    const receipt = body.receipts[0]
    expect(table).toContain(`receipt,P2,L2,D0,/erp,PO-0,2,ACME,Acme Supplies,WH/Stock/A1-03,,300,unit,${receipt?.at ?? ''}\r\n`) // prettier-ignore
    expect(table).toContain('customer,P2,L2,,,,,GAMMA,"Gamma, Sons",,,90,unit,\r\n')
  })

  test('is a table of its own by Accept, and is listed without a hold', async () => {
    const csv = { accept: 'text/csv' }
    const reply = await recall<string>(3, stock.manager, csv)
    expect(reply.headers['content-type']).toContain('text/csv')
    const lines = reply.body.split('\r\n')
    expect(lines[0]).toBe(
      'what,sku,lot,document,sourceSystem,order,orderLine,partner,partnerName,location,status,quantity,unit,at',
    )
    expect(lines[1]).toBe('lot,P3,L3,,,,,,,,held,100,unit,')
    expect(lines.filter((line) => line.startsWith('shipment,P3,L3,D'))).toHaveLength(20)
    const { body } = await stock.manager.get<Recall>(`/v1/lots/${idOf(4)}/recall`)
    expect(body).toMatchObject({ lots: [{ code: 'L4', held: false }] })
  })

  test('of a supervisor holds it everywhere, and lists what is at their locations', async () => {
    const { status, body } = await recall(5, stock.supervisor)
    expect(status).toBe(200)
    expect(body).toMatchObject({ lots: [{ held: true, onHand: '0' }], receipts: [], places: [], shipments: [], customers: [], elsewhere: true }) // prettier-ignore
    const { body: table } = await recall<string>(5, stock.supervisor, { accept: 'text/csv' })
    for (const text of [JSON.stringify(body), table]) expect(text).not.toMatch(/acme|beta|gamma|[PS]O-/i)
    expect((await recall(5, stock.user)).status).toBe(403)
  })

  test('takes one second at most', async () => {
    const times = await timed((n) => recall(n + 10))
    if (wanted > 20_000) process.stderr.write(`recall ${times.join(' ')} ms\n`)
    expect(times.at(-1)).toBeLessThanOrEqual(1000)
  })
})

describe('one lot with 10,000 moves, and 500 customers', () => {
  const big = wanted + 1
  const first = String(wanted / 10 + 1)
  // Received once, shipped 9,999 times, ten lines a document.
  const made = [
    `insert into lots (id, product_id, code) select '${idOf(big)}', id, 'BIG' from products where sku = 'P0'`,
    `insert into postings (document_id, attempt, position, kind, number, recorded_at, effective_at, order_source, order_number,
       partner_code, partner_name)
     select gen_random_uuid(), 1, ${first} + n, case n when 0 then 'receipt' else 'delivery' end, 'B' || n, now(), now(), '/erp', 'SO-' || n,
       'C' || n % 500, 'Customer ' || n % 500
     from generate_series(0, 1000) n`,
    `insert into moves (position, line, product_id, lot_id, status, package_id, quantity, from_location_id, to_location_id, order_line)
     select ${first} + (i + 9) / 10, (i + 9) % 10 + 1, t.product_id, t.id, 'available', '00000000-0000-0000-0000-000000000000',
       case i when 0 then 100000 else 10 end, case i when 0 then v.id else b.id end, case i when 0 then b.id else c.id end, 1
     from generate_series(0, 9999) i
     cross join (select id, product_id from lots where code = 'BIG') t
     cross join (select id from locations where code = 'WH/Stock/B2-01') b
     cross join (select id from locations where code = 'Virtual/Vendors') v
     cross join (select id from locations where code = 'Virtual/Customers') c`,
    `insert into quants (product_id, lot_id, location_id, status, package_id, internal, may_be_negative, quantity_on_hand, quantity_reserved)
     select product_id, t.id, l.id, 'available', '00000000-0000-0000-0000-000000000000', true, false, 10, 0
     from lots t cross join locations l where l.code = 'WH/Stock/B2-01' and t.code = 'BIG'`,
    `update ledger_head set position = ${first} + 1000`,
    'analyze',
  ]
  beforeAll(async () => {
    for (const text of made) await stock.service.db.query(sql(text))
  }, 60_000)
  const path = `/v1/lots/${idOf(big)}`

  test('is recalled within a second, and lists every shipment and customer, as a table too', async () => {
    const recall = () => stock.manager.send<Recall>('POST', `${path}/recall`, { body: { reason: 'glass in it' } })
    const table = () => stock.manager.get<string>(`${path}/recall`, { headers: { accept: 'text/csv' } })
    const begun = performance.now()
    const { body } = await recall()
    const held = Math.round(performance.now() - begun)
    expect([body.receipts.length, body.shipments.length, body.customers.length, body.more]).toEqual([
      1,
      9999,
      500,
      false,
    ])
    expect(body.customers.reduce((sum, { quantity }) => sum + Number(quantity), 0)).toBe(99_990)
    expect((await table()).body.split('\r\n').filter((line) => line.startsWith('shipment,'))).toHaveLength(9999)
    if (wanted <= 20_000) return
    const [times, tables] = [await timed(recall), await timed(table)]
    process.stderr.write(`big: recall ${String(held)}, again ${times.join(' ')}, table ${tables.join(' ')} ms\n`)
    for (const all of [times, tables]) expect(all.at(-1)).toBeLessThanOrEqual(1000)
  })

  test('is traced within 300 ms, as far as a trace goes', async () => {
    const { body } = await stock.manager.get<Trace>(`${path}/trace?direction=both`)
    expect([body.moves.length, body.more]).toEqual([2000, true])
    if (wanted <= 20_000) return
    const times = await timed((n) => trace(big, n % 2 === 0 ? 'up' : 'down'))
    process.stderr.write(`big: trace up and down ${times.join(' ')} ms\n`)
    expect(times.at(-1)).toBeLessThanOrEqual(300)
  })
})
