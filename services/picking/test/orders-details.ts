/** Orders that say more than goods and quantities, and where it is to be seen. */
import { becomes, act as actOn, ledgerAnswer, outbox, type ShownDelivery } from './deliveries-steps.ts'
import type { Harness } from './harness.ts'

/** N1*ST, N3, N4, PER, TD5, FOB, ITD, REF, DTM*063 and 064, MSG of an 850. */
export const x12 = {
  shipTo: {
    code: '0042',
    gln: '4006381333931',
    name: 'Big Buyer, dock 4',
    contact: 'Ann Smith',
    phone: '+1 555 0100',
    addressLines: ['1 Main Street', 'Building B'],
    city: 'Springfield',
    region: 'IL',
    postalCode: '62701',
    country: 'US',
  },
  deliveryWindow: { from: '2026-05-01', until: '2026-05-03' },
  carrier: { code: 'UPSN', name: 'United Parcel Service', service: 'ND', mode: 'M' },
  terms: { incoterm: 'FCA', place: 'Springfield', payment: '2% 10, net 30' },
  references: [
    { type: 'CO', value: 'C-2026/77', description: 'customer order' },
    { type: 'DP', value: '114' },
  ],
  note: 'Call before delivery.\nGate code 4711.',
  validUntil: '2026-06-30',
}
/** REF, DTM*002 and MSG of its line. */
export const x12Line = {
  scheduledDate: '2026-05-02',
  note: 'Shrink wrap',
  references: [{ type: 'CT', value: 'CT-9', date: '2026-01-31' }],
}

/** The order as a manager sees it. */
export async function orderShown(harness: Harness, source: string, orderNumber: string) {
  const path = `/v1/orders?source=${source}&orderNumber=${orderNumber}`
  return (await harness.manager.get<{ items: Record<string, unknown>[] }>(path)).body.items[0]
}

/** What a document told last by an event of this kind. */
export async function lastTold(harness: Harness, id: string, type: string): Promise<Readonly<Record<string, unknown>>> {
  const events = (await outbox(harness, id)).filter((one) => one.type === type)
  return events.at(-1)?.data ?? {}
}

/** Ships a delivery; the ledger takes it. */
export async function ship(harness: Harness, delivery: ShownDelivery, over: object = {}): Promise<ShownDelivery> {
  const done = await actOn(harness.user, 'POST', delivery, 'validate', over)
  if (done.status !== 202 && done.status !== 200) throw new Error(JSON.stringify(done.body))
  await harness.publish(ledgerAnswer(done.body))
  return becomes(harness, delivery.id, 'done')
}
