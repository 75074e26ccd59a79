/** Rows G2, X2 and A2: what is accepted and rejected at the dock, and what may be done with stock. */
import { expect, test } from '@jest/globals'
import { must } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import {
  booked,
  count,
  deliveryOf,
  entriesOf,
  movesOf,
  onHand,
  product,
  purchase,
  receiptOf,
  receiveAll,
  sale,
  shelve,
  shipAll,
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

/** A change of status, or a scrap. */
interface Decided {
  readonly number: string
  readonly status: string
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

  test('X2: what is held is promised to nobody; a delivery that had it hears why, and has it again when it is released', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '10' }])
    const delivery = await sale(system(), [{ sku, quantity: '8' }], {}, ({ status }) => status === 'ready')
    const supervisor = await system().login('supervisor')
    const change = async (from: string, to: string) =>
      must(
        await supervisor.send<Decided>('POST', '/stock/v1/status-changes', {
          body: { reason: 'damage', lines: [{ sku, location: 'WH/Stock/A1-03', quantity: '5', from, to }] },
        }),
        201,
      )
    const held = await change('available', 'quarantine')
    expect(held).toMatchObject({ status: 'posted', number: expect.stringMatching(/^WH\/STS\/\d{5}$/) })
    expect(await standing(system(), sku)).toEqual(['WH/Stock/A1-03 available 5 5', 'WH/Stock/A1-03 quarantine 5 0'])
    const waiting = await deliveryOf(system(), delivery.source ?? '', ({ status }) => status === 'waiting')
    expect(waiting.problem).toContain(`${sku} at WH/Stock/A1-03 is in quarantine now.`)
    await change('quarantine', 'available')
    const ready = await deliveryOf(system(), delivery.source ?? '', ({ status }) => status === 'ready')
    expect((await shipAll(system(), ready)).status).toBe('done')
    // Still owned, and worth the same: no entry was made of either change.
    const books = await system().login('supervisor')
    const entries = must(
      await books.get<{ items: object[] }>(`/valuation/v1/journal-entries?document=${encodeURIComponent(held.number)}`),
      200,
    )
    expect(entries.items).toEqual([])
  }, 60_000)

  test('A2: scrap leaves stock, reserved or not, and is booked as a loss; what the delivery had is offered anew', async () => {
    const sku = await product(system())
    await shelve(system(), [
      { sku, quantity: '5' },
      { sku, quantity: '5', location: 'WH/Stock/B2-01' },
    ])
    const delivery = await sale(system(), [{ sku, quantity: '5' }], {}, ({ status }) => status === 'ready')
    const [pick] = delivery.lines[0]?.picks ?? []
    const supervisor = await system().login('supervisor')
    const scrap = must(
      await supervisor.send<Decided>('POST', '/stock/v1/scraps', {
        body: { reason: 'damage', lines: [{ sku, location: pick?.location, quantity: '5' }] },
      }),
      201,
    )
    expect(scrap.number).toMatch(/^WH\/SCR\/\d{5}$/)
    const [entry] = await entriesOf(system(), scrap.number)
    expect(booked(entry)).toEqual(['Cr 1400 10.00', 'Dr 5810 10.00'])
    const elsewhere = await deliveryOf(
      system(),
      delivery.source ?? '',
      ({ status, lines }) => status === 'ready' && lines[0]?.picks[0]?.location !== pick?.location,
    )
    expect((await shipAll(system(), elsewhere)).status).toBe('done')
  }, 60_000)
}
