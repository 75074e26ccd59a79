/** Fixtures for tests of reservations: a delivery's allocations, receipts and outcomes in short form. */
import { formatQuantity } from '@stockline/amounts'
import type { WorkingSet } from '../src/ledger/working-set.ts'
import { noon, posting, uuid, type decideAndStore } from './builders.ts'

/** What a delivery has, as `location lot quantity`. */
export function allocations(workingSet: WorkingSet, n: number): string[] {
  return (workingSet.demands.get(uuid(n))?.allocations ?? []).map(({ quant, quantity: q }) =>
    [quant.location.code, quant.lot?.code, formatQuantity(q)].filter((part) => part !== undefined).join(' '),
  )
}

/** A receipt of one product, put there. */
export function received(
  sku: string,
  q: string,
  location = 'WH/A',
  more: { lot?: string; expiresOn?: string; at?: number } = {},
) {
  const { at = noon, ...line } = more
  return posting('receipt', [{ sku, quantity: q, location, ...line }], { effectiveAt: at })
}

/** What came of a decision, in short. */
export function outcomes(decision: ReturnType<typeof decideAndStore>): string[] {
  return decision.outcomes.map((one) => {
    if (one.outcome === 'reserved') return `reserved ${one.demand.number.slice(-1)}${one.complete ? '' : ' in part'}`
    if (one.outcome === 'released') return `released ${one.demand.number.slice(-1)} ${one.code}`
    return one.outcome
  })
}
