/** Stock on databases of its own, of which the service's falls back to an older copy. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { fallBack, keepCopy, runReconcile } from '@stockline/test-kit/fall-back'
import { serviceDatabases, type ServiceDatabases } from '@stockline/test-kit/service'
import { invariants } from '../src/invariants.ts'
import { runAdjustedStock } from './adjusting.ts'
import { openStock, type RunningStock } from './running.ts'

/** What a test of a restore does. */
export interface FallingBack {
  /** Stock as it runs now: it is started anew with each step. */
  readonly stock: () => RunningStock
  /** Keeps the database as it is, all of it sent, to fall back to. */
  readonly keep: () => Promise<void>
  /** Falls back to what was kept, all since then sent, and is reconciled. @returns what that program said */
  readonly fall: () => Promise<string>
  readonly expectInvariants: () => Promise<void>
}

/** Registers the start and the end of it, with the goods and people of adjustments. */
export function fallingBack(): FallingBack {
  let stock: RunningStock
  let databases: ServiceDatabases
  beforeAll(async () => {
    databases = await serviceDatabases('stock')
    stock = await runAdjustedStock(databases)
  }, 60_000)
  afterAll(async () => {
    await stock.stop()
    await Promise.all([databases.database.drop(), databases.bus.drop()])
  })
  const stopped = async () => {
    await until('all is sent', async () => {
      const rows = await stock.service.db.query(sql('select from kit.outbox where published_at is null'))
      return rows.length === 0
    })
    await stock.stop()
  }
  return {
    stock: () => stock,
    keep: async () => {
      await stopped()
      await keepCopy(databases)
      stock = await openStock(databases)
    },
    fall: async () => {
      await stopped()
      await fallBack(databases)
      const { said } = runReconcile(join(import.meta.dirname, '../src/reconcile.ts'), 'STOCK_DATABASE_URL', databases)
      stock = await openStock(databases)
      return said
    },
    expectInvariants: async () => {
      for (const { name, statement } of invariants)
        expect([name, await stock.service.db.query(statement)]).toEqual([name, []])
    },
  }
}
