/** Fixtures of adjustments for tests of their rules. */
import { parseQuantity } from '@stockline/amounts'
import type { Adjustment, AdjustmentLine } from '../src/adjustments/adjustment.ts'
import { uuid } from './builders.ts'

/** A line that differs by what is counted of it. */
export function adjustmentLine(
  line: number,
  expected: string,
  counted: string,
  more: Partial<AdjustmentLine> = {},
): AdjustmentLine {
  return {
    ...{ line, sku: 'RM-A', location: 'WH/Stock', lot: null, status: 'available', unit: 'kg' },
    ...{ expected: parseQuantity(expected), counted: parseQuantity(counted), atPosition: 7n },
    ...{ unitCost: null, reason: null, countedBy: 'user', ...more },
  }
}

/** A draft that one user began and counted. */
export function adjustment(lines: Adjustment['lines'], more: Partial<Adjustment> = {}): Adjustment {
  return {
    ...{ id: uuid(1), number: 'WH/ADJ/00001', warehouse: 'WH', status: 'draft', version: 1, createdAt: new Date(0) },
    ...{ reason: 'count', note: null, evidence: null, blind: false, countId: null, problem: null, forced: false },
    ...{ createdBy: 'user', countedBy: ['user'], submittedBy: null, submittedAt: null, attempt: 0 },
    ...{ atPosition: 7n, position: null, lines, ...more },
  }
}
