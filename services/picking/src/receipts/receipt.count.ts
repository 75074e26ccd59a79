/** Counting: what the operator enters in place of what the named lines held. Pure. */
import type { Quantity } from '@stockline/amounts'
import { mayAct } from '@stockline/contracts/locations'
import { isRefusal, refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { effectiveAtRefusal, nothingLeft, type Decided, type Facts } from '../documents/document.decide.ts'
import { mostLines } from '../documents/document.fields.ts'
import { listed } from '../documents/document.text.ts'
import { isFault, isSameQuantity, orFault, sumIn, type ReferenceData } from '../products/product.ts'
import { readEntry, targetOf, type Entries } from './receipt.entry.ts'
import { keepingPlaces, withoutPlaces } from './receipt.places.ts'
import { broughtBy, ownedIn, rejectedText } from './receipt.rejected.ts'
import type { entriesBody } from './receipt.shapes.api.ts'
import type { Entry, Receipt, ReceiptLine } from './receipt.ts'

/** What came. */
type Count = z.output<typeof entriesBody>

/** Operator's step: puts entries in place of what the named lines held. Every wrong field is named at once. */
export function countReceipt(receipt: Receipt, count: Count, known: Facts): Decided<Receipt> {
  const { entries, effectiveAt, ...rest } = count
  nothingLeft(rest)
  const early = effectiveAtRefusal(effectiveAt, known) ?? mayNotEnter(receipt, entries, known)
  if (early !== undefined) return early
  const after = enterCounts(receipt, entries, known)
  if (isRefusal(after)) return after
  const document = effectiveAt === undefined ? after : { ...after, effectiveAt }
  return { document, notes: [{ what: 'counted', why: countedText(entries) }] }
}

/** The places that a count names. */
export function placesCounted(_receipt: Receipt, { entries }: Count): readonly string[] {
  return entries.flatMap(({ destination, rejected }) => [destination ?? [], rejected?.location ?? []].flat())
}

function mayNotEnter(receipt: Receipt, given: Entries, { may, scope, locations }: Facts) {
  const closed = whyClosed(receipt)
  if (closed !== undefined) return closed
  if (given.some(({ unitCost }) => unitCost !== undefined) && !may('cost.enter'))
    return refuse('cost-forbidden', 'forbidden', 'Only a supervisor or a manager may enter a unit cost.')
  if (mayAct(scope, [...locations.keys()])) return undefined
  return refuse('location-unknown', 'unknown', 'One of the destinations is not among your locations.')
}

function enterCounts(receipt: Receipt, given: Entries, known: Facts): Receipt | Refusal {
  const lines = new Map(receipt.lines.map((line) => [line.line, line]))
  const counted = new Map<number, Entry[]>()
  const faults: FieldError[] = []
  const skus: string[] = []
  given.forEach((entry, index) => {
    const at = (field: string, message: string) => faults.push({ pointer: `/entries/${index}${field}`, message })
    const target = targetOf(entry, lines, known.referenceData, at)
    if (target === undefined) return
    skus[index] = target.line.sku
    lines.set(target.line.line, target.line)
    const read = readEntry(entry, target, receipt, known, at)
    if (read !== undefined) counted.set(target.line.line, [...(counted.get(target.line.line) ?? []), read])
  })
  if (faults.length > 0) return wrongEntries(faults)

  const after = withEntries(receipt, lines, counted, known)
  if (isRefusal(after)) return after
  const wrong = wholeReceiptFaults(after, given, skus, known.referenceData)
  return wrong.length > 0 ? wrongEntries(wrong) : after
}

function countedText(entries: Entries): string {
  return listed(
    entries.map((entry) => {
      const { line, sku = '', quantity } = entry
      return `${line === undefined ? sku : `line ${line}`}: ${quantity}${rejectedText(entry)}`
    }),
    10,
  )
}

/**
 * What was entered, in the line's unit: what was expected, where less than one step of the base unit is between. Null until counted
 * or while the unit cannot be converted.
 */
export function receivedOf(line: ReceiptLine, referenceData: ReferenceData): Quantity | null {
  if (line.entries === null) return null
  const product = referenceData.products.get(line.sku)
  const sum = product && sumIn(product, line.unit, ownedIn(line.entries), referenceData.units)
  if (product === undefined || sum === undefined) return line.received
  return sum !== 0n && isSameQuantity(product, line.unit, sum, line.expected, referenceData.units) ? line.expected : sum
}

function whyClosed(receipt: Receipt): Refusal | undefined {
  switch (receipt.status) {
    case 'draft':
    case 'in_progress':
      return undefined
    case 'in_review':
      return refuse(
        'receipt-in-review',
        'state',
        `${receipt.number} is with a supervisor, who can return it to be counted again.`,
      )
    case 'posting':
    case 'done':
    case 'cancelled':
      return refuse(
        'receipt-closed',
        'state',
        `${receipt.number} is ${receipt.status}; nothing can be entered any more.`,
      )
  }
}

function withEntries(
  receipt: Receipt,
  lines: ReadonlyMap<number, ReceiptLine>,
  counted: ReadonlyMap<number, readonly Entry[]>,
  { referenceData, by }: Facts,
): Receipt | Refusal {
  const faults: FieldError[] = []
  const after = [...lines.values()].map((line): ReceiptLine => {
    const entries = counted.get(line.line)
    if (entries === undefined) return line
    const recounted = { ...line, entries }
    const received = orFault(() => receivedOf(recounted, referenceData))
    if (!isFault(received)) return { ...recounted, received }
    faults.push({ pointer: '/entries', message: `line ${line.line}: ${received.fault}` })
    return line
  })
  if (faults.length > 0) return wrongEntries(faults)
  const { problem, waitsFor } = withoutPlaces(receipt)
  return keepingPlaces<Receipt>(receipt, {
    ...receipt,
    status: 'in_progress',
    // A refusal by the ledger is answered by counting again; unknown products and units stay unknown.
    problem: waitsFor.length === 0 ? null : problem,
    waitsFor,
    countedBy: receipt.countedBy.includes(by.id) ? receipt.countedBy : [...receipt.countedBy, by.id],
    lines: after.sort((a, b) => a.line - b.line),
  })
}

/**
 * What only the whole receipt shows: too many entries, one serial number twice.
 *
 * @param skus of the given entries
 */
function wholeReceiptFaults(
  receipt: Receipt,
  given: Entries,
  skus: readonly string[],
  referenceData: ReferenceData,
): FieldError[] {
  // What is rejected and held is told as a line of its own.
  const entries = receipt.lines.reduce((sum, line) => sum + Math.max(1, ownedIn(line.entries ?? []).length), 0)
  if (entries > mostLines)
    return [
      {
        pointer: '/entries',
        message: `a receipt has at most ${mostLines} lines and entries; what is held of an entry counts as another`,
      },
    ]
  const counted = Map.groupBy(
    receipt.lines.flatMap(({ sku, entries }) =>
      referenceData.products.get(sku)?.tracking === 'serial' && entries !== null
        ? entries.filter((entry) => broughtBy(entry) !== 0n).map(({ lot }) => `${sku} ${String(lot)}`)
        : [],
    ),
    (serial) => serial,
  )
  const serials = given.map(({ lot }, index) => `${String(skus[index])} ${String(lot)}`)
  // Entries of before may be twice, too, where the product was not kept by serial number then: they do not prevent counting.
  const twice = serials.find((serial) => (counted.get(serial) ?? []).length > 1)
  if (twice === undefined) return []
  return [
    {
      pointer: `/entries/${serials.lastIndexOf(twice)}/lot`,
      message: `serial number "${twice}" stands on this receipt twice`,
    },
  ]
}

function wrongEntries(errors: readonly FieldError[]): Refusal {
  return refuse('entries-wrong', 'content', 'Nothing was entered, since some entries are wrong.', errors)
}
