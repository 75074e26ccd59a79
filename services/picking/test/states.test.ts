/** What picking publishes of documents that stand in a state for a moment, and of which it says nothing. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { stateSearch } from '../src/documents/document.states.store.ts'
import { a103, act as actOn, becomes, ledgerAnswer, readied, show, take } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'
import { openRestoring, type Restoring } from './restore-steps.ts'
import { act, count, eventually, lineA, ordered, purchaseCancelled, purchaseOrder, tell } from './steps.ts'

const floor = 'picking.floor-changed.v1'
const expected = 'picking.receipt-expected.v1'
const published = sql('select value::text from kit.outbox where type = $1 and subject = $2 order by position')

interface State {
  readonly picked: readonly { readonly location: string; readonly sku: string; readonly quantity: string }[]
  readonly put: State['picked']
  readonly lines: readonly { readonly sku: string; readonly quantity: string }[]
}

/** What was published of a document until now. */
async function said(harness: Harness, id: string, type = floor): Promise<readonly State[]> {
  const rows = await harness.service.db.query<{ value: string }>(published, [type, id])
  return rows.map(({ value }) => (JSON.parse(value) as { data: State }).data)
}
/** The last of so many. */
async function last(harness: Harness, id: string, events: number, type = floor): Promise<State | undefined> {
  const all = await until(`${events} states`, async () => {
    const found = await said(harness, id, type)
    return found.length < events ? undefined : found
  })
  expect(all).toHaveLength(events)
  return all.at(-1)
}

describe('the floor', () => {
  let harness: Harness
  beforeAll(async () => {
    harness = await openHarness()
  })
  afterAll(() => harness.stop())

  test('of a delivery is published when it has stood for a moment, as a whole, and when it is put back', async () => {
    const ready = await readied(harness, 'SO-FLOOR')
    const picked = await take(harness, ready, { 1: '4', 2: '2' })
    expect(await last(harness, picked.id, 1)).toMatchObject({
      kind: 'delivery',
      number: picked.number,
      picked: [
        { location: a103, sku: 'PX', quantity: '4' },
        { location: a103, sku: 'RM-A', quantity: '2' },
      ],
      put: [],
    })
    const more = await take(harness, await show(harness, picked.id), { 1: '10' })
    expect((await last(harness, picked.id, 2))?.picked).toMatchObject([{ quantity: '10' }, { quantity: '2' }])
    const cancelled = await actOn(harness.supervisor, 'POST', more, 'cancel', { reason: 'no' })
    const back = await actOn(harness.supervisor, 'POST', await becomes(harness, more.id, 'cancelled'), 'put-back')
    expect([cancelled.status, back.status]).toEqual([200, 200])
    expect(await last(harness, picked.id, 3)).toMatchObject({ picked: [], put: [] })
  })

  test('of a receipt is what was put and is not posted; a refusal leaves it, posting ends it and says nothing', async () => {
    const draft = await ordered(harness, 'PO-FLOOR')
    const counted = await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50', destination: a103 },
    ])
    const expected = {
      kind: 'receipt',
      put: [
        { location: 'WH/Stock', sku: 'RM-A', quantity: '100' },
        { location: a103, sku: 'RM-B' },
      ],
    }
    expect(await last(harness, draft.id, 1)).toMatchObject(expected)
    const posting = await act(harness.user, 'POST', counted, 'validate')
    expect(posting.status).toBe(200)
    await harness.post('stock-says-no')
    const returned = await until('it is back', async () => {
      const { body } = await harness.manager.get<typeof draft>(`/v1/receipts/${draft.id}`)
      return body.status === 'in_progress' ? body : undefined
    })
    await act(harness.user, 'POST', returned, 'validate')
    await harness.post()
    await until('it is done', async () => {
      const { body } = await harness.manager.get<typeof draft>(`/v1/receipts/${draft.id}`)
      return body.status === 'done'
    })
    // Another one that is published later: by then this one would have been.
    await count(harness, await ordered(harness, 'PO-LATER'), [{ line: 1, quantity: '1' }])
    await until('the later one is published', async () => {
      const rows = await harness.service.db.query<{ value: string }>(
        sql(`select value::text from kit.outbox where type = $1 and value::text like '%"kind":"receipt"%'`),
        [floor],
      )
      return rows.length === 2
    })
    expect(await said(harness, draft.id)).toHaveLength(1)
  })

  test('of documents that are posted at once is not published', async () => {
    const ready = await readied(harness, 'SO-AT-ONCE')
    const picked = await take(harness, ready, { 1: '10', 2: '5' })
    await actOn(harness.user, 'POST', picked, 'validate')
    await harness.publish(ledgerAnswer(await becomes(harness, ready.id, 'posting')))
    await becomes(harness, ready.id, 'done')
    const later = await take(harness, await readied(harness, 'SO-LATER'), { 1: '1' })
    await last(harness, later.id, 1)
    expect(await said(harness, ready.id)).toEqual([])
  })
})

