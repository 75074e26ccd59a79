/** What the ledger answers about receipts and deliveries of orders, where several things meet. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Published } from '@stockline/test-kit/service'
import { deliveriesOfOrders } from '../src/deliveries/delivery.actions.ts'
import { restorableDeliveries } from '../src/deliveries/delivery.restore.ts'
import { invariants } from '../src/invariants.ts'
import { receiptsOfOrders } from '../src/receipts/receipt.actions.ts'
import { restorableReceipts } from '../src/receipts/receipt.restore.ts'
import { restoreDocuments } from '../src/restoring/document.restore.actions.ts'
import { becomes, ledgerAnswer, readied, shipping, told } from './deliveries-steps.ts'
import { assigned, ids, openHarness, type Harness } from './harness.ts'
import {
  act,
  count,
  eventually,
  lineA,
  ordered,
  posting,
  purchaseOrder,
  receiptsOf,
  type ShownReceipt,
} from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
  await harness.publish(assigned(ids.supervisor, ['WH', 'W2']))
  await harness.publish({
    type: 'stock.location-changed.v1',
    topic: 'stock.locations',
    subject: 'W2',
    data: {
      warehouse: { code: 'W2', name: 'Two', defaultReceiptLocation: 'W2/Stock', active: true },
      location: {
        locationId: '00000000-0000-7000-8000-000000000777',
        code: 'W2/Stock',
        type: 'internal',
        reservable: true,
        allowNegative: false,
        pickSequence: 1,
        barcode: null,
        active: true,
      },
    },
  })
}, 60_000)
afterAll(() => harness.stop())

const received = (receipt: ShownReceipt, refusal?: string): Published => {
  const answer = ledgerAnswer({ ...receipt, lines: [] } as never, 1, refusal)
  return { ...answer, data: { ...(answer.data as object), kind: 'receipt' } }
}
const amended = (orderNumber: string, revision: number, quantity: string, warehouse: string) =>
  told(harness, purchaseOrder('amended', orderNumber, [{ ...lineA, quantity }], { revision, warehouse }))

/** Counts so much of the first line, and asks the ledger. */
async function sent(receipt: ShownReceipt, quantity: string): Promise<ShownReceipt> {
  const counted = await count(harness, receipt, [{ line: 1, quantity }], harness.manager)
  const { body } = await act<ShownReceipt>(harness.manager, 'POST', counted, 'validate')
  if (body.status === 'in_review') await act(harness.supervisor, 'POST', body, 'approve')
  return eventually(harness, receipt.id, 'it is posting', ({ status }) => status === 'posting')
}
const shown = (receipts: readonly ShownReceipt[]) =>
  receipts.map(({ number, status, lines }) => {
    return `${number.slice(0, 2)} ${status} ${lines.map(({ expected }) => expected).join()}`
  })

describe('G5 An order that moves to another warehouse while the ledger is asked', () => {
  test('G5 refused: what the backorder was for is expected there', async () => {
    const first = await sent(await ordered(harness, 'PO-MOVED', [lineA]), '60')
    await harness.publish(received(first))
    const [, rest] = await receiptsOf(harness, 'PO-MOVED', 2)
    const asked = await sent(rest!, '40')
    await amended('PO-MOVED', 2, '100', 'W2')
    await harness.publish(received(asked, 'no'))
    expect(shown(await receiptsOf(harness, 'PO-MOVED', 3))).toEqual(['WH done 100', 'WH in_progress 0', 'W2 draft 40'])
  })

  test.each(['one after the other', 'at once'])(
    'G5 two receipts answered %s: what the first left is not lost',
    async (how) => {
      const order = `PO-BOTH-${how.length}`
      const counted = await count(
        harness,
        await ordered(harness, order, [lineA]),
        [{ line: 1, quantity: '10' }],
        harness.manager,
      )
      await amended(order, 2, '100', 'W2')
      const [there, here] = await receiptsOf(harness, order, 2)
      expect(shown([there!, here!])).toEqual(['WH in_progress 0', 'W2 draft 100'])
      expect(there!.id).toBe(counted.id)
      const [both, other] = [await sent(here!, '70'), await sent(there!, '10')]
      await amended(order, 3, '120', 'W2')
      if (how === 'at once') await harness.publish(received(both), received(other))
      else {
        await harness.publish(received(both))
        const [, , rest] = await receiptsOf(harness, order, 3)
        expect(rest).toMatchObject({ backorderOf: both.id, lines: [{ expected: '30' }] })
        await harness.publish(received(other))
      }
      await eventually(harness, other.id, 'it is done', ({ status }) => status === 'done')
      expect(shown(await receiptsOf(harness, order, 3))).toEqual(['WH done 0', 'W2 done 100', 'W2 draft 50'])
    },
  )
})

