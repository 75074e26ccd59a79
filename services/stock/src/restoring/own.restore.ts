/** Stock's own documents, made again from their postings after the database fell back. Pure. */
import { minus, parseQuantity, parseUnitPrice, plus, type Quantity } from '@stockline/amounts'
import type { PostedDocument } from '@stockline/contracts'
import { differenceOf, type Adjustment, type AdjustmentLine } from '../adjustments/adjustment.ts'
import type { Disposition } from '../dispositions/disposition.ts'
import type { BalanceKey } from '../ledger/balances.actions.ts'

/** Stands for a reason, and for a person, of which the bus says nothing. */
const notKnown = 'not-known'

/** A posting, and what is known besides. */
export interface KnownPosting {
  readonly data: PostedDocument
  /** Where the ledger has it now. */
  readonly position: bigint
  /** On hand just before it at the place of each line, in their order. */
  readonly before: readonly Quantity[]
  /** Who posted it. */
  readonly by: string | undefined
  readonly createdAt: Date
}

/** Stands for a document whose number was given, and of which the bus has no posting. */
interface Untold {
  readonly id: string
  readonly number: string
  readonly warehouse: string
  readonly createdAt: Date
}

/** How a kind is made again. */
export interface RestorableOwn<Document> {
  /** For people: `adjustment`, `Adjustments`. */
  readonly one: string
  readonly many: string
  /** As it was posted; with what the database has of it, where it has something. */
  readonly posted: (posting: KnownPosting, before: Document | undefined) => Document
  readonly untold: (given: Untold) => Document
  /** What the history says is not known of one that is made again. */
  readonly lacks: string
}

type PostedLine = PostedDocument['lines'][number]

/** What a line of a posting is about: what there is more or less of, and where. */
export function keyOfPosted({ sku, lot, status = 'available', from, to }: PostedLine): BalanceKey {
  const location = from.type === 'internal' ? from.location : to.location
  return { sku, lot, status, location }
}

/** How adjustments are made again. */
export const restorableAdjustments: RestorableOwn<Adjustment> = {
  one: 'adjustment',
  many: 'Adjustments',
  posted: (posting, before) => {
    const { data, position, by = notKnown } = posting
    const lines = data.lines.map((line, index) => adjustmentLine(line, posting, posting.before[index])).toSorted(byLine)
    const [submittedBy, submittedAt] = [by, new Date(data.recordedAt)]
    const done = { status: 'posted', problem: null, attempt: data.attempt, position } as const
    if (before !== undefined)
      return {
        ...{ ...before, ...done, lines: differsAlike(before.lines, lines) ? before.lines : lines },
        submittedBy: before.submittedBy ?? submittedBy,
        submittedAt: before.submittedAt ?? submittedAt,
      }
    const { documentId: id, number } = data
    const head = untoldAdjustment({ id, number, warehouse: warehouseOf(data), createdAt: posting.createdAt })
    const atPosition = position - 1n
    return { ...head, ...done, createdBy: by, submittedBy, submittedAt, atPosition, lines }
  },
  untold: untoldAdjustment,
  lacks:
    'Not known are its reason, note and evidence, who counted, when, and lines that did not differ; ' +
    'expected is what the ledger had just before it was posted.',
}

function untoldAdjustment(given: Untold): Adjustment {
  return {
    ...given,
    ...{ status: 'rejected', version: 1, reason: notKnown, note: null, evidence: null, blind: false, countId: null },
    ...{ problem: null, createdBy: notKnown, countedBy: [], submittedBy: null, submittedAt: null, forced: false },
    ...{ attempt: 0, atPosition: 0n, position: null, lines: [] },
  }
}

function adjustmentLine(line: PostedLine, { position }: KnownPosting, before: Quantity | undefined): AdjustmentLine {
  const quantity = parseQuantity(line.quantity)
  const isGain = line.to.type === 'internal'
  const was = before ?? quantity
  const counted = isGain ? plus(was, quantity) : minus(was, quantity)
  // Where the ledger may go below zero: nobody counts less than nothing.
  const below = counted < 0n ? counted : parseQuantity('0')
  return {
    ...keyOfPosted(line),
    ...{ line: line.line, unit: line.unit, expected: minus(was, below), counted: minus(counted, below) },
    ...{ atPosition: position - 1n, reason: null, countedBy: notKnown },
    unitCost: line.unitCost === undefined ? null : parseUnitPrice(line.unitCost),
  }
}

/** Do these differ by the same, line by line? */
function differsAlike(kept: readonly AdjustmentLine[], moved: readonly AdjustmentLine[]): boolean {
  const texts = (lines: readonly AdjustmentLine[]) =>
    lines
      .filter((line) => differenceOf(line) !== 0n)
      .map((one) => [one.line, one.sku, one.location, one.lot, one.status, differenceOf(one)].map(String).join('\n'))
  return texts(kept).join('\n\n') === texts(moved).join('\n\n')
}

/** How changes of status are made again. */
export const restorableStatusChanges: RestorableOwn<Disposition> = {
  ...{ one: 'change of status', many: 'Changes of status' },
  ...ofDispositions(({ toStatus = null }) => toStatus),
}

/** How scraps are made again. */
export const restorableScraps: RestorableOwn<Disposition> = {
  ...{ one: 'scrap', many: 'Scraps' },
  ...ofDispositions(() => null),
}

function ofDispositions(toStatusOf: (line: PostedLine) => Disposition['lines'][number]['toStatus']) {
  return {
    posted: ({ data, position, by = notKnown, createdAt }: KnownPosting, before: Disposition | undefined) => {
      const { documentId: id, number } = data
      const head = before ?? {
        ...untoldDisposition({ id, number, warehouse: warehouseOf(data), createdAt }),
        submittedBy: by,
      }
      const lines = data.lines.map((line): Disposition['lines'][number] => ({
        ...keyOfPosted(line),
        ...{ line: line.line, toStatus: toStatusOf(line), quantity: parseQuantity(line.quantity), unit: line.unit },
      }))
      return { ...head, status: 'posted', problem: null, position, lines: lines.toSorted(byLine) } as const
    },
    untold: untoldDisposition,
    lacks: 'Not known are its reason and its note.',
  }
}

function untoldDisposition(given: Untold): Disposition {
  return {
    ...given,
    ...{ status: 'rejected', version: 1, reason: notKnown, note: null, submittedBy: notKnown },
    ...{ problem: null, position: null, lines: [] },
  }
}

function byLine(one: { readonly line: number }, other: { readonly line: number }): number {
  return one.line - other.line
}

function warehouseOf({ warehouse, number }: PostedDocument): string {
  if (warehouse === null) throw new Error(`${number} is posted without a warehouse.`)
  return warehouse
}
