/** What people give of transfers: a new one, its lines, a relocation. All that is wrong is named at once. Pure. */
import { parseQuantity } from '@stockline/amounts'
import { isAtOrBelow, isWithin, type LocationScope } from '@stockline/contracts/locations'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { mostLines } from '../documents/document.fields.ts'
import { nothingLeft, type Decided, type Facts } from '../documents/document.decide.ts'
import { faultsOfLines, type HandFacts } from '../documents/document.hand.ts'
import { locationFault, type Location } from '../locations/location.ts'
import { oneUnit, toBaseQuantity, type ReferenceData } from '../products/product.ts'
import type { newTransferBody, relocationBody, transferLinesBody } from './transfer.shapes.api.ts'
import type { Transfer, TransferLine } from './transfer.ts'

/** Places that a request names, and where its actor may act. */
export interface PlacesKnown {
  readonly locations: ReadonlyMap<string, Location>
  readonly scope: LocationScope
}

type Draft = Omit<Transfer, 'number'>
type GivenLine = z.output<typeof transferLinesBody>['lines'][number]

/** A draft of what the body gives. */
export function transferByHand(
  body: z.output<typeof newTransferBody>,
  { id, now: createdAt, referenceData, ...places }: HandFacts & PlacesKnown,
): Draft | Refusal {
  const { lines: given, source, destination, scheduledDate = null, note = null, ...rest } = body
  nothingLeft(rest)
  const faults = [...endFaults({ source, destination }, places), ...lineFaults(given, [], referenceData)]
  if (faults.length > 0) return refuse('transfer-wrong', 'content', 'It cannot be transferred so.', faults)
  const head = { ...blankTransfer, id, createdAt, source, destination, scheduledDate, note }
  return { ...head, warehouse: warehouseOf(source, places), lines: linesAfter([], given, referenceData) }
}

/** A draft with other lines. */
export function amendTransferLines(
  transfer: Transfer,
  { lines: given, ...rest }: z.output<typeof transferLinesBody>,
  { referenceData }: Facts,
): Decided<Transfer> {
  nothingLeft(rest)
  if (transfer.status !== 'draft')
    return refuse('transfer-confirmed', 'state', `${transfer.number} is ${transfer.status}: its lines stay.`)
  const faults = lineFaults(given, transfer.lines, referenceData)
  const lines = faults.length > 0 ? [] : linesAfter(transfer.lines, given, referenceData)
  if (lines.length === 0 && faults.length === 0) faults.push({ pointer: '/lines', message: 'must leave a line' })
  if (lines.length > mostLines) faults.push({ pointer: '/lines', message: 'must leave 1,000 lines at most' })
  if (faults.length > 0) return refuse('lines-wrong', 'content', 'Some lines are wrong.', faults)
  return { document: { ...transfer, lines, problem: null }, notes: [{ what: 'lines-changed', why: null }] }
}

/** A transfer that the ledger is asked to post in one step, from bin to bin. */
export function relocationByHand(
  body: z.output<typeof relocationBody>,
  { id, now: createdAt, referenceData, ...places }: HandFacts & PlacesKnown,
): Draft | Refusal {
  const { warehouse, lines: given, note = null, effectiveAt = null, ...rest } = body
  nothingLeft(rest)
  const faults = [
    ...faultsOfLines(given, 'transfer', referenceData),
    ...given.flatMap((line, index) => [
      ...lotFaults(line, index, referenceData, 'needs its lot'),
      ...binFaults(line, index, warehouse, places),
    ]),
  ]
  if (faults.length > 0) return refuse('relocation-wrong', 'content', 'It cannot be relocated so.', faults)
  const lines = given.map(({ from: fromLocation, to: toLocation, sku, quantity, unit, lot, ...none }, index) => {
    nothingLeft(none)
    return { ...lineOf({ line: index + 1, sku, quantity, unit, lot }, referenceData), fromLocation, toLocation }
  })
  const only = (all: readonly string[]) => (new Set(all).size === 1 ? (all[0] ?? warehouse) : warehouse)
  return {
    ...{ ...blankTransfer, id, createdAt, warehouse, note, effectiveAt, lines },
    source: only(given.map(({ from }) => from)),
    destination: only(given.map(({ to }) => to)),
    ...{ status: 'posting', asked: 'relocate', attempt: 1, confirmedAt: createdAt },
  }
}

/** What is the same for every new one. */
export const blankTransfer = {
  status: 'draft',
  problem: null,
  scheduledDate: null,
  note: null,
  effectiveAt: null,
  confirmedAt: null,
  attempt: 0,
  position: null,
  asked: null,
  version: 1,
} as const

