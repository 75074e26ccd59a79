/** Events equal in meaning are repeats, by HTTP and on the bus. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { purchasingOrderConfirmed } from '@stockline/contracts'
import { openInbox, type Inbox } from '../src/messaging/inbox.ts'
import { reaction } from '../src/messaging/reactions.ts'
import { kitDatabase, message, silent, systemOrigin, writeNote, type KitDatabase } from './kit.database.ts'

const line = { line: 1, sku: 'RM-A', quantity: '100', unit: 'kg', unitPrice: '2.50' }
const data = { orderNumber: 'PO-1', warehouse: 'WH', vendor: { code: 'A', name: 'A' }, lines: [line] }
const type = purchasingOrderConfirmed.type
const event = (over: object = {}, id = 'a') => ({
  ...{ specversion: '1.0', id, source: '/erp', type, subject: 'PO-1' },
  data: { ...data, ...over },
})
const equal = {
  scheduledDate: null,
  lines: [{ unitPrice: '2.5', unit: 'kg', quantity: '1E+2', sku: 'RM-A', line: 1, note: null }],
}
const other = { lines: [{ ...line, quantity: '101' }] }

let kit: KitDatabase
let inbox: Inbox
beforeEach(async () => {
  kit = await kitDatabase()
  inbox = openInbox(
    kit.db,
    [
      reaction(purchasingOrderConfirmed, {
        react: (tx, { data: { orderNumber } }) => tx.query(writeNote, [orderNumber]).then(() => undefined),
      }),
    ],
    silent,
  )
})
afterEach(() => kit.end())

const onBus = (value: unknown) => inbox.handle([message(value, { topic: 'purchasing.orders' })])

async function byHttp(value: unknown): Promise<string | undefined> {
  const headers = { 'content-type': 'application/cloudevents+json' }
  const sent = inbox.reader.submitted(headers, Buffer.from(JSON.stringify(value)), [purchasingOrderConfirmed])
  if (sent.mode !== 'one' || sent.read.kind !== 'event') throw new Error(JSON.stringify(sent))
  const { conflicts } = await inbox.accept(sent.read, systemOrigin())
  return [...conflicts.values()][0]
}

const reasons = () => kit.rows('select reason from kit.quarantine')

describe.each([
  ['the bus', onBus],
  ['HTTP', byHttp],
])('an event taken by %s', (_way, first) => {
  test('is the same in another notation, by both ways', async () => {
    await first(event())
    await onBus(event(equal))
    expect(await byHttp(event(equal))).toBeUndefined()
    expect([await kit.notes(), await reasons()]).toEqual([['PO-1'], []])
  })

  test('is another with another content, by both ways', async () => {
    await first(event())
    await onBus(event(other))
    expect(await byHttp(event(other))).toBe('other')
    expect([await kit.notes(), await reasons()]).toEqual([['PO-1'], [{ reason: 'other-content' }]])
  })

  test('of which the row is of 0.1.0 is judged as 0.1.0 did', async () => {
    await first(event())
    const read = inbox.reader.message(message(event(), { topic: 'purchasing.orders' }))
    const hash = read.kind === 'event' ? read.digest.by(1) : undefined
    await kit.rows('update kit.inbox set digest_version = 1, content_hash = $1', hash)
    expect(await byHttp(event())).toBeUndefined()
    expect(await byHttp(event(equal))).toBe('other')
  })

  test('of which the row is of a version to come cannot be judged, and that is told', async () => {
    await first(event())
    await kit.rows('update kit.inbox set digest_version = 3')
    await onBus(event())
    expect(await byHttp(event())).toBe('unjudged')
    expect(await reasons()).toEqual([{ reason: 'content-unjudged' }])
  })

  test('that differs only in a number which JavaScript cannot hold is another', async () => {
    const text = (number: string) => JSON.stringify(event({ x: 0 })).replace('"x":0', `"x":${number}`)
    const send = (number: string) => inbox.handle([messageOf(text(number))])
    await send('1234567890123456789')
    await send('1234567890123456789')
    expect(await reasons()).toEqual([])
    await send('1234567890123456788')
    expect(await reasons()).toEqual([{ reason: 'other-content' }])
  })
})

const messageOf = (text: string) => message(Buffer.from(text), { topic: 'purchasing.orders' })
