/** An adjustment of a count, cut in two: what the ledger refused of it, and the rest. Pure. */
import type { LineFault } from '../ledger/request.ts'
import { differenceOf, type Adjustment } from './adjustment.ts'

/** The two parts; undefined where one of them would be empty, or where no count has made it. */
export function withoutLines(
  adjustment: Adjustment,
  faults: readonly LineFault[],
): { readonly kept: Adjustment; readonly refused: Omit<Adjustment, 'number'> } | undefined {
  const { number: _number, ...rest } = adjustment
  const at = new Set(faults.map(({ line }) => line))
  const refused = adjustment.lines.filter(({ line }) => at.has(line))
  const kept = adjustment.lines.filter(({ line }) => !at.has(line))
  if (adjustment.countId === null || at.has(null) || refused.length === 0) return undefined
  if (kept.every((line) => differenceOf(line) === 0n)) return undefined
  return {
    kept: { ...adjustment, lines: kept },
    refused: {
      ...rest,
      ...{ version: 1, status: 'submitted', forced: false, attempt: 0, position: null },
      lines: refused.map((line, index) => ({ ...line, line: index + 1 })),
    },
  }
}
