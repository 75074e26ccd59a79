import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import fc from 'fast-check'
import type { LedgerRequest } from '../src/ledger/request.ts'
import { invariants } from '../src/invariants.ts'
import { cancelled, demand, location, posting, product, uuid } from './builders.ts'
import { anyRequest } from './random-requests.ts'
import { type StockDatabase, stockDatabase } from './stock-database.ts'

let nextId = 1
const identified = <T extends { id: string }>(one: T): T => ({ ...one, id: uuid(0xabc000 + nextId++) })
const products = [
  product('PX', { unit: 'unit', unitDecimals: 0 }),
  product('RM'),
  product('ML', { tracking: 'lot' }),
  product('SN', { tracking: 'serial', unit: 'unit', unitDecimals: 0 }),
].map(identified)
const locations = [
  location('WH/A', { pickSequence: 2 }),
  location('WH/B', { pickSequence: 1 }),
  location('WH/Out', { reservable: false }),
  location('WH/Minus', { allowNegative: true }),
  location('W2/A'),
].map(identified)

let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(products, locations)
})
afterEach(async () => {
  await expectInvariants(one)
  await one.empty()
})
afterAll(() => one.close())

async function expectInvariants({ db }: StockDatabase): Promise<void> {
  for (const { name, statement } of invariants)
    expect({ name, rows: await db.query(statement) }).toEqual({ name, rows: [] })
}

const dump = {
  quants: sql(
    `select p.sku, l.code, t.code as lot, q.quantity_on_hand, q.quantity_reserved, q.arrived_at from quants q
     join products p on p.id = q.product_id join locations l on l.id = q.location_id left join lots t on t.id = q.lot_id
     where q.quantity_on_hand <> 0 order by 1, 2, 3`,
  ),
  moves: sql(
    `select m.position, m.line, p.sku, f.code as source, t.code as target, m.quantity, d.number from moves m
     join postings d using (position) join products p on p.id = m.product_id
     join locations f on f.id = m.from_location_id join locations t on t.id = m.to_location_id order by 1, 2`,
  ),
  reservations: sql(
    `select r.document_id, r.line, l.code, t.code as lot, r.quantity from reservations r
     join locations l on l.id = r.location_id left join lots t on t.id = r.lot_id order by 1, 2, 3, 4`,
  ),
  waits: sql('select document_id, product_id, least from waits order by 1, 2'),
  transfers: sql('select document_id, status, revision from transfers order by 1'),
  waiting: sql('select document_id, line, quantity from transfer_lines order by 1, 2'),
  in_transit: sql(
    'select i.document_id, i.product_id, t.code, i.quantity, i.since from in_transit i left join lots t on t.id = i.lot_id order by 1, 2, 3',
  ),
  refusals: sql('select number, attempt, refused_code from postings where position is null order by 1, 2'),
  events: sql(`select type, subject, sequence, value::jsonb -> 'data' as data from kit.outbox order by position`),
}

async function everything({ db }: StockDatabase = one): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {}
  for (const [name, statement] of Object.entries(dump)) found[name] = await db.query(statement)
  return found
}

const received = (q: string, location = 'WH/A', sku = 'PX') => posting('receipt', [{ sku, quantity: q, location }])

