/** Steps on orders that name items and units as others do: a floor where IT-A is known, by a GTIN and in cartons of 24. */
import { randomUUID } from 'node:crypto'
import { until } from '@stockline/test-kit'
import { outbox, type ShownDelivery } from './deliveries-steps.ts'
import { openHarness, productTold, type Harness } from './harness.ts'
import type { Problem } from './steps.ts'

/** A floor where IT-A is known. */
export async function openItemsHarness(): Promise<Harness> {
  const harness = await openHarness()
  await harness.publish(
    productTold('IT-A', {
      barcodes: [{ code: '4006381333931' }],
      units: [{ unit: 'carton', numerator: '24', denominator: '1' }],
      unit: 'unit',
      unitDecimals: 0,
    }),
  )
  await until(
    'IT-A is known',
    async () => (await harness.service.db.prisma.product.count({ where: { sku: 'IT-A' } })) === 1,
  )
  return harness
}

/** Sets something as the manager, or as somebody else. */
export const put = (harness: Harness, path: string, body: object, who = harness.manager) =>
  who.send<Problem>('PUT', path, { body, headers: { 'idempotency-key': randomUUID() } })

/** Line 1 of an order. */
export const line = (names: object, unit = 'unit', quantity = '2') => ({ line: 1, ...names, quantity, unit })

/** Why the order's event waits, once it does. */
export const waits = (harness: Harness, orderNumber: string) =>
  until(`${orderNumber} waits`, async () => {
    const rows = await harness.service.db.prisma.$queryRaw<{ reason: string }[]>`
      select reason from kit.parked where subject = ${orderNumber} and state = 'waiting' and resolved_at is null`
    return rows[0]?.reason
  })

/** What stock was last told that the delivery needs on its first line. */
export const needed = async (harness: Harness, { id }: Pick<ShownDelivery, 'id'>) =>
  ((await outbox(harness, id)).at(-1)?.data['lines'] as { sku: string; quantity: string }[])[0]
