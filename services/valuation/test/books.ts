/** Valuation's books on a database of their own, without bus and HTTP. */
import { createHash } from 'node:crypto'
import { migrate, openDatabase, sql } from '@stockline/service-kit'
import { testDatabase } from '@stockline/test-kit'
import type { ValuationResult } from '../src/costing/costing.ts'
import { newPrisma, type Database } from '../src/database.ts'
import { takeInputs } from '../src/inputs/input.actions.ts'
import { newInput, type InputData } from '../src/inputs/input.ts'
import { rebuild, type Rebuilt } from '../src/inputs/rebuild.actions.ts'
import { invariants } from '../src/invariants.ts'
import { at, company } from './story.ts'

/** The system itself. */
export const nobody = { actor: null, correlationId: 'test' }
const readAll = {
  entries: sql('select * from entries order by id'),
  lines: sql('select * from entry_lines order by entry, line'),
  layers: sql('select * from cost_layers order by product_id, begins_at'),
  pools: sql('select * from cost_pools order by product_id'),
  parked: sql('select input, reason, detail from parked_documents order by input'),
  told: sql(`select sequence, value::jsonb->'data' as data from kit.outbox order by sequence`),
}

/** Open books. */
export interface OpenBooks {
  readonly db: Database
  readonly url: string
  /** Takes inputs as one batch. */
  take(...inputs: readonly InputData[]): Promise<ValuationResult>
  /** All that is kept, as text. */
  kept(): Promise<Readonly<Record<keyof typeof readAll, string>>>
  rebuilt(): Promise<Rebuilt>
  /** What offends an invariant, by its name. */
  offending(): Promise<Readonly<Record<string, readonly unknown[]>>>
  close(): Promise<void>
}

/** Opens books on a new database, which `before` may bring to where an earlier version left it. */
export async function openTestBooks(before?: (url: string) => Promise<void>): Promise<OpenBooks> {
  const database = await testDatabase('valuation')
  await before?.(database.url)
  await migrate(database.url, new URL('../prisma/migrations', import.meta.url))
  const db = openDatabase({ url: database.url, service: 'valuation', prisma: newPrisma })
  const kept = async (statement: (typeof readAll)[keyof typeof readAll]) =>
    JSON.stringify(await db.query(statement), (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
  return {
    db,
    url: database.url,
    take: (...inputs) =>
      db.transaction(nobody, (tx) =>
        takeInputs(
          tx,
          company,
          inputs.map((data) => newInput(withUuids(data), at)),
        ),
      ),
    kept: async () => {
      const all = await Promise.all(
        Object.entries(readAll).map(async ([name, one]) => [name, await kept(one)] as const),
      )
      return Object.fromEntries(all) as Record<keyof typeof readAll, string>
    },
    rebuilt: () => rebuild(db, company),
    offending: async () => {
      const found = await Promise.all(
        invariants.map(async ({ name, statement }) => [name, await db.query(statement)] as const),
      )
      return Object.fromEntries(found.filter(([, rows]) => rows.length > 0))
    },
    close: async () => {
      await db.close()
      await database.drop()
    },
  }
}

/** A UUID that is always the same for the same name. */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `7${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** Stories call things by short names; the database wants UUIDs. */
export function withUuids(data: InputData): InputData {
  if (data.kind === 'product-changed') return { ...data, productId: uuidOf(data.productId) }
  if (data.kind !== 'document') return data
  const lines = data.document.lines.map((line) => ({
    ...line,
    move: uuidOf(line.move),
    productId: uuidOf(line.productId),
  }))
  return { ...data, document: { ...data.document, documentId: uuidOf(data.document.documentId), lines } }
}