describe('G4 D4 A document that the ledger took anew, told in the same batch', () => {
  test('G4 a receipt has the later position', async () => {
    const asked = await posting(harness, 'PO-ANEW')
    const answers = [received(asked), received(asked)]
    await harness.publish(...answers)
    const done = await eventually(harness, asked.id, 'it is done', ({ status }) => status === 'done')
    expect(done.history.slice(-2)).toMatchObject([{ why: why(answers[0]) }, { why: why(answers[1], answers[0]) }])
  })

  test('D4 a delivery, too', async () => {
    const asked = await shipping(harness, await readied(harness, 'SO-ANEW'))
    const answers = [ledgerAnswer(asked), ledgerAnswer(asked)]
    await harness.publish(...answers)
    const done = await becomes(harness, asked.id, 'done')
    expect(done.history.slice(-2)).toMatchObject([{ why: why(answers[0]) }, { why: why(answers[1], answers[0]) }])
  })

  const positionOf = (answer: Published | undefined) => (answer?.data as { position: string } | undefined)?.position
  const why = (answer: Published | undefined, before?: Published) =>
    `Ledger position ${positionOf(answer)}${before === undefined ? '' : ` in place of ${positionOf(before)}`}`
})

describe('A document of which only a late change of its order is told, after the database fell back', () => {
  const lost = { documentId: '00000000-0000-7000-8000-000000000042', revision: 2 }

  test.each(['receipt', 'delivery'] as const)(
    'a person is told of the %s, and its number is not given again',
    async (kind) => {
      const { db } = harness.service
      const numbered = () =>
        kind === 'receipt'
          ? db.prisma.receipt.findMany({ where: { warehouse: 'WH' } })
          : db.prisma.delivery.findMany({ where: { warehouse: 'WH' } })
      const before = (await numbered()).length
      const number = `WH/${kind === 'receipt' ? 'IN' : 'OUT'}/${String(before + 3).padStart(5, '0')}`
      const tooLate = [{ ...lost, number }]
      const nothing = { events: [], tooLate, orderOf: () => undefined, backorderOf: () => null }
      const { done, open } = await db.transaction({ actor: null, correlationId: 'test' }, (tx) =>
        kind === 'receipt'
          ? restoreDocuments(tx, receiptsOfOrders('USD'), restorableReceipts('USD'), nothing)
          : restoreDocuments(tx, deliveriesOfOrders, restorableDeliveries, nothing),
      )
      expect(open).toEqual([expect.stringMatching(new RegExp(`^${kind} ${lost.documentId} is told of`, 'i'))])
      expect(done).toEqual([expect.stringContaining(number)])
      const rows = (await numbered()).map(({ number: own, status }) => ({ number: own, status }))
      expect([rows.length, rows.find((one) => one.number === number)?.status]).toEqual([before + 3, 'cancelled'])
    },
  )
})

test('after all of this the invariants hold', async () => {
  for (const { name, statement } of invariants) expect([name, await harness.service.db.query(statement)]).toEqual([name, []]) // prettier-ignore
})
