/** Steps of an adjustment: who may take them, and what the ledger is asked to post. Pure. */
import { distance, formatUnitPrice } from '@stockline/amounts'
import { refuse, type Refusal } from '@stockline/service-kit/refusal'
import type { MovedAtKey } from '../ledger/balances.actions.ts'
import { virtualLocations } from '../ledger/reference.ts'
import type { LineFault, Posting, PostingLine } from '../ledger/request.ts'
import { differenceOf, notChangeable, type Adjustment, type AdjustmentLine } from './adjustment.ts'

type May = (right: string) => boolean
type By = { readonly id: string }

/** May it be submitted now? `already` where it was; a refusal where it may not. */
export function submitRefusal(adjustment: Adjustment, by: By, may: May): 'already' | Refusal | undefined {
  if (adjustment.status === 'submitted' || adjustment.status === 'posted') return 'already'
  return notChangeable(adjustment, by, may)
}

/** May it be approved? Never by somebody who counted of it, began it or submitted it. */
export function approveRefusal(adjustment: Adjustment, by: By): 'already' | Refusal | undefined {
  const { status, number, countedBy, createdBy, submittedBy } = adjustment
  if (status === 'posted') return 'already'
  if (status !== 'submitted') return notSubmitted(adjustment, 'approved')
  if (![...countedBy, createdBy, submittedBy].includes(by.id)) return undefined
  return refuse('approver-counted', 'forbidden', `You counted or submitted ${number}: somebody else must approve it.`)
}

/** May it be rejected? */
export function rejectRefusal(adjustment: Adjustment): 'already' | Refusal | undefined {
  if (adjustment.status === 'rejected') return 'already'
  return adjustment.status === 'submitted' ? undefined : notSubmitted(adjustment, 'rejected')
}

/** May a manager post it by force? Whoever counted it, and whether it was submitted or not. */
export function forceRefusal({ status, number }: Adjustment): 'already' | Refusal | undefined {
  if (status === 'posted') return 'already'
  return status === 'rejected' ? refuse('adjustment-rejected', 'state', `${number} is rejected.`) : undefined
}

function notSubmitted({ number, status }: Adjustment, what: string): Refusal {
  return refuse('adjustment-not-submitted', 'state', `${number} is ${status}: only what is submitted is ${what}.`)
}

/**
 * What the ledger is asked for: each difference on top of what is there now, so that what moved since is not counted twice. Losses
 * first: a serial number that is at another place than expected leaves there before it is found here. Null where nothing differs.
 */
export function postingOf(adjustment: Adjustment, now: Date): Posting | null {
  const { id, number, attempt, warehouse } = adjustment
  const differing = adjustment.lines.filter((line) => differenceOf(line) !== 0n)
  const lines = [
    ...differing.filter((line) => differenceOf(line) < 0n),
    ...differing.filter((line) => differenceOf(line) > 0n),
  ].map(postingLine)
  if (lines.length === 0) return null
  return {
    ...{ action: 'post', kind: 'adjustment', documentId: id, number, attempt: attempt + 1, warehouse, lines },
    ...{ effectiveAt: now.getTime(), effectiveAtStated: false },
  }
}

function postingLine(line: AdjustmentLine): PostingLine {
  const { sku, lot, status, unit, location, unitCost, counted, expected } = line
  const difference = differenceOf(line)
  const { loss } = virtualLocations
  return {
    ...{ line: line.line, documentLine: null, sku, lot, expiresOn: null, status, unit },
    ...(difference < 0n ? { from: location, to: loss } : { from: loss, to: location }),
    quantity: distance(counted, expected),
    passThrough: difference > 0n && unitCost !== null ? { unitCost: formatUnitPrice(unitCost) } : {},
  }
}

/** Lines of which there is too little. What moved since they were counted says why. */
export function linesTooShort(
  { lines }: Pick<Adjustment, 'lines'>,
  faults: readonly LineFault[],
): readonly AdjustmentLine[] {
  const short = new Set(faults.flatMap(({ line, code }) => (code === 'not-enough-stock' ? [line] : [])))
  return lines.filter(({ line }) => short.has(line))
}

/** Why the ledger did not post it, for people. @param moved at each of these lines since it was counted */
export function problemOf(detail: string, short: readonly AdjustmentLine[], moved: readonly MovedAtKey[]): string {
  const texts = short.flatMap(({ line }, at) => {
    const { documents = [], more = 0 } = moved[at] ?? {}
    if (documents.length === 0) return []
    const listed = documents.map(({ number, quantity }) => `${number} ${quantity}`).join(', ')
    return [`Line ${String(line)}, since it was counted: ${listed}${more > 0 ? ` and ${String(more)} more` : ''}.`]
  })
  return [detail, ...texts].join(' ')
}
