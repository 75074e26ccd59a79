/** Picking's own database falls back: what orders say besides is on their documents again, of orders by HTTP, too. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import {
  becomes,
  deliveriesOf,
  lineX,
  ledgerAnswer,
  reserved,
  salesOrder,
  shipping,
  show,
  told,
} from './deliveries-steps.ts'
import { orderShown, x12, x12Line } from './orders-details.ts'
import { all, openRestoring, posted, validated, type Restoring } from './restore-steps.ts'
import { eventually, lineA, lineB, purchaseOrder, receiptsOf, tell } from './steps.ts'

let at: Restoring
beforeEach(async () => {
  at = await openRestoring()
})
afterEach(() => at.end())

test('a delivery has what the last revision said, though nothing was reserved anew for it; one that was shipped, and its rest, too', async () => {
  await at.keep()
  const lines = [{ ...lineX, ...x12Line }]
  const over = { ...x12, allowPartial: true }
  for (const name of ['SO-NOTE', 'SO-SHIPPED']) await told(at.harness, salesOrder('confirmed', name, lines, over))
  const [[noted], [shipped]] = await Promise.all([
    deliveriesOf(at.harness, 'SO-NOTE'),
    deliveriesOf(at.harness, 'SO-SHIPPED'),
  ])
  await at.harness.publish(reserved(noted!), reserved(shipped!))
  await becomes(at.harness, noted!.id, 'ready')
  await told(at.harness, salesOrder('amended', 'SO-NOTE', lines, { ...over, revision: 2, note: 'second' }))
  const hasNote = (id: string) => async () => ((await show(at.harness, id)) as { note?: string }).note === 'second'
  await until('the note is the second', hasNote(noted!.id))
  const ready = await becomes(at.harness, shipped!.id, 'ready')
  await at.harness.publish(ledgerAnswer(await shipping(at.harness, ready, { 1: '4' })))
  await becomes(at.harness, shipped!.id, 'done')
  const rest = (await deliveriesOf(at.harness, 'SO-SHIPPED', 2))[1]!
  await at.fallBack()
  const { said } = await at.reconcile()
  expect(said).toContain('Of these orders the bus has nothing')
  expect(await show(at.harness, noted!.id)).toMatchObject({ ...x12, note: 'second', lines: [x12Line] })
  for (const id of [shipped!.id, rest.id])
    expect(await show(at.harness, id)).toMatchObject({ ...x12, lines: [x12Line] })
  // What the order's system sends again is the order's, and makes no second delivery.
  await told(at.harness, salesOrder('amended', 'SO-NOTE', lines, { ...over, revision: 2, note: 'second' }))
  expect(await orderShown(at.harness, '/erp/sales', 'SO-NOTE')).toMatchObject({ note: 'second', lines: [x12Line] })
  expect(await deliveriesOf(at.harness, 'SO-NOTE')).toHaveLength(1)
  expect(await at.violations()).toEqual([])
})

test('a receipt has it, and its rest', async () => {
  await at.keep()
  const lines = [{ ...lineA, ...x12Line, lot: 'L1' }, lineB]
  expect((await tell(at.harness, purchaseOrder('confirmed', 'PO-SAID', lines, x12))).status).toBe(202)
  const [draft] = await receiptsOf(at.harness, 'PO-SAID')
  const done = await posted(at.harness, await validated(at.harness, draft!, [{ line: 1, quantity: '60' }, all[1]!]))
  await at.fallBack()
  await at.reconcile()
  const again = await eventually(at.harness, done.id, 'done again', ({ status }) => status === 'done')
  expect(again).toMatchObject({ ...x12, lines: [{ ...x12Line, lot: 'L1' }, { sku: 'RM-B' }] })
  expect(again.lines[1]).not.toHaveProperty('note')
  const [, rest] = await receiptsOf(at.harness, 'PO-SAID', 2)
  expect(rest).toMatchObject({ ...x12, lines: [{ expected: '40', ...x12Line }] })
  expect(await at.violations()).toEqual([])
})
