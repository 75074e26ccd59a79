/** Is what picking remembers of documents what their rows say? Asked of every floor when its tests have ended. */
import { deepStrictEqual } from 'node:assert/strict'
import { sql } from '@stockline/service-kit'
import type { Database } from '../src/database.ts'
import { deliveries } from '../src/deliveries/delivery.actions.ts'
import { receipts } from '../src/receipts/receipt.actions.ts'

const kinds = [
  {
    ...{ store: receipts.store, ids: sql('SELECT id FROM receipts ORDER BY id') },
    outdate: sql(`UPDATE receipts SET changed_at = changed_at + interval '1 second'`),
  },
  {
    ...{ store: deliveries.store, ids: sql('SELECT id FROM deliveries ORDER BY id') },
    outdate: sql(`UPDATE deliveries SET changed_at = changed_at + interval '1 second'`),
  },
] as const

/** Throws where a document is remembered otherwise than it is kept. Changes nothing. */
export async function compareMemory(db: Database): Promise<void> {
  const undo = new Error('undone')
  for (const { store, ids: idsStatement, outdate } of kinds) {
    const compared = db.transaction({ actor: null, correlationId: 'compare-memory' }, async (tx) => {
      const ids = (await tx.query<{ id: string }>(idsStatement)).map(({ id }) => id)
      const remembered = []
      for (const id of ids) remembered.push(...(await store.lock(tx, [id])))
      // What is remembered is older than its rows now, so that these are read.
      await tx.query(outdate)
      deepStrictEqual(remembered, await store.lock(tx, ids))
      throw undo
    })
    await compared.catch((error: unknown) => {
      if (error !== undo) throw error
    })
  }
}
