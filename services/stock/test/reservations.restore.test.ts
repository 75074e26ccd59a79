/** A ledger that fell back knows again which deliveries are held, and until when orders want them reserved. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Event } from '@stockline/contracts/envelope'
import { type IncomingEvent, type PublishedEvent, type Tx, sql } from '@stockline/service-kit'
import { decideBatch } from '../src/ledger/ledger.actions.ts'
import { requestOf } from '../src/ledger/ledger.reactions.ts'
import { type LostLedger, restoreLedger } from '../src/ledger/ledger.restore.actions.ts'
import { findDemands } from '../src/reservations/hold.store.ts'
import { heldBack, location, posting, product, uuid } from './builders.ts'
import { demo, nobody, type StockDatabase, stockDatabase } from './stock-database.ts'

let one: StockDatabase
const shelf = posting('receipt', [{ sku: 'PX', quantity: '9', location: 'WH/A' }], { effectiveAt: Date.now() })
beforeAll(async () => {
  one = await stockDatabase([product('PX', { id: uuid(0xa00) })], [location('WH/A', { id: uuid(0xb00) })])
})
beforeEach(async () => {
  await one.empty()
  await one.take(shelf)
})
afterAll(() => one.close())

/** The demand of a delivery, as picking publishes it. */
function demanded(n: number, revision: number, more: object = {}): Event {
  const documentId = uuid(n)
  return {
    ...{ specversion: '1.0', id: uuid(0xe000 + n * 16 + revision), source: '/stockline/picking', subject: documentId },
    ...{ type: `picking.delivery-${revision === 1 ? 'confirmed' : 'amended'}.v1`, time: '2026-04-20T08:00:00.000Z' },
    data: {
      ...{ documentId, number: `WH/OUT/${String(n)}`, warehouse: 'WH', revision, priority: 5, allowPartial: false },
      ...{ orderedAt: '2026-04-20T08:00:00.000Z', order: { source: '/erp', orderNumber: `SO-${String(n)}`, revision } },
      ...{ reserveUntil: '9999-12-31', lines: [{ line: 1, sku: 'PX', quantity: '6' }], ...more },
    },
  }
}
const within = <T>(run: (tx: Tx<never>) => Promise<T>) => one.db.transaction(nobody, (tx) => run(tx as Tx<never>))
const takes = (event: Event) =>
  within((tx) => decideBatch(tx, demo, [{ request: requestOf(event), actor: null, event }]))
const releases = (n: number) =>
  within((tx) => decideBatch(tx, demo, [{ request: heldBack(n), actor: { id: uuid(0xc00), name: 'Sarah Lim' } }]))

/** All that was published of deliveries, as the bus has it. */
async function published(): Promise<readonly PublishedEvent[]> {
  const rows = await one.db.query<{ id: string; type: string; subject: string; text: string }>(
    sql(
      `select id, type, subject, value::text as text from kit.outbox where topic = 'stock.reservations' order by position`,
    ),
  )
  return rows.map(({ text, ...row }, index) => {
    const { time, causationid } = JSON.parse(text) as { time: string; causationid?: string }
    const place = { message: {} as never, sequence: BigInt(index + 1), position: undefined }
    return { ...row, ...place, time, causationId: causationid, text }
  })
}
const incoming = (event: Event, sequence: bigint) =>
  ({ kind: 'event', event, topic: 'picking.deliveries', stream: { sequence } }) as IncomingEvent<never>

const stateOf = async (n: number) => {
  const [demand] = await findDemands(one.db, { documentId: uuid(n) })
  const rows = await one.db.query<{ until: string | null; source: string | null; reserved: string }>(
    sql(`select reserve_until as until, order_source as source,
      (select count(*)::text from reservations where document_id = $1) as reserved from needs where document_id = $1`),
    [uuid(n)],
  )
  return { held: demand?.held, ...rows[0] }
}
const restores = (lost: Partial<LostLedger<never>>) =>
  within((tx) => restoreLedger(tx, demo, { missing: [], superseded: [], inputs: [], ...lost }))

test.each([
  ['released by a supervisor', [], { held: 'Not paid.', until: '9999-12-31', source: '/erp', reserved: '0' }],
  ['and asked for again', [2], { held: null, until: '9999-12-31', source: '/erp', reserved: '1' }],
])('a delivery that was %s is again as it was, and nothing is published twice', async (_what, asked, expected) => {
  const first = demanded(1, 1)
  const again = asked.map((revision) => demanded(1, revision))
  await takes(first)
  await releases(1)
  for (const event of again) await takes(event)
  expect(await stateOf(1)).toEqual(expected)
  const missing = await published()
  await one.empty()
  await one.take(shelf)
  await restores({ missing, inputs: [first, ...again].map((event, index) => incoming(event, BigInt(index + 1))) })
  expect(await stateOf(1)).toEqual(expected)
  expect(await published()).toEqual([])
})

test('a release whose number on the bus another event has by now is done and published anew', async () => {
  await takes(demanded(1, 1))
  await releases(1)
  const superseded = (await published()).filter(({ type }) => type === 'stock.reservation-released.v1')
  await one.empty()
  await one.take(shelf)
  await takes(demanded(1, 1))
  await restores({ superseded })
  expect(await stateOf(1)).toMatchObject({ held: 'Not paid.', reserved: '0' })
  expect((await published()).map(({ type }) => type)).toEqual([
    'stock.stock-reserved.v1',
    'stock.reservation-released.v1',
    // What is reserved now: nothing.
    'stock.stock-reserved.v1',
  ])
})

test('a demand that an older version amended is not held any more, whatever stood there', async () => {
  await takes(demanded(1, 1))
  await releases(1)
  await one.db.query(sql('update needs set revision = 2 where document_id = $1'), [uuid(1)])
  expect(await stateOf(1)).toMatchObject({ held: null })
})
