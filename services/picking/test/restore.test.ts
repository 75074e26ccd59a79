/** Picking's own database falls back: an older copy takes its place, and the documented program brings back the receipts that were told. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import {
  all,
  boughtOnBus,
  knownToMs,
  lasting,
  openRestoring,
  posted,
  validated,
  type Restoring,
} from './restore-steps.ts'
import {
  eventually,
  lineA,
  lineB,
  ordered,
  purchaseCancelled,
  purchaseOrder,
  read,
  receiptsOf,
  tell,
  type ShownReceipt,
} from './steps.ts'

let at: Restoring
beforeEach(async () => {
  at = await openRestoring()
})
afterEach(() => at.end())

describe('receipts, after the database fell back', () => {
  test('are as they were told: those of orders on the bus, with backorders, and those known in an older state', async () => {
    const before = await ordered(at.harness, 'PO-BEFORE')
    await at.keep()
    const older = await posted(at.harness, await validated(at.harness, before, all))
    const { order, receipt } = await boughtOnBus(at, 'PO-SHORT')
    const { receipt: untold } = await boughtOnBus(at, 'PO-DRAFT')
    const short = await posted(at.harness, await validated(at.harness, receipt, [{ line: 1, quantity: '60' }]))
    const left = (await receiptsOf(at.harness, 'PO-SHORT', 2))[1]
    if (left === undefined) throw new Error('no backorder')
    const grams = [{ line: 1, quantity: '30000', unit: 'g', destination: 'WH/Stock/A1-03' }]
    const backorder = await posted(at.harness, await validated(at.harness, left, grams, { remainder: 'close' }))
    const last = await posted(
      at.harness,
      await validated(at.harness, (await boughtOnBus(at, 'PO-LAST', [lineA])).receipt, all.slice(0, 1)),
    )
    const expected = await Promise.all([older, short, backorder, last].map(({ id }) => read(at.harness, id)))
    await at.fallBack()
    const { code, said } = await at.reconcile()
    expect(said).toContain(
      `Receipts made again as they were validated: ${[short, backorder, last].map((one) => one.number).join(', ')}.`,
    )
    expect(said).toContain(`kept as cancelled ones: ${untold.number}.`)
    expect([code, said]).toEqual([0, expect.not.stringContaining('LEFT TO DO')])
    for (const one of expected)
      expect(lasting(await eventually(at.harness, one.id, 'done again', ({ status }) => status === 'done'))).toEqual(
        lasting(one),
      )
    // The order of which nothing was told makes its receipt again, and no number comes twice.
    const [again] = await receiptsOf(at.harness, 'PO-DRAFT')
    expect(again?.id).not.toBe(untold.id)
    expect(Number(again?.number.slice(-5))).toBeGreaterThan(Number(last.number.slice(-5)))
    await at.onTheBus('purchasing.orders', { ...order, id: 'sent again' })
    await at.onTheBus('purchasing.orders', purchaseOrder('confirmed', 'PO-NEXT', [lineA]))
    await receiptsOf(at.harness, 'PO-NEXT')
    expect(await receiptsOf(at.harness, 'PO-SHORT', 2)).toHaveLength(2)
    expect(await at.violations()).toEqual([])
  })

  test('an order that was raised and lowered after they were done is followed again: its further receipt is there', async () => {
    const { receipt } = await boughtOnBus(at, 'PO-RAISED')
    const done = await posted(at.harness, await validated(at.harness, receipt, all))
    await at.keep()
    const lines = [
      { ...lineA, quantity: '90' },
      { ...lineB, quantity: '60' },
    ]
    await at.onTheBus('purchasing.orders', purchaseOrder('amended', 'PO-RAISED', lines, { revision: 2 }))
    const [, further] = await receiptsOf(at.harness, 'PO-RAISED', 2)
    expect(further?.lines).toMatchObject([{ line: 2, expected: '10' }])
    await at.fallBack()
    const { code, said } = await at.reconcile()
    expect([code, said]).toEqual([0, expect.not.stringContaining('LEFT TO DO')])
    const [first, again] = await receiptsOf(at.harness, 'PO-RAISED', 2)
    expect(first).toMatchObject({ id: done.id, status: 'done' })
    expect(again).toMatchObject({ status: 'draft', lines: [{ line: 2, expected: '10' }] })
    expect(await at.violations()).toEqual([])
  })

  test('are so too where picking was killed before it told the bus how far it had read', async () => {
    await at.keep()
    const { receipt } = await boughtOnBus(at, 'PO-KILLED', [lineA])
    const done = await posted(at.harness, await validated(at.harness, receipt, all.slice(0, 1)))
    await boughtOnBus(at, 'PO-DRAFT')
    await at.fallBack()
    await at.rewindOrders()
    const { code, said } = await at.reconcile()
    expect([code, said]).toEqual([0, expect.not.stringContaining('LEFT TO DO')])
    // The ledger's answer; the order that nobody worked on is brought by the bus.
    expect(said).toContain('Messages that were taken before and are taken again: 1.')
    const again = await eventually(at.harness, done.id, 'done again', ({ status }) => status === 'done')
    expect(lasting(again)).toEqual(lasting(done))
    expect(await receiptsOf(at.harness, 'PO-DRAFT')).toHaveLength(1)
    expect(await receiptsOf(at.harness, 'PO-KILLED')).toHaveLength(1)
    expect(await at.violations()).toEqual([])
  })

  test('of orders that came by HTTP are there, and an order that is sent again completes them', async () => {
    await at.keep()
    const order = purchaseOrder('confirmed', 'PO-HTTP', [lineA, lineB])
    expect((await tell(at.harness, order)).status).toBe(202)
    const [draft] = await receiptsOf(at.harness, 'PO-HTTP')
    if (draft === undefined) throw new Error('no receipt')
    const done = await posted(at.harness, await validated(at.harness, draft, all))
    await at.fallBack()
    const { code, said } = await at.reconcile()
    expect([code, said]).toEqual([1, expect.stringContaining('LEFT TO DO: Of these orders the bus has nothing')])
    const bare = await eventually(at.harness, done.id, 'done again', ({ status }) => status === 'done')
    expect(lasting(bare)).toEqual({ ...lasting(done), vendor: null, scheduledDate: null })
    expect((await tell(at.harness, { ...order, id: 'sent again' })).status).toBe(202)
    const whole = await eventually(at.harness, done.id, 'complete', ({ vendor }) => vendor !== null)
    expect(lasting(whole)).toEqual(lasting(done))
    expect(await receiptsOf(at.harness, 'PO-HTTP')).toHaveLength(1)
    expect(await at.violations()).toEqual([])
  })

  test('that wait for the ledger do so again, and their numbers are theirs where another receipt has them by now', async () => {
    await at.keep()
    const { order, receipt } = await boughtOnBus(at, 'PO-TWICE')
    const waits = await read(at.harness, (await validated(at.harness, receipt, all)).id)
    await at.fallBack()
    // An older version, without the fence: the number is given a second time, and the order, sent again, makes a second receipt.
    await at.open({ HISTORY_FENCE: 'off' })
    const second = await ordered(at.harness, 'PO-OTHER')
    expect(second.number).toBe(waits.number)
    await at.onTheBus('purchasing.orders', { ...order, id: 'sent again' })
    const [copy] = await receiptsOf(at.harness, 'PO-TWICE')
    await at.harness.stop()
    const { code, said } = await at.reconcile()
    const again = await read(at.harness, waits.id)
    expect([code, said]).toEqual([1, expect.stringContaining(`under it is ${again.number} here; others know it as`)])
    expect(said).toContain(
      `${copy?.number ?? ''} is cancelled: ${waits.number} is for the same goods, and is validated.`,
    )
    expect((await read(at.harness, copy?.id ?? '')).status).toBe('cancelled')
    expect(lasting({ ...again, number: '' })).toEqual(lasting({ ...waits, number: '' }))
    expect((await posted(at.harness, again)).status).toBe('done')
    expect(await at.violations()).toEqual([])
  })
})

describe('a receipt that was validated twice, before the database fell back and after', () => {
  test('is named, and waits for what the ledger says of it', async () => {
    const draft = await ordered(at.harness, 'PO-AGAIN')
    await at.keep()
    await validated(at.harness, draft, all)
    await at.fallBack()
    await at.open({ HISTORY_FENCE: 'off' })
    const second = await validated(at.harness, await read(at.harness, draft.id), all)
    await at.harness.stop()
    const { code, said } = await at.reconcile()
    expect([code, said]).toEqual([
      1,
      // What it still expects may have been published before, under a number of its own.
      expect.stringMatching(
        `receipt-validated.v1, number [12] of document ${draft.id}, is of a history that is no more`,
      ),
    ])
    expect(lasting(await read(at.harness, draft.id))).toMatchObject({ number: second.number, status: 'posting' })
    expect((await posted(at.harness, second)).status).toBe('done')
    expect(await at.violations()).toEqual([])
  })
})

describe('what orders asked for too late, after the database fell back', () => {
  const tooLate = async (orderNumber: string) => {
    const path = `/v1/orders?source=/erp/purchase&orderNumber=${orderNumber}`
    const { items } = (await at.harness.manager.get<{ items: { tooLate: { at: string }[] }[] }>(path)).body
    return items[0]?.tooLate
  }

  test('is there as it was told: of a cancellation, and of an amendment, which is taken again', async () => {
    const done: ShownReceipt[] = []
    for (const orderNumber of ['PO-CANCELLED', 'PO-LOWERED'])
      done.push(
        await posted(at.harness, await validated(at.harness, (await boughtOnBus(at, orderNumber)).receipt, all)),
      )
    await at.keep()
    await at.onTheBus('purchasing.orders', purchaseCancelled('PO-CANCELLED', 2))
    const lines = [{ ...lineA, quantity: '90' }, lineB]
    await at.onTheBus('purchasing.orders', purchaseOrder('amended', 'PO-LOWERED', lines, { revision: 2 }))
    const expected = []
    for (const orderNumber of ['PO-CANCELLED', 'PO-LOWERED'])
      expected.push(
        await until(`${orderNumber} is too late`, async () => {
          const late = await tooLate(orderNumber)
          return late?.length === 0 ? undefined : late
        }),
      )
    expect(expected).toMatchObject([
      [
        { revision: 2, line: 1, wanted: '0', done: '100' },
        { revision: 2, line: 2, wanted: '0', done: '50' },
      ],
      [{ revision: 2, line: 1, wanted: '90', done: '100' }],
    ])
    await at.fallBack()
    expect((await at.reconcile()).code).toBe(0)
    for (const { id } of done) await eventually(at.harness, id, 'done', ({ status }) => status === 'done')
    const again = (await tooLate('PO-CANCELLED')) ?? []
    const without = ({ at: _at, ...one }: { at?: string }) => one
    expect(again.map(without)).toEqual(expected[0]?.map(without))
    for (const [index, { at: time }] of (expected[0] ?? []).entries())
      expect(Math.abs(Date.parse(time) - Date.parse(again[index]?.at ?? ''))).toBeLessThan(knownToMs)
    await until('the amendment is taken again', async () => (await tooLate('PO-LOWERED'))?.length === 1)
    expect(await tooLate('PO-LOWERED')).toMatchObject([{ revision: 2, line: 1, wanted: '90', done: '100' }])
    expect(await at.violations()).toEqual([])
  })
})