/** What is wrong with both ends. What the actor may not see is as if it were not there. */
function endFaults(
  { source, destination }: Pick<Transfer, 'source' | 'destination'>,
  places: PlacesKnown,
): FieldError[] {
  const faults = [
    ...faultsOfPlace('/source', source, undefined, places),
    ...faultsOfPlace('/destination', destination, undefined, places),
  ]
  if (source === destination) faults.push({ pointer: '/destination', message: 'must be another place than the source' })
  else if (isAtOrBelow(source, destination))
    faults.push({ pointer: '/destination', message: 'has the source in it, so that nothing would leave: relocate it' })
  return faults
}

function binFaults(
  { from, to }: { readonly from: string; readonly to: string },
  index: number,
  warehouse: string,
  places: PlacesKnown,
): readonly FieldError[] {
  const at = `/lines/${String(index)}`
  return [
    ...faultsOfPlace(`${at}/from`, from, warehouse, places),
    ...faultsOfPlace(`${at}/to`, to, warehouse, places),
    ...(from === to ? [{ pointer: `${at}/to`, message: 'must be another place than `from`' }] : []),
  ]
}

/** Why goods can neither be taken from there nor put there by this actor. @param warehouse in which it must be; undefined: in any */
export function faultsOfPlace(
  pointer: string,
  code: string,
  warehouse: string | undefined,
  { locations, scope }: PlacesKnown,
): FieldError[] {
  const location = isWithin(scope, code) ? locations.get(code) : undefined
  const message = locationFault(warehouse ?? location?.warehouse ?? '', code, location)
  return message === undefined ? [] : [{ pointer, message }]
}

function warehouseOf(code: string, { locations }: PlacesKnown): string {
  return locations.get(code)?.warehouse ?? ''
}

/** Faults of lines that are given for those that are there. */
function lineFaults(
  given: readonly GivenLine[],
  there: readonly TransferLine[],
  referenceData: ReferenceData,
): FieldError[] {
  const [known, seen] = [new Set(there.map(({ line }) => line)), new Set<number>()]
  const faults = faultsOfLines(given, 'transfer', referenceData)
  for (const [index, each] of given.entries()) {
    const at = (field: string, message: string) => faults.push({ pointer: `/lines/${String(index)}/${field}`, message })
    if (each.line !== undefined && seen.has(each.line)) at('line', `line ${String(each.line)} stands here twice`)
    else if (each.line !== undefined) seen.add(each.line)
    if (parseQuantity(each.quantity) === 0n && !known.has(each.line ?? 0)) at('quantity', 'must be above zero')
    faults.push(...lotFaults(each, index, referenceData))
  }
  return faults
}

/** A lot is of a tracked product alone, and a serial number counts one. @param needed of what must name its lot */
function lotFaults(
  { sku, lot, quantity, unit }: { sku: string; lot?: string | undefined; quantity: string; unit?: string | undefined },
  index: number,
  { products, units }: ReferenceData,
  needed?: string,
): readonly FieldError[] {
  const product = products.get(sku)
  if (product === undefined) return []
  const fault = (field: string, message: string) => [{ pointer: `/lines/${String(index)}/${field}`, message }]
  if (product.tracking === 'none')
    return lot === undefined ? [] : fault('lot', `${sku} is not tracked by lot or serial number`)
  if (lot === undefined) return needed === undefined ? [] : fault('lot', `${sku} ${needed}`)
  const base = toBaseQuantity(product, parseQuantity(quantity), unit ?? product.unit, units)
  const isOne = product.tracking === 'lot' || base === oneUnit || base === 0n
  return isOne ? [] : fault('quantity', `a serial number counts one ${product.unit}, not ${quantity}`)
}

/** The lines after some are replaced, added or taken off. Those that are added without a number come last. */
function linesAfter(
  there: readonly TransferLine[],
  given: readonly GivenLine[],
  referenceData: ReferenceData,
): readonly TransferLine[] {
  const lines = new Map(there.map((line) => [line.line, line]))
  for (const { line, ...each } of given)
    if (line !== undefined) lines.set(line, lineOf({ ...each, line }, referenceData))
  let last = Math.max(0, ...lines.keys())
  for (const { line, ...each } of given)
    if (line === undefined) lines.set((last += 1), lineOf({ ...each, line: last }, referenceData))
  return [...lines.values()].filter(({ quantity }) => quantity > 0n).sort((a, b) => a.line - b.line)
}

function lineOf(given: GivenLine & { readonly line: number }, { products }: ReferenceData): TransferLine {
  const { line, sku, quantity, unit, lot = null, ...rest } = given
  nothingLeft(rest)
  const baseUnit = products.get(sku)?.unit ?? ''
  const none = { fromLocation: null, toLocation: null, moves: [] }
  return { line, sku, quantity: parseQuantity(quantity), unit: unit ?? baseUnit, lot, baseUnit, ...none }
}
