/** Gives documents their numbers. */
import type { Tx } from '../database.ts'
import { documentNumber, type NumberType } from './number.ts'
import { advanceCounter } from './number.store.ts'

/**
 * The next `count` numbers of a warehouse and type, in order. Everybody else waits for them until this transaction
 * ends: take them last, all at once. If it rolls back they are free again, so that no gap is left.
 */
export async function takeNumbers(
  tx: Tx,
  warehouse: string,
  type: NumberType,
  count: number,
): Promise<readonly string[]> {
  if (count === 0) return []
  const last = await advanceCounter(tx, warehouse, type, count)
  return Array.from({ length: count }, (_, index) => documentNumber(warehouse, type, last - BigInt(count - 1 - index)))
}
