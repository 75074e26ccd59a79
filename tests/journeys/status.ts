/** Rows G2, X2 and A2: what is accepted and rejected at the dock, and what may be done with stock. */
import { expect, test } from '@jest/globals'
import { must } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import {
  booked,
  count,
  entriesOf,
  movesOf,
  onHand,
  product,
  purchase,
  receiptOf,
  receiveAll,
  sale,
  step,
  type Receipt,
} from './people.ts'

/** What is where, as what: on hand and available. */
async function standing(system: Parameters<typeof onHand>[0], sku: string): Promise<string[]> {
  const quants = (await onHand(system, sku)) as readonly (Awaited<ReturnType<typeof onHand>>[number] & {
    status: string
  })[]
  return quants.map((quant) => [quant.location, quant.status, quant.onHand, quant.available].join(' ')).sort()
}

/** Registers the journeys of stock statuses. */
export function statusJourneys({ system }: Fixture): void {
  test('G2 G3 G4: what is rejected is held and owned, or goes back and stays open; a supervisor reviews it, and the books follow', async () => {
    const sku = await product(system())
    const receipt = await purchase(system(), [{ sku, quantity: '10', unitPrice: '3.00' }])
    const [user, supervisor] = [await system().login('user'), await system().login('supervisor')]
    const counted = must(
      await count(user, receipt, [
        { line: 1, quantity: '6', rejected: { quantity: '1', reason: 'damaged', location: 'WH/Stock/C4-11' } },
        { line: 1, quantity: '0', rejected: { quantity: '2', reason: 'wrong', to: 'vendor' } },
      ]),
      200,
    )
    expect(counted.lines).toMatchObject([{ received: '7', flag: 'Short 3, rejected' }])
    const review = must(await step(user, 'receipts', counted, 'validate'), 200)
    expect(review.status).toBe('in_review')
    const done = must(await step(supervisor, 'receipts', review, 'approve', { remainder: 'backorder' }), 200)
    expect(done).toMatchObject({
      status: 'done',
      lines: [
        {
          entries: [
            { quantity: '6', rejected: { quantity: '1', to: 'hold', location: 'WH/Stock/C4-11', status: 'damaged' } },
            { quantity: '0', rejected: { quantity: '2', reason: 'wrong', to: 'vendor', location: null } },
          ],
        },
      ],
    })
    expect(await standing(system(), sku)).toEqual(['WH/Stock available 6 6', 'WH/Stock/C4-11 damaged 1 0'])
    expect(await movesOf(system(), done.number)).toMatchObject([
      { quantity: '6', to: 'WH/Stock', toStatus: 'available' },
      { quantity: '1', to: 'WH/Stock/C4-11', toStatus: 'damaged' },
    ])
    const [entry] = await entriesOf(system(), done.number)
    expect(booked(entry)).toEqual(['Cr 2150 21.00', 'Dr 1400 21.00'])
    const rest = await receiptOf(system(), receipt.source ?? '', ({ status }: Receipt) => status === 'draft')
    expect(rest.lines).toMatchObject([{ expected: '3', received: null }])
    // What is held is promised to nobody; what comes in its place is.
    const waiting = await sale(system(), [{ sku, quantity: '8' }], {}, ({ problem }) => problem !== null)
    expect(waiting).toMatchObject({ status: 'waiting', problem: expect.stringContaining('damaged') })
    await receiveAll(system(), rest)
    await sale(system(), [{ sku, quantity: '1' }], {}, ({ status }) => status === 'ready')
  }, 60_000)
}
