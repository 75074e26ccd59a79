/** Picks that nobody suggested: stock is asked, and what it refuses is taken off again. Stock's answers are told by the test. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { a103, act, becomes, outbox, place, readied, reserved, show, type ShownDelivery } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await harness.service.db.query(statement) }).toEqual({ name, rows: [] })
  await harness.stop()
})

const elsewhere = 'WH/Stock'
const picks = [{ line: 1, location: elsewhere, picked: '3' }]
const message = '3 of PX at WH/Stock are wanted, 0 are there.'
const picksOf = (delivery: ShownDelivery) => delivery.lines[0]?.picks.map(({ location, quantity, picked }) => `${location} ${picked}/${quantity}`) // prettier-ignore

/** Stock's answer to the second need: all at A1-03, and what was picked elsewhere refused. */
function refusing(delivery: ShownDelivery) {
  const answer = reserved(delivery, 2)
  const refused = { line: 1, location: elsewhere, quantity: '3', code: 'not-enough-stock', message }
  return { ...answer, data: { ...(answer.data as object), refusedPicks: [refused] } }
}

const askedAgain = (id: string) =>
  until('stock is asked', async () => (await outbox(harness, id)).find(({ type }) => type === 'delivery-amended'))

describe('D2 A pick that nobody suggested', () => {
  test('D2 waits for stock, which is told what is picked; refused it is answered as a refusal, and off again', async () => {
    const delivery = await readied(harness, 'SO-NO')
    const answer = act(harness.user, 'PATCH', delivery, 'picks', { picks })
    expect((await askedAgain(delivery.id)).data).toMatchObject({
      revision: 2,
      lines: [{ line: 1, quantity: '10', picked: [{ location: elsewhere, quantity: '3' }] }, { line: 2 }],
    })
    await harness.publish(refusing(delivery))
    const problem = `Stock refused what was picked: line 1: ${message}`
    expect(await answer).toMatchObject({ status: 409, body: { detail: problem } })
    const after = await show(harness, delivery.id)
    expect(after).toMatchObject({ status: 'ready', problem })
    expect(picksOf(after)).toEqual([`${a103} 0/10`])
    expect(after.history.at(-1)).toMatchObject({ what: 'pick-refused', why: problem })
  })

  test('D2 that stock takes is reserved there, and the answer is the delivery as it is then', async () => {
    const delivery = await readied(harness, 'SO-YES')
    const answer = act(harness.user, 'PATCH', delivery, 'picks', { picks })
    await askedAgain(delivery.id)
    await harness.publish(reserved(delivery, 2, ({ line, quantity }) => line === 1 ? [place(elsewhere, '3'), place(a103, '7')] : [place(a103, quantity)])) // prettier-ignore
    const { status, body } = await answer
    expect([status, picksOf(body)]).toEqual([200, [`${elsewhere} 3/3`, `${a103} 0/7`]])
  })

  test('D2 that stock does not answer in time stands unconfirmed, and a repeat of the request hears what came of it', async () => {
    const delivery = await readied(harness, 'SO-LATE')
    const options = { version: delivery.version, body: { picks }, key: randomUUID() }
    const path = `/v1/deliveries/${delivery.id}/picks`
    const first = await harness.user.send<ShownDelivery>('PATCH', path, options)
    expect(first).toMatchObject({ status: 200, body: { status: 'in_progress', problem: null } })
    expect(first.body.lines[0]?.picks).toMatchObject([{ location: elsewhere, confirmed: false }, {}])
    await harness.publish(refusing(delivery))
    await becomes(harness, delivery.id, 'ready')
    expect(await harness.user.send('PATCH', path, options)).toMatchObject({ status: 409 })
  })

  test('D2 that stock has not answered delays nobody who picks what was suggested, and is not refused to them', async () => {
    const delivery = await readied(harness, 'SO-OTHERS')
    const asked = act(harness.user, 'PATCH', delivery, 'picks', { picks })
    await askedAgain(delivery.id)
    const begun = await show(harness, delivery.id)
    const suggested = { picks: [{ line: 1, location: a103, picked: '2' }] }
    const other = act(harness.user, 'PATCH', begun, 'picks', suggested)
    const now = await until('it is entered', async () => {
      const shown = await show(harness, delivery.id)
      return shown.version > begun.version ? shown : undefined
    })
    const scanned = act(harness.user, 'POST', now, 'scans', { code: a103 })
    await until('it is set', async () => (await show(harness, delivery.id)).scanLocation ?? undefined)
    await harness.publish(refusing(delivery))
    await asked
    // Stock had not answered, and took off what the first had picked: that is nothing to the others.
    expect((await other).status).toBe(200)
    expect(await scanned).toMatchObject({ status: 200, body: { scanLocation: a103 } })
    expect(picksOf(await until('it is off', async () => {
      const shown = await show(harness, delivery.id)
      return shown.problem === null ? undefined : shown
    }))).toEqual([`${a103} 2/10`]) // prettier-ignore
  })
})
