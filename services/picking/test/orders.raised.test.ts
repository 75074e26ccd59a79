/** Orders that change after documents of them are done: the difference gets a document, and what is too late is told. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { becomes, deliveriesOf, ledgerAnswer, readied, salesOrder, shipping, told } from './deliveries-steps.ts'
import { openHarness, productTold, type Harness } from './harness.ts'
import {
  act,
  count,
  eventually,
  lineA,
  lineB,
  ordered,
  purchaseCancelled,
  purchaseOrder,
  receiptsOf,
  words,
  type ShownReceipt,
} from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
  await harness.publish(
    productTold('BOX3', {
      unit: 'unit',
      unitDecimals: 0,
      units: [{ unit: 'box', numerator: '3', denominator: '1' }],
    }),
  )
  await until('BOX3 is known', () =>
    harness.service.db.prisma.product.findUnique({ where: { sku: 'BOX3' } }).then(Boolean),
  )
}, 60_000)
afterAll(() => harness.stop())

const amendedTo = (orderNumber: string, revision: number, ...lines: object[]) =>
  told(harness, purchaseOrder('amended', orderNumber, lines, { revision }))

const soldAs = (orderNumber: string, revision: number, ...lines: object[]) =>
  told(harness, salesOrder('amended', orderNumber, lines, { revision }))

async function late(id: string): Promise<readonly Record<string, unknown>[]> {
  const rows = await harness.service.db.prisma.$queryRaw<{ value: string }[]>`
    select value from kit.outbox
    where subject = ${id} and type = 'picking.order-change-too-late.v1' order by position`
  return rows.map((row) => (JSON.parse(row.value) as { data: Record<string, unknown> }).data)
}

/** Counts these quantities of a draft, posts it, and says what becomes of the rest. */
async function received(
  draft: ShownReceipt,
  entries: readonly object[],
  remainder: 'backorder' | 'close' = 'backorder',
): Promise<ShownReceipt> {
  const sent = await act<ShownReceipt>(harness.user, 'POST', await count(harness, draft, entries), 'validate', {
    remainder,
  })
  if (sent.body.status === 'in_review') await act(harness.supervisor, 'POST', sent.body, 'approve', { remainder })
  await harness.post()
  return eventually(harness, draft.id, 'it is done', (now) => now.status === 'done')
}

const expected = (receipt: ShownReceipt | undefined) =>
  receipt?.lines.map(({ line, sku, expected: quantity, unit }) => `${line} ${sku} ${quantity} ${unit}`)