describe('a batch', () => {
  test('posts, reserves and tells, and a repeat of it changes nothing', async () => {
    const batch = [
      demand(1, [
        ['PX', '5'],
        ['RM', '2.5'],
      ]),
      received('10'),
      posting('receipt', [
        { sku: 'RM', quantity: '3' },
        { sku: 'ML', quantity: '2', lot: 'L1', expiresOn: '2031-01-01' },
        { sku: 'SN', quantity: '1', lot: 'S1' },
      ]),
      posting('delivery', [{ sku: 'PX', quantity: '6' }]),
      posting('delivery', [{ sku: 'PX', quantity: '4' }]),
    ]
    const outcomes = await one.take(...batch)
    expect(outcomes.map((each) => each.outcome)).toEqual([
      'reserved',
      'posted',
      'posted',
      'reserved',
      'refused',
      'posted',
    ])
    const before = await everything()
    expect(before['quants']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          sku: 'PX',
          code: 'WH/A',
          quantity_on_hand: '6.000000',
          quantity_reserved: '5.000000',
        }),
        expect.objectContaining({ sku: 'PX', code: 'Virtual/Vendors', quantity_on_hand: '-10.000000' }),
        expect.objectContaining({ sku: 'PX', code: 'Virtual/Customers', quantity_on_hand: '4.000000' }),
        expect.objectContaining({ sku: 'ML', code: 'WH/A', lot: 'L1' }),
      ]),
    )
    expect(before['events']?.map((each) => (each as { type: string }).type)).toEqual([
      'stock.stock-reserved.v1',
      'stock.document-posted.v1',
      'stock.document-posted.v1',
      'stock.stock-reserved.v1',
      'stock.document-refused.v1',
      'stock.document-posted.v1',
      // Lot L1 has a date.
      'stock.lot-changed.v1',
    ])
    expect((await one.take(...batch)).map((each) => each.outcome)).toEqual([
      'repeated',
      'repeated',
      'repeated',
      'repeated',
    ])
    expect(await everything()).toEqual(before)
  })

  test('a delivery that is asked about twice in one batch has what it had once', async () => {
    await one.take(received('10'), demand(1, [['PX', '4']]))
    // Amended and amended again, and the invariants hold after it.
    await one.take(demand(1, [['PX', '5']], { revision: 2 }), demand(1, [['PX', '3']], { revision: 3 }))
    const { quants, reservations } = await everything()
    expect(quants).toContainEqual(expect.objectContaining({ sku: 'PX', code: 'WH/A', quantity_reserved: '3.000000' }))
    expect(reservations).toMatchObject([{ quantity: '3.000000' }])
  })

  test('finds those who wait, whoever made room', async () => {
    await one.take(received('10'))
    await one.take(demand(1, [['PX', '10']]))
    await one.take(demand(2, [['PX', '4']]), demand(3, [['PX', '6']], { priority: 0 }))
    expect(await one.take(cancelled(1))).toMatchObject([
      { demand: { number: 'WH/OUT/00003' } },
      { demand: { number: 'WH/OUT/00002' } },
    ])
    expect(await one.take(demand(3, [['PX', '1']], { revision: 2 }), demand(4, [['PX', '5']]))).toMatchObject([
      { outcome: 'reserved', complete: true },
      { outcome: 'reserved', complete: true, demand: { number: 'WH/OUT/00004' } },
    ])
    expect(await one.take(posting('adjustment', [{ sku: 'PX', quantity: '-2' }]))).toMatchObject([
      { outcome: 'posted' },
      { outcome: 'released', code: 'stock-gone', demand: { number: 'WH/OUT/00004' } },
    ])
    expect(await one.take(received('2'))).toMatchObject([
      { outcome: 'posted' },
      { outcome: 'reserved', complete: true },
    ])
  })

  test('remembers what a delivery waits for next', async () => {
    await one.take(
      demand(1, [
        ['PX', '1'],
        ['RM', '1'],
      ]),
    )
    await one.take(received('1'))
    expect(await one.take(received('1', 'WH/A', 'RM'))).toMatchObject([
      { outcome: 'posted' },
      { outcome: 'reserved', complete: true },
    ])
  })

  test('looks on when more wait than it loaded', async () => {
    await one.take(
      ...Array.from({ length: 250 }, (_, n) =>
        demand(n + 1, [
          ['PX', '1'],
          ['RM', '1'],
        ]),
      ),
    )
    await one.take(demand(900, [['PX', '3']]), demand(901, [['PX', '2']]))
    await one.take(received('2'))
    const found = await everything()
    expect(found['reservations']).toEqual([expect.objectContaining({ document_id: uuid(901) })])
  })
})

