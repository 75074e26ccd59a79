/** Picking's own database falls back: deliveries are brought back as they were told. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  becomes,
  deliveriesOf,
  ledgerAnswer,
  reserved,
  salesCancelled,
  salesOrder,
  shipping,
  show,
  told,
} from './deliveries-steps.ts'
import { lasting, openRestoring, withoutReserved, type Restoring } from './restore-steps.ts'

let at: Restoring
beforeEach(async () => {
  at = await openRestoring()
})
afterEach(() => at.end())

describe('deliveries, after the database fell back', () => {
  test('are as they were told: needed, shipped in part with their backorders, changed and cancelled', async () => {
    await told(
      at.harness,
      salesOrder('confirmed', 'SO-AMENDED', [{ line: 1, sku: 'PX', quantity: '10', unit: 'unit' }]),
    )
    await told(
      at.harness,
      salesOrder('confirmed', 'SO-CANCELLED', [{ line: 1, sku: 'PX', quantity: '10', unit: 'unit' }]),
    )
    const [[toAmend], [toCancel]] = await Promise.all([
      deliveriesOf(at.harness, 'SO-AMENDED'),
      deliveriesOf(at.harness, 'SO-CANCELLED'),
    ])
    if (toAmend === undefined || toCancel === undefined) throw new Error('no delivery')
    await at.keep()
    const amended = salesOrder('amended', 'SO-AMENDED', [{ line: 2, sku: 'RM-A', quantity: '3000', unit: 'g' }], {
      revision: 2,
    })
    await at.onTheBus('sales.orders', amended)
    await at.onTheBus('sales.orders', salesCancelled('SO-CANCELLED', 2))
    await becomes(at.harness, toCancel.id, 'cancelled')
    await at.onTheBus(
      'sales.orders',
      salesOrder('confirmed', 'SO-PART', [{ line: 7, sku: 'PX', quantity: '10', unit: 'unit' }], {
        allowPartial: true,
      }),
    )
    const [whole] = await deliveriesOf(at.harness, 'SO-PART')
    if (whole === undefined) throw new Error('no delivery')
    await at.harness.publish(reserved(whole))
    const ready = await becomes(at.harness, whole.id, 'ready')
    const shipped = await shipping(at.harness, ready, { 7: '4' })
    await at.harness.publish(ledgerAnswer(shipped))
    await becomes(at.harness, whole.id, 'done')
    const backorder = (await deliveriesOf(at.harness, 'SO-PART', 2))[1]
    if (backorder === undefined) throw new Error('no backorder')
    await told(at.harness, salesOrder('confirmed', 'SO-HTTP', [{ line: 1, sku: 'PX', quantity: '2', unit: 'unit' }]))
    const [byHttp] = await deliveriesOf(at.harness, 'SO-HTTP')
    if (byHttp === undefined) throw new Error('no delivery')
    const ids = [toAmend.id, toCancel.id, whole.id, backorder.id, byHttp.id]
    const expected = await Promise.all(ids.map((id) => show(at.harness, id)))
    expect(expected.map(({ status }) => status)).toEqual(['waiting', 'cancelled', 'done', 'waiting', 'waiting'])
    await at.fallBack()
    const { said } = await at.reconcile()
    expect(said).toContain(
      'Of these orders the bus has nothing, since they came by HTTP: SO-HTTP of /erp/sales (revision 1).',
    )
    for (const [index, one] of expected.entries()) {
      const now = await becomes(at.harness, one.id, one.status)
      const bare = index === 4 ? { customer: null, scheduledDate: '2026-04-23' } : {}
      expect(withoutReserved(lasting(now))).toEqual(withoutReserved({ ...lasting(one), ...bare }))
    }
    await at.onTheBus('sales.orders', { ...amended, id: 'sent again' })
    await told(at.harness, salesOrder('confirmed', 'SO-HTTP', [{ line: 1, sku: 'PX', quantity: '2', unit: 'unit' }]))
    expect(lasting(await show(at.harness, byHttp.id))).toEqual(lasting(expected[4] ?? byHttp))
    expect(await deliveriesOf(at.harness, 'SO-HTTP')).toHaveLength(1)
    expect(await deliveriesOf(at.harness, 'SO-PART', 2)).toHaveLength(2)
    expect(await at.violations()).toEqual([])
  })
})