describe('what is to come by a receipt', () => {
  let harness: Harness
  beforeAll(async () => {
    harness = await openHarness()
  })
  afterAll(() => harness.stop())

  test('is published when it has stood for a moment, as its order changes it, and as nothing once that is cancelled', async () => {
    const draft = await ordered(harness, 'PO-EXPECTED')
    expect(await last(harness, draft.id, 1, expected)).toMatchObject({
      ...{ documentId: draft.id, number: draft.number, warehouse: 'WH', destination: 'WH/Stock' },
      ...{ order: { orderNumber: 'PO-EXPECTED' }, vendor: { code: 'ACME' }, expectedOn: '2026-04-23' },
      lines: [
        { line: 1, sku: 'RM-A', quantity: '100', unit: 'kg' },
        { line: 2, sku: 'RM-B', quantity: '50', unit: 'kg' },
      ],
    })
    const counted = await count(harness, draft, [{ line: 1, quantity: '30' }])
    await last(harness, draft.id, 1)
    const lines = [{ ...lineA, quantity: '80' }]
    await tell(harness, purchaseOrder('amended', 'PO-EXPECTED', lines, { revision: 2 }))
    // What is counted is not posted, and so still to come.
    expect((await last(harness, draft.id, 2, expected))?.lines).toMatchObject([{ sku: 'RM-A', quantity: '80' }])
    await tell(harness, purchaseCancelled('PO-EXPECTED', 3))
    const open = await eventually(harness, counted.id, 'it is told of the end', ({ version }) => version > 2)
    if (open.status !== 'cancelled') await act(harness.supervisor, 'POST', open, 'cancel', { reason: 'not wanted' })
    expect(await last(harness, draft.id, 3, expected)).toMatchObject({ number: draft.number, lines: [] })
    const kept = () => harness.service.db.query(sql('select from document_states where document_id = $1'), [draft.id])
    const { forget, unseen } = stateSearch('receipts', 'd.open')
    expect(await kept()).toHaveLength(1)
    await harness.service.db.query(forget)
    expect(await kept()).toEqual([])
    const found = await harness.service.db.query(unseen, [new Date('9999-01-01'), '00000000-0000-0000-0000-000000000000', 9]) // prettier-ignore
    expect(found).not.toContainEqual({ id: draft.id })
  })

  test('is not published of one that is posted at once', async () => {
    const draft = await ordered(harness, 'PO-AT-ONCE')
    const counted = await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50' },
    ])
    expect((await act(harness.user, 'POST', counted, 'validate')).status).toBe(200)
    await harness.post()
    await eventually(harness, draft.id, 'it is done', ({ status }) => status === 'done')
    const later = await ordered(harness, 'PO-STANDS')
    await last(harness, later.id, 1, expected)
    expect(await said(harness, draft.id, expected)).toEqual([])
  })
})

describe('states, after the database fell back', () => {
  let at: Restoring
  beforeAll(async () => {
    at = await openRestoring()
  })
  afterAll(() => at.end())

  test('are published anew behind what was published, and as empty where the document is gone', async () => {
    const kept = await take(at.harness, await readied(at.harness, 'SO-KEPT'), { 1: '4' })
    await last(at.harness, kept.id, 1)
    await at.keep()
    await take(at.harness, await show(at.harness, kept.id), { 1: '10' })
    await last(at.harness, kept.id, 2)
    const gone = await ordered(at.harness, 'PO-GONE')
    await count(at.harness, gone, [{ line: 1, quantity: '1' }])
    await last(at.harness, gone.id, 1)
    await last(at.harness, gone.id, 1, expected)
    await until('all is sent', async () => {
      const rows = await at.harness.service.db.query(sql('select from kit.outbox where published_at is null'))
      return rows.length === 0
    })
    await at.fallBack()
    const { code } = await at.reconcile()
    expect(code).toBe(0)
    expect((await last(at.harness, kept.id, 3))?.picked).toMatchObject([{ quantity: '4' }])
    expect(await last(at.harness, gone.id, 2)).toMatchObject({ picked: [], put: [] })
    expect(await last(at.harness, gone.id, 2, expected)).toMatchObject({ number: gone.number, lines: [] })
  })
})
