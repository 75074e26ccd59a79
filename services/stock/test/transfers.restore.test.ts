/** A ledger that fell back has its transfers again, as it had taken them: at once, later, in part, refused and waiting. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Event } from '@stockline/contracts/envelope'
import { type IncomingEvent, type PublishedEvent, sql, type Tx } from '@stockline/service-kit'
import { invariants } from '../src/invariants.ts'
import { decideBatch } from '../src/ledger/ledger.actions.ts'
import { requestOf } from '../src/ledger/ledger.reactions.ts'
import { restoreLedger } from '../src/ledger/ledger.restore.actions.ts'
import { location, product, uuid } from './builders.ts'
import { demo, nobody, type StockDatabase, stockDatabase } from './stock-database.ts'

let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(
    [product('PX', { id: uuid(0xa00) })],
    ['WH/Stock', 'WH/Shop', 'WH/Input'].map((code, index) => location(code, { id: uuid(0xb00 + index) })),
  )
})
afterAll(() => one.close())

let events = 0
function told(topic: string, type: string, n: number, data: object): IncomingEvent<never> {
  const documentId = uuid(n)
  const id = uuid(0xe000 + ++events)
  const envelope = { specversion: '1.0' as const, id, source: '/stockline/picking', subject: documentId, type }
  const event: Event = {
    ...envelope,
    time: '2026-04-20T08:00:00.000Z',
    actor: { id: uuid(0xc00), name: 'Ana' },
    data: { documentId, number: `WH/X/${String(n)}`, warehouse: 'WH', attempt: 1, ...data },
  }
  return { kind: 'event', event, topic, stream: { sequence: BigInt(events) } } as IncomingEvent<never>
}
const line = (quantity: string, more: object = {}) => ({
  lines: [{ line: 1, documentLine: 1, sku: 'PX', quantity, category: 'Goods', ...more }],
})
const receives = (n: number, quantity: string) =>
  told(
    'picking.receipts',
    'picking.receipt-validated.v1',
    n,
    line(quantity, { destination: 'WH/Stock', entered: { quantity, unit: 'kg' } }),
  )
const confirms = (n: number, quantity: string, more: object = {}) =>
  told('picking.transfers', 'picking.transfer-confirmed.v1', n, {
    ...{ revision: 1, priority: 5, orderedAt: '2026-04-20T08:00:00.000Z', source: 'WH/Stock', destination: 'WH/Shop' },
    ...line(quantity),
    ...more,
  })
const validates = (n: number, attempt: number, quantity: string) =>
  told('picking.transfers', 'picking.transfer-validated.v1', n, { attempt, ...line(quantity, { to: 'WH/Shop' }) })

const within = <T>(run: (tx: Tx<never>) => Promise<T>) => one.db.transaction(nobody, (tx) => run(tx as Tx<never>))
const takes = ({ event }: IncomingEvent<never>) =>
  within((tx) => decideBatch(tx, demo, [{ request: requestOf(event), actor: event.actor ?? null, event }]))

async function published(): Promise<readonly PublishedEvent[]> {
  const rows = await one.db.query<{ id: string; type: string; subject: string; text: string }>(
    sql('select id, type, subject, value::text as text from kit.outbox order by position'),
  )
  return rows.map(({ text, ...row }, index) => {
    const { time, causationid } = JSON.parse(text) as { time: string; causationid?: string }
    const place = { message: {} as never, sequence: BigInt(index + 1), position: undefined }
    return { ...row, ...place, time, causationId: causationid, text }
  })
}

/** All that the ledger keeps of it, by table. */
async function everything(): Promise<Record<string, unknown>> {
  const tables = {
    postings:
      'select document_id, attempt, position, recorded_at, effective_at, actor_name, refused_code from postings order by 1, 2',
    moves: 'select position, line, quantity, from_location_id, to_location_id from moves order by 1, 2',
    quants: 'select location_id, quantity_on_hand from quants where quantity_on_hand <> 0 order by 1',
    transfers: 'select document_id, status, revision, attempt from transfers order by 1',
    in_transit: 'select document_id, quantity from in_transit order by 1',
    waits: 'select document_id, least from transfer_waits order by 1',
  }
  const found = Object.entries(tables).map(async ([name, text]) => [name, await one.db.query(sql(text))] as const)
  return Object.fromEntries(await Promise.all(found))
}

test('T2 transfers are again as they were, at their positions, and nothing is published twice', async () => {
  const inputs = [
    receives(1, '9'),
    confirms(11, '4'),
    confirms(12, '8'),
    confirms(13, '99'),
    confirms(14, '1', { destination: 'WH/No' }),
    validates(11, 2, '3'),
    validates(11, 3, '2'),
    receives(2, '6'),
    validates(12, 2, '8'),
  ]
  for (const input of inputs) await takes(input)
  const before = await everything()
  expect(before['transfers']).toMatchObject([{ status: 'sent' }, { status: 'sent' }, { status: 'waiting' }])
  expect(before['in_transit']).toMatchObject([{ document_id: uuid(11), quantity: '1.000000' }])
  const missing = await published()
  await one.empty()
  const { open } = await within((tx) => restoreLedger(tx, demo, { missing, superseded: [], inputs }))
  expect(open).toEqual([])
  expect(await everything()).toEqual(before)
  expect(await published()).toEqual([])
  for (const { name, statement } of invariants) expect([name, await one.db.query(statement)]).toEqual([name, []])
})
