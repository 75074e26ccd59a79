/** Removal strategies: from which quant stock is taken first. (Cost methods are valuation's word, and another thing.) */
import type { LedgerProduct, RemovalRule, RemovalStrategy } from '../ledger/reference.ts'
import type { Quant } from '../ledger/stock.ts'

/** The strategy for a product in a warehouse: the narrowest rule, else FEFO for lots and FIFO for all others. */
export function strategyFor(rules: readonly RemovalRule[], warehouse: string, product: LedgerProduct): RemovalStrategy {
  let best: RemovalRule | undefined
  for (const rule of rules) {
    const fits =
      (rule.warehouse === null || rule.warehouse === warehouse) &&
      (rule.category === null || rule.category === product.category)
    if (fits && (best === undefined || narrowness(rule) > narrowness(best))) best = rule
  }
  return best?.strategy ?? (product.tracking === 'lot' ? 'fefo' : 'fifo')
}

function narrowness(rule: RemovalRule): number {
  return (rule.category === null ? 0 : 2) + (rule.warehouse === null ? 0 : 1)
}

/** Which of two quants is taken first. Never 0 for two different quants, so the choice is the same every time. */
export const compareQuants: Readonly<Record<RemovalStrategy, (a: Quant, b: Quant) => number>> = {
  fifo: (a, b) => arrived(a) - arrived(b) || byName(a, b),
  lifo: (a, b) => arrived(b) - arrived(a) || byName(a, b),
  fefo: (a, b) => byExpiry(a, b) || arrived(a) - arrived(b) || byName(a, b),
  closest: (a, b) => a.location.pickSequence - b.location.pickSequence || arrived(a) - arrived(b) || byName(a, b),
}

function arrived(quant: Quant): number {
  return quant.arrivedAt ?? 0
}

/** What never expires goes last. */
function byExpiry(a: Quant, b: Quant): number {
  return compareText(a.lot?.expiresOn ?? noDate, b.lot?.expiresOn ?? noDate)
}

function byName(a: Quant, b: Quant): number {
  return (
    compareText(a.location.code, b.location.code) ||
    compareText(a.lot?.code ?? '', b.lot?.code ?? '') ||
    compareText(a.packageId, b.packageId)
  )
}

/** Below zero where the first comes first, above it where the second does, zero for the same text. */
export function compareText(a: string, b: string): number {
  return Number(a > b) - Number(a < b)
}

/** Comes behind all dates. */
export const noDate = '9999-99-99'
