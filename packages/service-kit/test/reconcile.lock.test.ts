/** A service without the fence may write while it is reconciled: its number must not be judged free. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { lockReconciliation } from '../src/history.reconcile.store.ts'
import { event, publish } from '../src/outbox.ts'
import { sql } from '../src/transaction.ts'
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
