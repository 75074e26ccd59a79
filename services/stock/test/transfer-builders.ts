/** A warehouse for tests of transfers, and what became of requests. */
import type { LedgerOutcome } from '../src/ledger/ledger.ts'
import type { WorkingSet } from '../src/ledger/working-set.ts'
import { decideAndStore, location, posting, product, warehouse } from './builders.ts'

/** The transit place of what goes to WH. */
export const transit = 'Virtual/Transit/WH'

/** 10 of PX at Stock/A and 5 at Stock/B, 6 at the dock; 4 of lot L1 and 3 of L2, of which L2 expires first; serial number S1. */
export function stocked(): WorkingSet {
  const workingSet = warehouse(
    [
      product('PX', { unit: 'unit', unitDecimals: 0 }),
      product('RM'),
      product('ML', { tracking: 'lot' }),
      product('SN', { tracking: 'serial', unit: 'unit', unitDecimals: 0 }),
      product('SV', { type: 'service' }),
    ],
    [
      ...['WH/Stock', 'WH/Stock/A', 'WH/Stock/B', 'WH/Shop', 'WH/Shop/1', 'W2/Stock'].map((code) => location(code)),
      location('WH/Input', { reservable: false }),
      location('WH/Old', { active: false }),
    ],
  )
  decideAndStore(
    workingSet,
    posting('receipt', [
      { sku: 'PX', quantity: '10', location: 'WH/Stock/A' },
      { sku: 'PX', quantity: '5', location: 'WH/Stock/B' },
      { sku: 'PX', quantity: '6', location: 'WH/Input' },
      { sku: 'ML', quantity: '4', lot: 'L1', expiresOn: '2031-01-01', location: 'WH/Stock/A' },
      { sku: 'ML', quantity: '3', lot: 'L2', expiresOn: '2030-01-01', location: 'WH/Stock/A' },
      { sku: 'ML', quantity: '2', lot: 'L3', expiresOn: '2020-01-01', location: 'WH/Stock/A' },
      { sku: 'SN', quantity: '1', lot: 'S1', location: 'WH/Stock/A' },
    ]),
  )
  return workingSet
}

/** What became of requests, one line each. */
export function told(outcomes: readonly LedgerOutcome[]): string[] {
  return outcomes.map((one) => {
    if (one.outcome === 'refused')
      return `${one.request.number} refused: ${one.faults.map(({ code }) => code).join(', ')}`
    if (one.outcome === 'posted') {
      const moves = one.moves.map(({ quantityText, lot, from, to }) =>
        [quantityText, ...(lot === null ? [] : [lot.code]), from.code, to.code].join(' '),
      )
      return `${one.posting.number}: ${moves.join('; ')}`
    }
    if (one.outcome === 'waiting') return `${one.transfer.number} waits`
    if (one.outcome === 'reserved') return `${one.demand.number} has ${one.complete ? 'all' : 'not all'}`
    return one.outcome
  })
}