describe('clients at once', () => {
  test.each([
    ['in twos', '2', 50, '100.000000'],
    ['in threes', '3', 33, '99.000000'],
  ])('64 deliveries %s race for 100 units', async (_, each, ready, reserved) => {
    await one.take(received('60'), received('40', 'WH/B'))
    await Promise.all(Array.from({ length: 64 }, (__, n) => one.take(demand(n + 1, [['PX', each]]))))
    const rows = await one.db.query<{ ready: bigint; reserved: string }>(
      sql('select count(distinct document_id) as ready, sum(quantity) as reserved from reservations'),
    )
    expect(rows).toEqual([{ ready: BigInt(ready), reserved }])
  })

  test('postings of many at once are each posted once, at positions without a gap', async () => {
    const documents = Array.from({ length: 40 }, (_, n) => received(String(n + 1), n % 2 === 0 ? 'WH/A' : 'WH/B'))
    await Promise.all([...documents, ...documents].map((document) => one.take(document)))
    const rows = await one.db.query<{ sum: string; count: bigint }>(
      sql('select sum(quantity) as sum, count(*) as count from moves'),
    )
    expect(rows).toEqual([{ sum: '820.000000', count: 40n }])
  })

  test('the same batch in two processes is taken once', async () => {
    const batch = [
      received('5'),
      demand(1, [['PX', '3']]),
      posting('delivery', [{ sku: 'PX', quantity: '3' }], { documentId: uuid(1) }),
    ]
    await Promise.all([one.take(...batch), one.take(...batch), one.take(...batch)])
    expect((await everything())['quants']).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'WH/A', quantity_on_hand: '2.000000' })]),
    )
  })

  test('a transaction that dies leaves nothing', async () => {
    const before = await everything()
    await expect(
      one.db.transaction({ actor: null, correlationId: 'x' }, async (tx) => {
        const { decideBatch } = await import('../src/ledger/ledger.actions.ts')
        await decideBatch(tx, { company: 'DEMO', timeZone: 'UTC' }, [{ request: received('5'), actor: null }])
        throw new Error('killed')
      }),
    ).rejects.toThrow('killed')
    expect(await everything()).toEqual(before)
  })
})

describe('what the database itself refuses', () => {
  test.each([
    ['a changed move', 'update moves set quantity = 1', /append-only/],
    ['a deleted move', 'delete from moves', /append-only/],
    ['a truncated ledger', 'truncate moves', /append-only/],
    ['a changed posting', "update postings set number = 'X'", /append-only/],
    ['negative stock', 'update quants set quantity_on_hand = -1 where internal', /quants_/],
    ['more reserved than there is', 'update quants set quantity_reserved = 99 where internal', /quants_reserved/],
    [
      'a reservation at a virtual place',
      'update quants set quantity_on_hand = 5, quantity_reserved = 1 where not internal',
      /quants_virtual/,
    ],
    [
      'a document posted twice',
      'insert into postings select document_id, 2, 99, kind, number, warehouse, now(), now() from postings',
      /postings_posted_once/,
    ],
    [
      'a position given twice',
      'insert into postings select gen_random_uuid(), 1, position, kind, number, warehouse, now(), now() from postings',
      /position/,
    ],
    [
      'a quant twice',
      'insert into quants select product_id, lot_id, location_id, status, package_id, internal, may_be_negative, 0, 0 from quants',
      /quants_pkey/,
    ],
  ])('%s', async (_, statement, message) => {
    await one.take(received('5'))
    await expect(one.db.query({ name: '', text: statement })).rejects.toThrow(message)
  })
})

/** More than usual on demand: PROPERTY_RUNS=500. */
const propertyRuns = Number(process.env['PROPERTY_RUNS'] ?? 10)

describe('any way of cutting documents into batches', () => {
  test('gives the same stock, reservations and events', async () => {
    const after = async (batches: readonly (readonly LedgerRequest[])[]) => {
      await one.empty()
      for (const batch of batches) await one.take(...batch)
      const found = comparable(await everything())
      await expectInvariants(one)
      await one.empty()
      return found
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRequest, { minLength: 5, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 40, maxLength: 40 }),
        async (requests, cuts) => {
          const rest = [...requests]
          const pieces = cuts.map((size) => rest.splice(0, size)).filter((piece) => piece.length > 0)
          const whole = await after([requests])
          expect(await after(requests.map((each) => [each]))).toEqual(whole)
          expect(await after(pieces)).toEqual(whole)
        },
      ),
      { numRuns: propertyRuns },
    )
  }, 600_000)
})

/** Without what the time of the run makes different, and what is short, which is as of the end of a batch. */
const startedAt = new Date().toISOString()

function comparable(found: Record<string, unknown[]>): unknown {
  const hidden = new Set(['move', 'recordedAt', 'shortages'])
  // When a transfer that waited sets out, that is when it happened.
  const now = new Set(['effectiveAt', 'arrived_at', 'since'])
  const text = JSON.stringify(found, (key, value: unknown) => {
    if (hidden.has(key) || (now.has(key) && typeof value === 'string' && value > startedAt)) return undefined
    return typeof value === 'bigint' ? String(value) : value
  })
  return JSON.parse(text) as unknown
}
