/** Gives documents their numbers. */
import type { Tx } from '../database.ts'
import { advancesFor, documentNumber, untoldNumbers, type NumberType } from './number.ts'
import { advanceCounter, lockCounter } from './number.store.ts'

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

/**
 * Moves the counters behind numbers that were told before the database fell back, so that they are not given again. Gives the
 * numbers in between that nobody told of, which must be filled.
 */
export async function restoreNumbers(tx: Tx, told: readonly string[]): Promise<readonly string[]> {
  const known = new Set(told)
  const untold: string[] = []
  for (const advance of advancesFor(told).toSorted((a, b) => (a.warehouse < b.warehouse ? -1 : 1))) {
    const { warehouse, type, to } = advance
    const last = await lockCounter(tx, warehouse, type)
    if (to <= last) continue
    await advanceCounter(tx, warehouse, type, Number(to - last))
    untold.push(...untoldNumbers(advance, last, known))
  }
  return untold
}
