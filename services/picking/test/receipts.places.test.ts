/** Receipts whose place is not known, closed or of another warehouse say so when they are made, and when that changes. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Published } from '@stockline/test-kit/service'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import { act, eventually, lineA, lineB, purchaseOrder, read, receiptOf, tell, words } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await harness.service.db.query(statement) }).toEqual({ name, rows: [] })
  await harness.stop()
})

let locations = 0
/** A warehouse whose receipts go to `place`, and one of its locations. */
function told(
  code: string,
  place: string,
  location: { code: string; active?: boolean; id?: number } | null,
): Published {
  const fields = { type: 'internal', reservable: true, allowNegative: false, pickSequence: 0, barcode: null }
  locations += 1
  const id = location?.id ?? locations
  return {
    type: 'stock.location-changed.v1',
    topic: 'stock.locations',
    subject: code,
    data: {
      warehouse: { code, name: code, defaultReceiptLocation: place, active: true },
      location:
        location === null
          ? null
          : { locationId: `00000000-0000-7000-8000-0000000009${String(id).padStart(2, '0')}`, active: true, ...fields, code: location.code, ...(location.active === undefined ? {} : { active: location.active }) }, // prettier-ignore
    },
  }
}

const order = (number: string, warehouse: string) =>
  tell(harness, purchaseOrder('confirmed', number, [lineA, lineB], { warehouse }))

describe('G1 G4 A receipt whose place is wrong', () => {
  test('G1 says so when it is made, is blocked in the queue, and is right once the location is known', async () => {
    await harness.publish(told('N1', 'N1/Dock', null))
    await order('PO-NEW', 'N1')
    const receipt = await receiptOf(harness, 'PO-NEW')
    expect(receipt).toMatchObject({ problem: 'Cannot be received: location "N1/Dock" is not known.' })
    const queue = await harness.manager.get<{ items: object[] }>('/v1/queue?limit=200')
    expect(queue.body.items).toContainEqual(expect.objectContaining({ number: receipt.number, task: 'blocked' }))
    await harness.publish(told('N1', 'N1/Dock', { code: 'N1/Dock' }))
    const right = await eventually(harness, receipt.id, 'its place is right', ({ problem }) => problem === null)
    expect(words(right)).toContain('place-right')
  })

  test('G4 of another warehouse', async () => {
    await harness.publish(told('N2', 'WH/Stock', null))
    await order('PO-FAR', 'N2')
    expect(await receiptOf(harness, 'PO-FAR')).toMatchObject({
      problem: 'Cannot be received: location "WH/Stock" is not in warehouse N2.',
    })
  })

  test('G4 closed while it is open: an entry that would go there is refused by name, one for another place is posted', async () => {
    const dock = { code: 'N3/Dock', id: 50 }
    await harness.publish(told('N3', 'N3/Dock', dock), told('N3', 'N3/Dock', { code: 'N3/Other', id: 51 }))
    await order('PO-CLOSED', 'N3')
    const receipt = await receiptOf(harness, 'PO-CLOSED')
    expect(receipt).toMatchObject({ problem: null, destination: 'N3/Dock' })
    await harness.publish(told('N3', 'N3/Dock', { ...dock, active: false }))
    const wrong = await eventually(harness, receipt.id, 'its place is wrong', ({ problem }) => problem !== null)
    expect(wrong.problem).toBe('Cannot be received: location "N3/Dock" is not in use any more.')
    expect(words(wrong)).toContain('place-wrong')

    const entries = [{ line: 1, quantity: '100' }, { line: 2, quantity: '50' }] // prettier-ignore
    expect(await act(harness.manager, 'PATCH', wrong, 'lines', { entries })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/entries/0/destination' }, { pointer: '/entries/1/destination' }] },
    })
    const elsewhere = entries.map((each) => ({ ...each, destination: 'N3/Other' }))
    const counted = await act(harness.manager, 'PATCH', wrong, 'lines', { entries: elsewhere })
    expect(counted).toMatchObject({ status: 200, body: { problem: null } })
    expect(await act(harness.manager, 'POST', counted.body, 'validate')).toMatchObject({ body: { status: 'posting' } })
  })

  test('G4 an entry’s own place that closes is said, and opened again it is right', async () => {
    const other = { code: 'N4/Other', id: 61 }
    await harness.publish(told('N4', 'N4/Dock', { code: 'N4/Dock', id: 60 }), told('N4', 'N4/Dock', other))
    await order('PO-ENTRY', 'N4')
    const receipt = await receiptOf(harness, 'PO-ENTRY')
    const entries = [{ line: 1, quantity: '100', destination: 'N4/Other' }]
    const counted = await act(harness.manager, 'PATCH', receipt, 'lines', { entries })
    await harness.publish(told('N4', 'N4/Dock', { ...other, active: false }))
    const wrong = await eventually(harness, receipt.id, 'its place is wrong', ({ problem }) => problem !== null)
    expect(wrong.problem).toBe('Cannot be received: location "N4/Other" is not in use any more.')
    expect(await act(harness.manager, 'POST', wrong, 'validate')).toMatchObject({ status: 409 })
    await harness.publish(told('N4', 'N4/Dock', other))
    expect(
      (await eventually(harness, receipt.id, 'its place is right', ({ problem }) => problem === null)).version,
    ).toBe(counted.body.version + 2)
    expect(await read(harness, receipt.id)).toMatchObject({ status: 'in_progress' })
  })
})
