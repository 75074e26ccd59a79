/** Picking: what was taken from where, checked against the demand. Every wrong field is named at once. Pure. */
import { formatQuantity, isWholeAt, parseQuantity, type Quantity } from '@stockline/amounts'
import { inPickOrder, mayAct } from '@stockline/contracts/locations'
import { isRefusal, refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { nothingLeft, type Decided, type Facts } from '../documents/document.decide.ts'
import { mostLines } from '../documents/document.fields.ts'
import { listed } from '../documents/document.text.ts'
import { lotOf } from '../orders/order.details.ts'
import { locationFault } from '../locations/location.ts'
import { oneUnit, type ReferenceData, type Product } from '../products/product.ts'
import {
  isBegun,
  isOpenDelivery,
  isPicked,
  isSamePick,
  leftOf,
  nothing,
  pickedOf,
  whyItWaits,
  type Delivery,
  type DeliveryLine,
  type Pick,
} from './delivery.ts'
import { afterPutBack, putBacksOf } from './delivery.put-back.ts'
import { needingConfirmation } from './delivery.confirm.ts'
import type { picksBody } from './delivery.shapes.api.ts'
import { shortageIn } from './delivery.shortage.ts'

/** The body of a request to enter picks. */
type Body = z.output<typeof picksBody>

/** In the base unit. Each replaces what was entered before for its location and lot. */
export type Picks = Body['picks']

/** Operator's step: replaces what was entered before for these locations and lots. */
export function pickDelivery(delivery: Delivery, { picks, ...rest }: Body, known: Facts): Decided<Delivery> {
  nothingLeft(rest)
  const document = enterPicks(delivery, picks, known)
  return isRefusal(document) ? document : { document, notes: [{ what: 'picked', why: pickedText(picks) }] }
}

/** The places that must be looked up for picks. */
export function placesPicked(delivery: Delivery, { picks }: Body): readonly string[] {
  return otherPlaces(delivery, picks)
}

/** Picks as the history shows them. */
export function pickedText(picks: Picks): string {
  const shown = picks.map(
    ({ line, location, lot, picked: amount }) =>
      `line ${line}: ${formatQuantity(parseQuantity(amount))} at ${location}${lot === undefined ? '' : `, ${lot}`}`,
  )
  return listed(shown, 10, '; ')
}

/** Locations among the picks that are not on their line yet. Others were suggested, or checked when they were chosen. */
export function otherPlaces(delivery: Delivery, given: Picks): readonly string[] {
  const lines = new Map(delivery.lines.map((line) => [line.line, line]))
  const others = given.filter(({ line, location }) => !hasPlace(lines.get(line), location))
  return [...new Set(others.map((one) => one.location))]
}

/**
 * The delivery with these picks entered. Another location, lot or amount than was suggested is accepted at first, and the demand has
 * a further revision: stock reserves it there, or refuses it.
 */
export function enterPicks(delivery: Delivery, given: Picks, known: Facts): Delivery | Refusal {
  const early = pickable(delivery)
  if (early !== undefined) return early
  if (!mayAct(known.scope, [...known.locations.keys()]))
    return refuse('location-unknown', 'unknown', 'One of the places is not among your locations.')
  const faults: FieldError[] = []
  const lines = new Map(delivery.lines.map((line) => [line.line, line]))
  const named = new Set<string>()
  given.forEach((one, index) => {
    const at = (field: string, message: string) => faults.push({ pointer: `/picks/${index}/${field}`, message })
    const line = lines.get(one.line)
    if (line === undefined) return at('line', `${delivery.number} has no line ${one.line}`)
    const key = `${one.line} ${one.location} ${String(one.lot)}`
    if (named.has(key)) return at('line', 'this line, place and lot stand here twice')
    named.add(key)
    const found = faults.length
    const place = line.picks.find(({ location }) => location === one.location) ?? known.locations.get(one.location)
    checkPick(delivery, line, one, known, at)
    if (place !== undefined && faults.length === found) lines.set(one.line, withPick(line, one, place))
  })
  const after = { ...delivery, lines: [...lines.values()] }
  faults.push(...overpicked(delivery, after, given), ...twicePicked(after, given, known.referenceData))
  if (faults.length > 0) return refuse('picks-wrong', 'content', 'Some picks are wrong.', faults)
  const tooMany = tooManyPicks(delivery, after)
  if (tooMany !== undefined) return tooMany
  return needingConfirmation(delivery, afterPutBack(delivery, picked(after, known.by.id)), known.now)
}

/** Why nothing can be picked for it now; undefined when it can. */
export function pickable(delivery: Delivery): Refusal | undefined {
  if (delivery.status === 'ready' || delivery.status === 'in_progress') return undefined
  const why = isOpenDelivery(delivery)
    ? `${delivery.number} cannot be picked yet: ${whyItWaits(delivery)}.`
    : `${delivery.number} is ${delivery.status}: nothing can be picked for it any more.`
  return refuse('delivery-not-ready', 'state', why)
}

/** The delivery after its picks were changed by this person. */
function picked(delivery: Delivery, picker: string): Delivery {
  const pickedBy = delivery.pickedBy.includes(picker) ? delivery.pickedBy : [...delivery.pickedBy, picker]
  // A refusal by the ledger is answered by picking again; a shortage remains.
  const problem = shortageIn(delivery.problem)
  return { ...delivery, status: isBegun(delivery) ? 'in_progress' : 'ready', problem, pickedBy }
}

/** The line with so much picked at a place and of a lot. */
function withPick(
  line: DeliveryLine,
  { line: _line, location: code, lot, picked: given, ...rest }: Picks[number],
  { pickSequence }: { readonly pickSequence: number },
): DeliveryLine {
  nothingLeft(rest)
  const key = { location: code, lot: lot ?? null }
  const amount = parseQuantity(given)
  const known = line.picks.some((pick) => isSamePick(pick, key))
  const other: Pick = {
    ...key,
    expiresOn: line.picks.find((pick) => pick.lot === key.lot)?.expiresOn ?? null,
    pickSequence,
    quantity: nothing,
    picked: amount,
  }
  const picks = known
    ? line.picks.map((pick) => (isSamePick(pick, key) ? { ...pick, picked: amount } : pick))
    : [...line.picks, other]
  // A location that was chosen by mistake is gone once its pick is zero.
  return { ...line, picks: inPickOrder(picks.filter((pick) => pick.quantity > 0n || pick.picked !== 0n)) }
}

function checkPick(
  delivery: Delivery,
  line: DeliveryLine,
  given: Picks[number],
  { referenceData, locations }: Facts,
  at: (field: string, message: string) => void,
): void {
  const product = referenceData.products.get(line.sku)
  if (product === undefined) {
    at('line', `product "${line.sku}" is not known`)
    return
  }
  if (!hasPlace(line, given.location)) {
    const place = locationFault(delivery.warehouse, given.location, locations.get(given.location))
    if (place !== undefined) at('location', place)
  }
  const amount = parseQuantity(given.picked)
  for (const fault of quantityFaults(product, amount)) at('picked', fault)
  if (product.tracking === 'none' && given.lot !== undefined) at('lot', `${line.sku} is not kept in lots`)
  if (product.tracking !== 'none' && given.lot === undefined)
    at('lot', `${line.sku} is kept in ${product.tracking === 'lot' ? 'lots' : 'serial numbers'}: name which one`)
  const ordered = lotOf(delivery.details, line.orderLine)
  if (ordered !== null && given.lot !== undefined && given.lot !== ordered && amount > 0n)
    at('lot', `line ${line.line} asks for lot ${ordered} alone, not for ${given.lot}`)
}

function quantityFaults(product: Product, amount: Quantity): readonly string[] {
  const faults: string[] = []
  if (!isWholeAt(amount, product.unitDecimals))
    faults.push(
      `the quantity is too precise: ${product.sku} is kept in ${product.unit} with ${product.unitDecimals} decimals`,
    )
  if (product.tracking === 'serial' && amount > oneUnit) faults.push('a serial number counts one')
  return faults
}

/**
 * Lines on which more would be picked than is demanded, reported at the last pick that names them. Of what an amendment left too much
 * of, less may be entered step by step.
 */
function overpicked(before: Delivery, after: Delivery, given: Picks): readonly FieldError[] {
  return after.lines.flatMap((line) => {
    const index = given.findLastIndex((one) => one.line === line.line)
    if (index < 0 || leftOf(line) >= 0n) return []
    const isLess = before.lines.some((one) => one.line === line.line && pickedOf(line) < pickedOf(one))
    if (isLess) return []
    return [{ pointer: `/picks/${index}/picked`, message: `the quantity is more than line ${line.line} needs` }]
  })
}

/** The most that a document ships and a demand names. A delivery with more, by an earlier version, may get fewer. */
function tooManyPicks(before: Delivery, after: Delivery): Refusal | undefined {
  const countOf = ({ lines }: Delivery) => lines.reduce((sum, { picks }) => sum + picks.filter(isPicked).length, 0)
  const count = countOf(after)
  if (count <= mostLines || count <= countOf(before)) return undefined
  return refuse(
    'delivery-too-long',
    'content',
    `A document has at most 1,000 picks; ${after.number} would have ${count}. Ship what is picked, and the rest after it.`,
  )
}

/** A serial number is one thing: it cannot have been taken from two places, or for two lines. */
function twicePicked({ lines }: Delivery, given: Picks, referenceData: ReferenceData): readonly FieldError[] {
  const serials = lines.flatMap(({ sku, picks }) =>
    referenceData.products.get(sku)?.tracking === 'serial'
      ? picks.filter(isPicked).map(({ lot }) => `${sku} ${String(lot)}`)
      : [],
  )
  const picked = Map.groupBy(serials, (serial) => serial)
  const skus = new Map(lines.map(({ line, sku }) => [line, sku]))
  return given.flatMap(({ line, lot }, index) => {
    const same = picked.get(`${String(skus.get(line))} ${String(lot)}`) ?? []
    if (same.length < 2) return []
    return [{ pointer: `/picks/${index}/lot`, message: `serial number ${String(lot)} would be picked twice` }]
  })
}

function hasPlace(line: DeliveryLine | undefined, location: string): boolean {
  return line?.picks.some((pick) => pick.location === location) === true
}

/** The pick list: every pick with its line's product, in the order of the way through the warehouse. */
export function pickListOf(
  delivery: Delivery,
): readonly (Pick & { readonly line: number; readonly sku: string; readonly putBack: Quantity })[] {
  return inPickOrder(
    delivery.lines.flatMap((line) => {
      const due = putBacksOf(delivery, line)
      return line.picks.map((pick) => ({ ...pick, line: line.line, sku: line.sku, putBack: due.get(pick) ?? nothing }))
    }),
  )
}
