/** What is picked for a delivery, judged as the ledger would judge shipping it now. Pure. */
import type { NeedRequest, PickedAt, PostingLine } from '../ledger/document.ts'
import type { Picture } from '../ledger/picture.ts'
import { judgeLines } from '../ledger/posting.ts'

/** Something that is picked and could not be shipped. */
export interface RefusedPick extends PickedAt {
  readonly line: number
  readonly code: string
  readonly message: string
}

const nothingPicked: readonly never[] = []

/** What is picked, as lines of a posting, numbered from 1. Mostly none. */
export function pickedLines({ lines }: Pick<NeedRequest, 'lines'>): readonly PostingLine[] {
  const picks = picksOf(lines)
  if (picks.length === 0) return nothingPicked
  return picks.map(({ sku, location, lot, quantity }, index) => ({
    line: index + 1,
    documentLine: null,
    sku,
    location,
    lot,
    expiresOn: null,
    status: 'available',
    quantity,
    carried: {},
  }))
}

/** What of it could not be shipped, and why. Ask it while the delivery has nothing reserved. */
export function refusedPicks(picture: Picture, request: NeedRequest): readonly RefusedPick[] {
  const lines = pickedLines(request)
  if (lines.length === 0) return []
  const { documentId, number, warehouse } = request
  const faults = judgeLines(picture, {
    asks: 'post',
    kind: 'delivery',
    documentId,
    number,
    attempt: 1,
    warehouse,
    effectiveAt: picture.recordedAt,
    effectiveAtStated: false,
    lines,
  })
  const picks = picksOf(request.lines)
  const refused = new Map<number, RefusedPick>()
  for (const { line: at, code, message } of faults) {
    const pick = picks[(at ?? 0) - 1]
    if (pick === undefined || refused.has(at ?? 0)) continue
    const { line, location, lot, quantity } = pick
    refused.set(at ?? 0, { line, location, lot, quantity, code, message })
  }
  return [...refused.values()]
}

function picksOf(lines: NeedRequest['lines']): readonly (PickedAt & { readonly line: number; readonly sku: string })[] {
  if (lines.every(({ picked }) => picked === undefined)) return nothingPicked
  return lines.flatMap(({ line, sku, picked = [] }) => picked.map((pick) => ({ ...pick, line, sku })))
}
