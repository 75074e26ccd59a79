/** Are cached documents what their rows say? Each harness asks it when its tests have ended. */
import { deepStrictEqual } from 'node:assert/strict'
import { sql } from '@stockline/service-kit'
import type { Database } from '../src/database.ts'
import { deliveries } from '../src/deliveries/delivery.actions.ts'
import { receipts } from '../src/receipts/receipt.actions.ts'
import { transfers } from '../src/transfers/transfer.actions.ts'

const kinds = [
  {
    ...{ store: receipts.store, ids: sql('SELECT id FROM receipts ORDER BY id') },
    outdate: sql(`UPDATE receipts SET changed_at = changed_at + interval '1 second'`),
  },
  {
    ...{ store: deliveries.store, ids: sql('SELECT id FROM deliveries ORDER BY id') },
    outdate: sql(`UPDATE deliveries SET changed_at = changed_at + interval '1 second'`),
  },
  {
    ...{ store: transfers.store, ids: sql('SELECT id FROM transfers ORDER BY id') },
    outdate: sql(`UPDATE transfers SET changed_at = changed_at + interval '1 second'`),
  },
] as const

/** Throws where a cached document differs from its rows. Changes nothing. */
export async function compareCache(db: Database): Promise<void> {
  const undo = new Error('undone')
  for (const { store, ids: idsStatement, outdate } of kinds) {
    const compared = db.transaction({ actor: null, correlationId: 'compare-cache' }, async (tx) => {
      const ids = (await tx.query<{ id: string }>(idsStatement)).map(({ id }) => id)
      const cached = []
      for (const id of ids) cached.push(...(await store.lock(tx, [id])))
      // What is cached is older than its rows now, so that these are read.
      await tx.query(outdate)
      deepStrictEqual(cached, await store.lock(tx, ids))
      throw undo
    })
    await compared.catch((error: unknown) => {
      if (error !== undo) throw error
    })
  }
}
