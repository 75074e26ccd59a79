/** Picking: what somebody took from where, checked against what the delivery needs. Every fault is named at once. Pure. */
import { isWholeAt, parseQuantity, type Quantity } from '@stockline/amounts'
import { refuse, type FieldFault, type Refusal } from '@stockline/service-kit/refusal'
import { isWithin, type Location, type Scope } from '../locations/location.ts'
import type { Catalog, Product } from '../products/product.ts'
import { isBegun, isSamePick, nothing, type Delivery, type DeliveryLine, type Pick } from './delivery.ts'
import { inPickOrder } from './delivery.reserve.ts'

/** One base unit, in the millionths that quantities are kept in. */
const oneUnit = 1_000_000n

/** What a person says they took: in the base unit, in place of what was said before of this place and lot. */
export interface GivenPick {
  readonly line: number
  readonly location: string
  readonly lot?: string | undefined
  readonly picked: string
}

/** What the rule must know beside the delivery. */
export interface PickingFacts {
  readonly picker: string
  readonly catalog: Catalog
  readonly locations: ReadonlyMap<string, Location>
  readonly scope: Scope
}

/** The delivery with these picks entered. Another place than was suggested is taken; stock says whether it is free. */
export function enterPicks(delivery: Delivery, given: readonly GivenPick[], facts: PickingFacts): Delivery | Refusal {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const faults: FieldFault[] = []
  const lines = new Map(delivery.lines.map((line) => [line.line, line]))
  const said = new Set<string>()
  given.forEach((one, index) => {
    const at = (field: string, message: string) => faults.push({ pointer: `/picks/${index}/${field}`, message })
    const line = lines.get(one.line)
    if (line === undefined) return at('line', `${delivery.number} has no line ${one.line}`)
    const key = `${one.line} ${one.location} ${one.lot ?? ''}`
    if (said.has(key)) return at('line', 'this line, place and lot stand here twice')
    said.add(key)
    const found = faults.length
    checkPick(delivery, line, one, facts, at)
    if (faults.length === found) lines.set(one.line, withPick(line, one, facts.locations.get(one.location)))
  })
  faults.push(...overpicked(delivery.lines, lines, given))
  if (faults.length > 0) return refuse('picks-wrong', 'content', 'Some picks are wrong.', faults)
  return picked({ ...delivery, lines: delivery.lines.map((line) => lines.get(line.line) ?? line) }, facts.picker)
}

/** Why nothing can be picked for it now; undefined when it can. */
export function pickable(delivery: Delivery): Refusal | undefined {
  if (delivery.status === 'ready' || delivery.status === 'in_progress') return undefined
  const why =
    delivery.status === 'draft' || delivery.status === 'waiting'
      ? `${delivery.number} waits${delivery.problem === null ? ' for stock' : `: ${delivery.problem}`}.`
      : `${delivery.number} is ${delivery.status}: nothing can be picked for it any more.`
  return refuse('delivery-not-ready', 'state', why)
}

/** The delivery as it is once its picks were changed by this person. */
export function picked(delivery: Delivery, picker: string): Delivery {
  const pickedBy = delivery.pickedBy.includes(picker) ? delivery.pickedBy : [...delivery.pickedBy, picker]
  return { ...delivery, status: isBegun(delivery) ? 'in_progress' : 'ready', problem: null, pickedBy }
}

/** The line with so much picked at a place and of a lot. */
export function withPick(
  line: DeliveryLine,
  given: { readonly location: string; readonly lot?: string | undefined; readonly picked: string },
  location: Location | undefined,
): DeliveryLine {
  const key = { location: given.location, lot: given.lot ?? null }
  const amount = parseQuantity(given.picked)
  const known = line.picks.some((pick) => isSamePick(pick, key))
  const other: Pick = {
    ...key,
    expiresOn: null,
    pickSequence: location?.pickSequence ?? 0,
    quantity: nothing,
    picked: amount,
  }
  const picks = known
    ? line.picks.map((pick) => (isSamePick(pick, key) ? { ...pick, picked: amount } : pick))
    : [...line.picks, other]
  // A place that was chosen by mistake and put back to nothing leaves no trace.
  return { ...line, picks: inPickOrder(picks.filter((pick) => pick.quantity > 0n || pick.picked !== 0n)) }
}

function checkPick(
  delivery: Delivery,
  line: DeliveryLine,
  given: GivenPick,
  facts: PickingFacts,
  at: (field: string, message: string) => void,
): void {
  const product = facts.catalog.products.get(line.sku)
  if (product === undefined) return at('line', `product "${line.sku}" is not known`)
  const place = pickPlaceFault(delivery.warehouse, given.location, facts.locations.get(given.location), facts.scope)
  if (place !== undefined) at('location', place)
  const amount = parseQuantity(given.picked)
  for (const fault of quantityFaults(product, amount)) at('picked', fault)
  if (product.tracking === 'none' && given.lot !== undefined) at('lot', `${line.sku} is not kept in lots`)
  if (product.tracking !== 'none' && given.lot === undefined)
    at('lot', `${line.sku} is kept in ${product.tracking === 'lot' ? 'lots' : 'serial numbers'}: name which one`)
}

function quantityFaults(product: Product, amount: Quantity): readonly string[] {
  const faults: string[] = []
  if (!isWholeAt(amount, product.unitDecimals))
    faults.push(`is too precise: ${product.sku} is kept in ${product.unit} with ${product.unitDecimals} decimals`)
  if (product.tracking === 'serial' && amount > oneUnit) faults.push('a serial number counts one')
  return faults
}

/** What is wrong with picking at a place, for a person; undefined when nothing. */
export function pickPlaceFault(
  warehouse: string,
  code: string,
  location: Location | undefined,
  scope: Scope,
): string | undefined {
  if (location === undefined || !isWithin(scope, code)) return `location "${code}" is not among your locations`
  if (location.warehouse !== warehouse) return `location "${code}" is not in warehouse ${warehouse}`
  if (location.type !== 'internal') return `location "${code}" holds no stock of ours`
  if (!location.active) return `location "${code}" is not in use any more`
  return undefined
}

/** Lines on which more would be picked than is needed, told at the last pick that names them. */
function overpicked(
  before: readonly DeliveryLine[],
  after: ReadonlyMap<number, DeliveryLine>,
  given: readonly GivenPick[],
): readonly FieldFault[] {
  return before.flatMap((line) => {
    const now = after.get(line.line) ?? line
    const index = given.findLastIndex((one) => one.line === line.line)
    const total = now.picks.reduce((sum, pick) => sum + (pick.picked ?? 0n), 0n)
    if (index < 0 || now.needed === null || total <= now.needed || total <= pickedBefore(line)) return []
    return [{ pointer: `/picks/${index}/picked`, message: `is more than line ${line.line} needs` }]
  })
}

/** What an amendment left too much of may be put back step by step. */
function pickedBefore(line: DeliveryLine): bigint {
  const total = line.picks.reduce((sum, pick) => sum + (pick.picked ?? 0n), 0n)
  return line.needed !== null && total > line.needed ? total - 1n : -1n
}

/** The pick list: every pick with its line's product, in the order of the way through the warehouse. */
export function pickListOf(
  delivery: Delivery,
): readonly (Pick & { readonly line: number; readonly sku: string; readonly picked: Quantity | null })[] {
  return inPickOrder(
    delivery.lines.flatMap((line) => line.picks.map((pick) => ({ ...pick, line: line.line, sku: line.sku }))),
  )
}
