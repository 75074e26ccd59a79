/** Transfers for tests of the rules. */
import type { Transfer, TransferLine, TransferMove } from '../src/transfers/transfer.ts'
import { q } from './builders.ts'

export function transfer(over: Partial<Transfer> = {}): Transfer {
  return {
    id: 'transfer id',
    number: 'WH/INT/00042',
    warehouse: 'WH',
    status: 'draft',
    source: 'WH/Stock',
    destination: 'WH/Input',
    scheduledDate: null,
    note: null,
    problem: null,
    confirmedAt: null,
    asked: null,
    effectiveAt: null,
    attempt: 0,
    position: null,
    version: 1,
    createdAt: new Date('2026-04-20T08:00:00Z'),
    lines: [transferLine(1, 'RM-A', '50'), transferLine(2, 'RM-B', '30')],
    ...over,
  }
}

export function transferLine(
  line: number,
  sku: string,
  quantity: string,
  over: Partial<TransferLine> = {},
): TransferLine {
  const none = { lot: null, fromLocation: null, toLocation: null, moves: [] }
  return { line, sku, quantity: q(quantity), unit: 'kg', baseUnit: 'kg', ...none, ...over }
}

/** What an attempt posted: the first shipped it, the second took it out of transit. */
export function move(what: TransferMove['what'], quantity: string, lot: string | null = null): TransferMove {
  const attempt = what === 'shipped' ? 1 : 2
  const location = what === 'lost' ? null : what === 'shipped' ? 'WH/Stock' : 'WH/Input'
  return { what, location, lot, quantity: q(quantity), attempt, position: String(attempt) }
}
