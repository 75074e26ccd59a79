/** Numbers that people know documents by: gapless per warehouse and type. Pure. */

/** Receipts come in, deliveries go out, transfers stay inside. */
export type NumberType = 'IN' | 'OUT' | 'INT'

/** `WH/IN/00042`. */
export function documentNumber(warehouse: string, type: NumberType, count: bigint): string {
  return `${warehouse}/${type}/${count.toString().padStart(5, '0')}`
}
