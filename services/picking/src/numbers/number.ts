/** Numbers that people know documents by: gapless per warehouse and type. Pure. */

/** Receipts come in, deliveries go out, transfers stay inside. */
export type NumberType = 'IN' | 'OUT' | 'INT'

/** `WH/IN/00042`. */
export function documentNumber(warehouse: string, type: NumberType, count: bigint): string {
  return `${warehouse}/${type}/${count.toString().padStart(5, '0')}`
}

/** A document's number taken apart; undefined where it is not one of picking's. */
export function numberParts(
  number: string,
): { readonly warehouse: string; readonly type: NumberType; readonly count: bigint } | undefined {
  const [, warehouse, type, count] = /^(.+)\/(IN|OUT|INT)\/(\d{5,18})$/.exec(number) ?? []
  if (warehouse === undefined || count === undefined) return undefined
  return { warehouse, type: type as NumberType, count: BigInt(count) }
}

/** Where a counter must stand at least. */
export interface Advance {
  readonly warehouse: string
  readonly type: NumberType
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