describe('G5 An order raised, or given a line, after all its receipts are done', () => {
  test('G5 raised: the difference is a further draft', async () => {
    const done = await received(await ordered(harness, 'PO-UP', [lineA]), [{ line: 1, quantity: '100' }])
    await amendedTo('PO-UP', 2, { ...lineA, quantity: '120' })
    const [, further] = await receiptsOf(harness, 'PO-UP', 2)
    expect(further).toMatchObject({ status: 'draft', backorderOf: done.id })
    expect(expected(further)).toEqual(['1 RM-A 20 kg'])
    expect(further?.history[0]).toMatchObject({ what: 'created', why: 'Order PO-UP (revision 2)' })
    expect(await late(done.id)).toEqual([])
  })

  test('G5 given a line: that line alone', async () => {
    const done = await received(await ordered(harness, 'PO-LINE', [lineA]), [{ line: 1, quantity: '100' }])
    await amendedTo('PO-LINE', 2, lineA, lineB)
    expect(expected((await receiptsOf(harness, 'PO-LINE', 2))[1])).toEqual(['2 RM-B 50 kg'])
    expect(await late(done.id)).toEqual([])
  })

  test('G5 raised over what was closed short: what was closed stays closed, and a repeat opens nothing', async () => {
    await received(await ordered(harness, 'PO-SHORT', [lineA]), [{ line: 1, quantity: '60' }], 'close')
    await amendedTo('PO-SHORT', 2, { ...lineA, unitPrice: '2.60' })
    expect(await receiptsOf(harness, 'PO-SHORT')).toHaveLength(1)
    await amendedTo('PO-SHORT', 3, { ...lineA, quantity: '120' })
    expect(expected((await receiptsOf(harness, 'PO-SHORT', 2))[1])).toEqual(['1 RM-A 20 kg'])
  })

  test('G5 lowered after a close and raised again: the raise over the revision before is opened', async () => {
    await received(await ordered(harness, 'PO-UPDOWN', [lineA]), [{ line: 1, quantity: '60' }], 'close')
    await amendedTo('PO-UPDOWN', 2, { ...lineA, quantity: '90' })
    await amendedTo('PO-UPDOWN', 3, { ...lineA, quantity: '120' })
    expect(expected((await receiptsOf(harness, 'PO-UPDOWN', 2))[1])).toEqual(['1 RM-A 30 kg'])
  })

  test('G5 cancelled by a person and raised: the raise alone', async () => {
    const draft = await ordered(harness, 'PO-PERSON', [lineA])
    await act(harness.user, 'POST', draft, 'cancel', { reason: 'does not come' })
    await amendedTo('PO-PERSON', 2, lineA)
    expect(await receiptsOf(harness, 'PO-PERSON')).toHaveLength(1)
    await amendedTo('PO-PERSON', 3, { ...lineA, quantity: '101' })
    expect(expected((await receiptsOf(harness, 'PO-PERSON', 2))[1])).toEqual(['1 RM-A 1 kg'])
  })

  test('G5 one open and one done: the open one takes the difference', async () => {
    await received(await ordered(harness, 'PO-MIX', [lineA]), [{ line: 1, quantity: '60' }])
    await receiptsOf(harness, 'PO-MIX', 2)
    await amendedTo('PO-MIX', 2, { ...lineA, quantity: '130' })
    const all = await receiptsOf(harness, 'PO-MIX', 2)
    expect(all).toHaveLength(2)
    expect(expected(all[1])).toEqual(['1 RM-A 70 kg'])
  })

  test('G5 a box of three that came piece by piece, and one more: exactly one box', async () => {
    const box = { ...lineA, sku: 'BOX3', unit: 'box', quantity: '1' }
    const draft = await ordered(harness, 'PO-BOX', [box])
    await received(draft, [{ line: 1, quantity: '1', unit: 'unit' }])
    const [, second] = await receiptsOf(harness, 'PO-BOX', 2)
    await received(second!, [{ line: 1, quantity: '1', unit: 'unit' }])
    const [, , third] = await receiptsOf(harness, 'PO-BOX', 3)
    await received(third!, [{ line: 1, quantity: '1', unit: 'unit' }])
    await amendedTo('PO-BOX', 2, { ...box, quantity: '2' })
    const [, , , fourth] = await receiptsOf(harness, 'PO-BOX', 4)
    expect(expected(fourth)).toEqual(['1 BOX3 1 box'])
    const done = await received(fourth!, [{ line: 1, quantity: '3', unit: 'unit' }])
    expect(words(done)).not.toContain('in_review')
    expect(await receiptsOf(harness, 'PO-BOX', 4)).toHaveLength(4)
  })

  test('G5 a repeat and an older revision open nothing more', async () => {
    await received(await ordered(harness, 'PO-AGAIN', [lineA]), [{ line: 1, quantity: '100' }])
    const raised = purchaseOrder('amended', 'PO-AGAIN', [{ ...lineA, quantity: '120' }], { revision: 3 })
    await told(harness, raised)
    await receiptsOf(harness, 'PO-AGAIN', 2)
    await told(harness, raised)
    await amendedTo('PO-AGAIN', 3, { ...lineA, quantity: '120' })
    await amendedTo('PO-AGAIN', 2, { ...lineA, quantity: '500' })
    expect(expected((await receiptsOf(harness, 'PO-AGAIN', 2))[1])).toEqual(['1 RM-A 20 kg'])
    expect(await receiptsOf(harness, 'PO-AGAIN')).toHaveLength(2)
  })

  test('G5 raised while the ledger is asked, where a remainder is closed: the raise alone', async () => {
    const draft = await ordered(harness, 'PO-WHILE', [lineA])
    const counted = await count(harness, draft, [{ line: 1, quantity: '60' }])
    const sent = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate', { remainder: 'close' })
    await act(harness.supervisor, 'POST', sent.body, 'approve', { remainder: 'close' })
    await amendedTo('PO-WHILE', 2, { ...lineA, quantity: '110' })
    await amendedTo('PO-WHILE', 3, { ...lineA, quantity: '115' })
    await harness.post()
    const [done, further] = await receiptsOf(harness, 'PO-WHILE', 2)
    expect(done?.status).toBe('done')
    expect(expected(further)).toEqual(['1 RM-A 15 kg'])
    await amendedTo('PO-WHILE', 4, { ...lineA, quantity: '115' })
    expect(expected((await receiptsOf(harness, 'PO-WHILE', 2))[1])).toEqual(['1 RM-A 15 kg'])
  })
})

