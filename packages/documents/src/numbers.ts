/** Numbers that people know documents by: gapless per warehouse and type. */
import { sql } from '@stockline/service-kit'
import type { Transaction } from './document.ts'

const takeStatement = sql(`
  INSERT INTO numbers (warehouse, type, last) VALUES ($1, $2, $3)
  ON CONFLICT (warehouse, type) DO UPDATE SET last = numbers.last + excluded.last
  RETURNING last`)

const lastStatement = sql(`SELECT last FROM numbers WHERE (warehouse, type) = ($1, $2) FOR UPDATE`)

/** `WH/IN/00042`. */
function documentNumber(warehouse: string, type: string, count: bigint): string {
  return `${warehouse}/${type}/${count.toString().padStart(5, '0')}`
}

/** A document's number taken apart; undefined where it is not one of ours. */
export function numberParts(
  number: string,
): { readonly warehouse: string; readonly type: string; readonly count: bigint } | undefined {
  const [, warehouse, type, count] = /^(.+)\/([A-Z]{2,3})\/(\d{5,18})$/.exec(number) ?? []
  if (warehouse === undefined || type === undefined || count === undefined) return undefined
  return { warehouse, type, count: BigInt(count) }
}

/** Where a counter must stand at least. */
export interface Advance {
  readonly warehouse: string
  readonly type: string
  readonly to: bigint
}

/** How far each counter must stand at least, so that no number that was told is given again. */
export function advancesFor(told: readonly string[]): readonly Advance[] {
  const parts = told.flatMap((number) => numberParts(number) ?? [])
  return [...Map.groupBy(parts, ({ warehouse, type }) => `${warehouse}/${type}`).values()].flatMap((of) => {
    const [first] = of
    if (first === undefined) return []
    const to = of.reduce((highest, { count }) => (count > highest ? count : highest), 0n)
    return [{ warehouse: first.warehouse, type: first.type, to }]
  })
}

/** Numbers behind `last`, up to that of the advance, that nobody told of: their documents left no trace. */
export function untoldNumbers({ warehouse, type, to }: Advance, last: bigint, told: ReadonlySet<string>): string[] {
  const untold: string[] = []
  for (let count = last + 1n; count <= to; count += 1n) {
    const number = documentNumber(warehouse, type, count)
    if (!told.has(number)) untold.push(number)
  }
  return untold
}

/**
 * The next `count` numbers of a warehouse and type, in order. Everybody else waits for them until this transaction
 * ends: take them last, all at once. If it rolls back they are free again, so that no gap is left.
 */
export async function takeNumbers(
  tx: Transaction,
  warehouse: string,
  type: string,
  count: number,
): Promise<readonly string[]> {
  if (count === 0) return []
  const last = await advanceCounter(tx, warehouse, type, count)
  return Array.from({ length: count }, (_, index) => documentNumber(warehouse, type, last - BigInt(count - 1 - index)))
}

/**
 * Moves the counters behind numbers that were told before the database fell back, so that they are not given again. Gives those of
 * which there is no document, which must be filled: nobody told of them, or of nothing but the number.
 */
export async function restoreNumbers(
  tx: Transaction,
  told: readonly string[],
  withoutDocument: ReadonlySet<string>,
): Promise<readonly string[]> {
  const known = new Set(told.filter((number) => !withoutDocument.has(number)))
  const untold: string[] = []
  for (const advance of advancesFor(told).toSorted((a, b) => (a.warehouse < b.warehouse ? -1 : 1))) {
    const { warehouse, type, to } = advance
    const [row] = await tx.query<{ last: bigint }>(lastStatement, [warehouse, type])
    const last = row?.last ?? 0n
    if (to <= last) continue
    await advanceCounter(tx, warehouse, type, Number(to - last))
    untold.push(...untoldNumbers(advance, last, known))
  }
  return untold
}

/** Moves the counter on and gives back where it stands then. It stays locked until the transaction ends. */
async function advanceCounter(tx: Transaction, warehouse: string, type: string, by: number): Promise<bigint> {
  const [row] = await tx.query<{ last: bigint }>(takeStatement, [warehouse, type, by])
  if (row === undefined) throw new Error(`The counter ${warehouse}/${type} gave no number.`)
  return row.last
}
