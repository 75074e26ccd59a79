/** What a service without the fence has written, or is writing, while it is reconciled: numbers must not be judged free. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { PublishedEvent } from '../src/messaging/history/compare.ts'
import { lockReconciliation, supersededAmong, supersededBy } from '../src/messaging/history/reconcile.store.ts'
import { event, publish } from '../src/messaging/outbox.ts'
import { sql } from '../src/database/transaction.ts'
import { outsideNoted } from './kit.contracts.ts'
import { kitDatabase, systemOrigin, until, type KitDatabase } from './kit.database.ts'

let kit: KitDatabase
beforeEach(async () => {
  kit = await kitDatabase('reconciled')
})
afterEach(() => kit.end())

test('what is being published is waited for, and seen', async () => {
  const [begun, mayGoOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const writer = kit.db.transaction(systemOrigin(), async (tx) => {
    await publish(tx, event(outsideNoted, 'book', { text: 'late' }))
    begun.resolve(undefined)
    await mayGoOn.promise
  })
  await begun.promise
  const reconciled = kit.db.transaction(systemOrigin(), async (tx) => {
    await lockReconciliation(tx)
    return (await tx.query<{ sequence: bigint }>(sql('select sequence from kit.outbox'))).length
  })
  const waiting = `select 1 from pg_locks where relation = 'kit.outbox'::regclass and not granted`
  await until(async () => (await kit.rows(waiting)).length === 1).finally(() => mayGoOn.resolve(undefined))
  await writer
  expect(await reconciled).toBe(1)
})

/** An event of the stream `book` that the bus has and the outbox lacks. */
function told(id: string, sequence: bigint, over: Partial<PublishedEvent> = {}): PublishedEvent {
  const message = { topic: 'outside', partition: 0, offset: sequence, key: 'book', value: null, headers: {} }
  const lost = { message, id, sequence, type: outsideNoted.type, subject: 'book', time: '2026-04-20T08:00:00Z' }
  return { ...lost, causationId: undefined, position: undefined, text: '', ...over }
}

describe('events that were lost belong to a history that is no more', () => {
  const at = (sequence: number) => `outside\nbook\n${String(sequence)}`
  test.each([
    ['none, where nobody wrote', [3, 4, 5], [], [], []],
    ['those whose numbers are taken', [3, 4, 5], [at(3)], [], [3]],
    ['one whose cause was taken again, and all behind it', [3, 4, 5, 6], [at(3)], [5], [3, 5, 6]],
    ['the last one whose cause was taken again', [3, 4, 5], [], [5], [5]],
    ['one whose cause was taken again and gave the same number', [3, 4], [at(3)], [3], [3]],
  ])('%s', (_title, lost, taken, again, expected) => {
    const events = lost.map((sequence) => told(`event ${String(sequence)}`, BigInt(sequence))).toReversed()
    const found = supersededBy(events, new Set(taken), new Set(again.map((sequence) => `event ${String(sequence)}`)))
    expect([...found]).toEqual(expected.map((sequence) => `event ${String(sequence)}`))
  })

  test('another stream has numbers of its own', () => {
    const events = [told('a', 3n), told('b', 4n, { subject: 'shelf' })]
    expect([...supersededBy(events, new Set(), new Set(['a']))]).toEqual(['a'])
  })

  test('a cause was taken again where another event came of it later, and not where it came before', async () => {
    const cause = '01a22b0f-0000-7000-8000-000000000001'
    await kit.db.transaction({ ...systemOrigin(), causationId: cause }, (tx) =>
      publish(tx, event(outsideNoted, 'book', { text: 'again' })),
    )
    const lost = [
      told('lost', 7n, { causationId: cause }),
      told('of another cause', 8n, { causationId: 'other', subject: 'shelf' }),
      told('later', 9n, { causationId: cause, subject: 'desk' }),
    ]
    const later = told('told after it', 2n, { causationId: cause, time: '2999-01-01T00:00:00Z' })
    const among = (events: readonly PublishedEvent[]) =>
      kit.db.transaction(systemOrigin(), async (tx) => [...(await supersededAmong(tx, events))])
    expect(await among(lost)).toEqual(['lost'])
    expect(await among([later])).toEqual([])
    expect(await among([])).toEqual([])
  })
})
