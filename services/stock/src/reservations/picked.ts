/** What is picked for a delivery, judged as the ledger would judge shipping it now. Pure. */
import type { LineFault, DemandRequest, PickedAt, PostingLine } from '../ledger/request.ts'
import { virtualLocations } from '../ledger/reference.ts'
import type { WorkingSet } from '../ledger/working-set.ts'
import { judgeLines } from '../ledger/posting.ts'

/** What is picked and could not be shipped, and why. */
export interface PickFault extends PickedAt {
  readonly line: number
  readonly code: string
  readonly message: string
}

/** What is picked, as lines of a posting, numbered from 1. Mostly none. */
export function pickedLines({ lines }: Pick<DemandRequest, 'lines'>): readonly PostingLine[] {
  return picksOf(lines).map(({ sku, location, lot, quantity, life }, index) => ({
    line: index + 1,
    documentLine: null,
    sku,
    lot,
    expiresOn: null,
    status: 'available',
    quantity,
    life,
    from: location,
    to: virtualLocations.customer,
    passThrough: {},
  }))
}

/** What of it could not be shipped, and why; of one balance that is too little for all, all of it. Call it while the delivery has nothing reserved. */
export function refusedPicks(workingSet: WorkingSet, request: DemandRequest): readonly PickFault[] {
  const lines = pickedLines(request)
  if (lines.length === 0) return []
  const { documentId, number, warehouse, scheduledDate: dueOn } = request
  const faults = judgeLines(workingSet, {
    action: 'post',
    kind: 'delivery',
    documentId,
    number,
    attempt: 1,
    warehouse,
    dueOn,
    effectiveAt: workingSet.recordedAt,
    effectiveAtStated: false,
    lines,
  })
  const wrong = new Map<number | null, LineFault>()
  for (const fault of faults) if (!wrong.has(fault.line)) wrong.set(fault.line, fault)
  const picks = picksOf(request.lines)
  const tooMuch = new Map<string, LineFault>()
  picks.forEach((pick, index) => {
    const fault = wrong.get(index + 1)
    if (fault !== undefined && isOfBalance(fault)) tooMuch.set(balanceOf(pick), fault)
  })
  return picks.flatMap((pick, index): readonly PickFault[] => {
    const fault = wrong.get(index + 1) ?? tooMuch.get(balanceOf(pick))
    if (fault === undefined) return []
    const { line, location, lot, quantity } = pick
    return [{ line, location, lot, quantity, code: fault.code, message: fault.message }]
  })
}

/** Lines may take from one balance more than there is. Which was picked last, and is too much, only the asking service knows. */
function isOfBalance({ code }: LineFault): boolean {
  return code === 'not-enough-stock' || code === 'reserved-for-others'
}

function balanceOf({ sku, location, lot }: PickedAt & { readonly sku: string }): string {
  return JSON.stringify([sku, location, lot])
}

function picksOf(
  lines: DemandRequest['lines'],
): readonly (PickedAt & Pick<DemandRequest['lines'][number], 'line' | 'sku' | 'life'>)[] {
  return lines.flatMap(({ line, sku, life, picked = [] }) => picked.map((pick) => ({ ...pick, line, sku, life })))
}