describe('G5 What is truly too late', () => {
  test.each<[string, object[], object[]]>([
    ['less than came', [{ ...lineA, quantity: '90' }, lineB], [{ line: 1, wanted: '90', done: '100' }]],
    ['a line removed that is done', [lineA], [{ line: 2, sku: 'RM-B', unit: 'kg', wanted: '0', done: '50' }]],
    [
      'another product on a line that is done',
      [lineA, { ...lineB, sku: 'PX', unit: 'unit' }],
      [{ line: 2, sku: 'RM-B', wanted: '0' }],
    ],
    [
      'less in another unit',
      [{ ...lineA, quantity: '99999', unit: 'g' }, lineB],
      [{ line: 1, unit: 'g', wanted: '99999', done: '100000' }],
    ],
    ['the same in another unit', [{ ...lineA, quantity: '100000', unit: 'g' }, lineB], []],
  ])('G5 %s', async (title, lines, tooLate) => {
    const number = `PO-L-${title.replaceAll(' ', '-')}`
    const done = await received(await ordered(harness, number), [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50' },
    ])
    await amendedTo(number, 2, ...lines)
    if (tooLate.length === 0) expect(await late(done.id)).toEqual([])
    else expect(await late(done.id)).toMatchObject([{ revision: 2, change: 'amended', lines: tooLate }])
    // Told once: a later revision that leaves the line as it is asks for nothing new.
    await amendedTo(number, 3, ...lines)
    expect(await late(done.id)).toHaveLength(tooLate.length)
  })

  test('G5 one line lowered too late and another raised: both, each as it is', async () => {
    const done = await received(await ordered(harness, 'PO-BOTH'), [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50' },
    ])
    await amendedTo('PO-BOTH', 2, { ...lineA, quantity: '10' }, { ...lineB, quantity: '51' })
    expect(expected((await receiptsOf(harness, 'PO-BOTH', 2))[1])).toEqual(['2 RM-B 1 kg'])
    expect(await late(done.id)).toMatchObject([{ lines: [{ line: 1, wanted: '10', done: '100' }] }])
    await told(harness, purchaseCancelled('PO-BOTH', 3))
    expect((await receiptsOf(harness, 'PO-BOTH', 2))[1]?.status).toBe('cancelled')
    expect((await late(done.id))[1]).toMatchObject({ change: 'cancelled', lines: [{ done: '100' }, { done: '50' }] })
  })

  test('G5 more came than was ordered: an amendment that leaves the line is not too late', async () => {
    const done = await received(await ordered(harness, 'PO-OVER', [lineA]), [{ line: 1, quantity: '103' }])
    await amendedTo('PO-OVER', 2, { ...lineA, unitPrice: '3.00' })
    expect(await late(done.id)).toEqual([])
    await amendedTo('PO-OVER', 3, { ...lineA, quantity: '110' })
    expect(expected((await receiptsOf(harness, 'PO-OVER', 2))[1])).toEqual(['1 RM-A 7 kg'])
  })
})

describe('D1 A sales order raised, or given a line, after all its deliveries are done', () => {
  const px = { line: 1, sku: 'PX', quantity: '10', unit: 'unit' }
  const shipped = async (orderNumber: string, picked: string, remainder: 'backorder' | 'close' = 'backorder') => {
    const delivery = await readied(harness, orderNumber, [px])
    const sent = await shipping(harness, delivery, { 1: picked }, { remainder })
    await harness.publish(ledgerAnswer(sent))
    return becomes(harness, sent.id, 'done')
  }
  const lines = async (orderNumber: string, nth: number) =>
    (await deliveriesOf(harness, orderNumber, nth))[nth - 1]?.lines.map(
      ({ line, sku, quantity, unit }) => `${line} ${sku} ${quantity} ${unit}`,
    )

  test('D1 raised: the difference is a further delivery', async () => {
    const done = await shipped('SO-UP', '10')
    await soldAs('SO-UP', 2, { ...px, quantity: '12' })
    expect(await lines('SO-UP', 2)).toEqual(['1 PX 2 unit'])
    expect((await deliveriesOf(harness, 'SO-UP', 2))[1]).toMatchObject({ status: 'waiting', backorderOf: done.id })
    expect(await late(done.id)).toEqual([])
  })

  test('D1 given a line, and a remainder closed: that line alone', async () => {
    await shipped('SO-SHORT', '6', 'close')
    await soldAs('SO-SHORT', 2, px)
    expect(await deliveriesOf(harness, 'SO-SHORT')).toHaveLength(1)
    await soldAs('SO-SHORT', 3, px, { line: 4, sku: 'RM-A', quantity: '1', unit: 'kg' })
    expect(await lines('SO-SHORT', 2)).toEqual(['4 RM-A 1 kg'])
  })

  test('D1 a box of three of which one piece went, closed, and raised by a box: three pieces', async () => {
    const box = { line: 1, sku: 'BOX3', quantity: '1', unit: 'box' }
    const delivery = await readied(harness, 'SO-BOX', [box])
    const sent = await shipping(harness, delivery, { 1: '1' }, { remainder: 'close' })
    await harness.publish(ledgerAnswer(sent))
    await becomes(harness, sent.id, 'done')
    await soldAs('SO-BOX', 2, { ...box, quantity: '2' })
    expect(await lines('SO-BOX', 2)).toEqual(['1 BOX3 3 unit'])
  })

  test('D1 lowered below what went is too late, and raised again opens what is beyond it', async () => {
    const done = await shipped('SO-DOWN', '10')
    await soldAs('SO-DOWN', 2, { ...px, quantity: '4' })
    expect(await late(done.id)).toMatchObject([{ kind: 'delivery', lines: [{ line: 1, wanted: '4', done: '10' }] }])
    await soldAs('SO-DOWN', 3, { ...px, quantity: '11' })
    expect(await lines('SO-DOWN', 2)).toEqual(['1 PX 1 unit'])
  })
})

describe('G5 What must always be so', () => {
  test.each(invariants.map((each) => [each.name, each] as const))('%s', async (_name, invariant) => {
    expect(await harness.service.db.query(invariant.statement)).toEqual([])
  })
})
