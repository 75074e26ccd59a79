import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { transactionWith } from '../src/database/transaction.ts'
import { event, publish, type Outgoing } from '../src/messaging/outbox.ts'
import { noted } from './kit.contracts.ts'
import { kitDatabase, systemOrigin, writeNote, type KitDatabase } from './kit.database.ts'

let kit: KitDatabase
beforeAll(async () => {
  kit = await kitDatabase()
})
afterAll(() => kit.end())

test('the same transaction with another origin and receiver of its events: nothing is published, the rest is its own', async () => {
  const collected: Outgoing[] = []
  const origin = { actor: null, correlationId: 'another' }
  await kit.db.transaction(systemOrigin(), async (tx) => {
    const other = transactionWith(tx, { origin, collectEvents: (events) => collected.push(...events) })
    expect(other).toMatchObject({ origin, now: tx.now, source: tx.source })
    await publish(other, event(noted, 'book', { text: 'collected' }))
    await publish(transactionWith(other, {}), event(noted, 'book', { text: 'collected too' }))
    await publish(tx, event(noted, 'book', { text: 'published' }))
    await other.query(writeNote, ['written'])
  })
  expect(collected.map(({ data }) => data)).toEqual([{ text: 'collected' }, { text: 'collected too' }])
  const rows = await kit.rows<{ value: string }>('select value from kit.outbox')
  expect(rows.map(({ value }) => (JSON.parse(value) as { data: unknown }).data)).toEqual([{ text: 'published' }])
  expect(await kit.notes()).toEqual(['written'])
})
