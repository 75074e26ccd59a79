/** The counters behind document numbers. */
import { sql } from '@stockline/service-kit'
import type { Tx } from '../database.ts'

const takeStatement = sql(`
  INSERT INTO numbers (warehouse, type, last) VALUES ($1, $2, $3)
  ON CONFLICT (warehouse, type) DO UPDATE SET last = numbers.last + excluded.last
  RETURNING last`)

const lastStatement = sql(`SELECT last FROM numbers WHERE (warehouse, type) = ($1, $2) FOR UPDATE`)

/** The last number that was given; 0 where none was. It stays locked until the transaction ends. */
export async function lockCounter(tx: Tx, warehouse: string, type: string): Promise<bigint> {
  const [row] = await tx.query<{ last: bigint }>(lastStatement, [warehouse, type])
  return row?.last ?? 0n
}

/** Moves the counter on and gives back where it stands then. It stays locked until the transaction ends. */
export async function advanceCounter(tx: Tx, warehouse: string, type: string, by: number): Promise<bigint> {
  const [row] = await tx.query<{ last: bigint }>(takeStatement, [warehouse, type, by])
  if (row === undefined) throw new Error(`The counter ${warehouse}/${type} gave no number.`)
  return row.last
}
