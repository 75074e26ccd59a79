import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openHarness, type Harness } from './harness.ts'
import { lineA, purchaseOrder, receiptOf, tell, type Problem } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

describe('G1 Events that would do harm', () => {
  const nested = '['.repeat(8_000) + ']'.repeat(8_000)
  const deep = (orderNumber: string, where: string) =>
    JSON.stringify(purchaseOrder('confirmed', orderNumber, [lineA])).replace(where, `${where}"note":${nested},`)
  const harm: readonly [string, (orderNumber: string) => string, string][] = [
    ['8,000 brackets in the data', (number) => deep(number, '"data":{'), 'too-deep'],
    ['8,000 brackets beside the data', (number) => deep(number, '{'), 'too-deep'],
    ['8,000 brackets in a line', (number) => deep(number, '"lines":[{'), 'too-deep'],
    [
      'an object in an object, 3,000 times',
      (number) => deep(number, '"data":{').replace(nested, `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`),
      'too-deep',
    ],
    [
      'a NUL in an attribute',
      (number) =>
        deep(number, '"data":{').replace(nested, '1').replace('"specversion"', '"tenant":"\\u0000","specversion"'),
      'envelope',
    ],
    ['half of a surrogate pair', (number) => deep(number, '"data":{').replace(nested, '"\\ud800"'), 'envelope'],
  ]

  test.each(harm)('%s: by HTTP 422, on the bus quarantined, and the partition goes on', async (what, make, reason) => {
    const name = `PO-HARM-${String(harm.findIndex(([one]) => one === what))}`
    expect((await tell(harness, make(name))).status).toBe(422)
    const send = (value: string) => ({
      topic: 'purchasing.orders',
      message: { key: name, value: Buffer.from(value), headers: {} },
    })
    const next = JSON.stringify(purchaseOrder('confirmed', `${name}-NEXT`, [lineA]))
    await harness.service.bus.publish([send(make(name)), send(next)])
    await receiptOf(harness, `${name}-NEXT`)
    const page = await harness.administrator.get<{ items: { reason: string; key: string }[] }>(
      '/v1/quarantine?limit=200',
    )
    expect(page.body.items.filter((item) => item.key === name).map((item) => item.reason)).toEqual([reason])
  })

  test.each([
    ['/v1/receipts?source=%00', 422],
    ['/v1/receipts?source=%ff', 422],
    ['/v1/receipts?source=%ED%A0%80', 422],
    ['/v1/receipts?so%00urce=1', 422],
    ['/v1/receipts?source=100%', 200],
    [`/v1/receipts?cursor=${Buffer.from('['.repeat(700)).toString('base64url')}`, 422],
    [`/v1/receipts?cursor=${Buffer.from('["\\ud800","x"]').toString('base64url')}`, 422],
    ['/v1/receipts/%00', 404],
  ])('%s: %i', async (path, status) => {
    expect((await harness.manager.get(path)).status).toBe(status)
  })

  test('a body nested too deep, or with texts that cannot be kept, is 422', async () => {
    const headers = { 'idempotency-key': randomUUID(), 'content-type': 'application/json' }
    const post = (body: string) => harness.supervisor.send<Problem>('POST', '/v1/receipts', { body, headers })
    expect((await post(nested)).status).toBe(422)
    expect(await post('{"destination":"WH/Stock","note":"\\ud800","lines":[]}')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/note' }] },
    })
  })
})
