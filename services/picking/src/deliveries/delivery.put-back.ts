/** Putting back: what is picked beyond the demand, and what of it is back in its location. Pure. */
import {
  atLeastZero,
  formatQuantity,
  least,
  minus,
  parseQuantity,
  plus,
  quantity,
  type Quantity,
} from '@stockline/amounts'
import { refuse, type FieldError } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { nothingLeft, type Decided } from '../documents/document.decide.ts'
import { listed } from '../documents/document.text.ts'
import type { putBackBody } from './delivery.shapes.api.ts'
import {
  isBegun,
  isPicked,
  isSamePick,
  nothing,
  pickedOf,
  type Delivery,
  type DeliveryLine,
  type Pick as PlannedPick,
} from './delivery.ts'

/** The body of a request to put back. */
type PutBack = z.output<typeof putBackBody>

/** In the base unit. */
type GivenPutBack = NonNullable<PutBack['picks']>[number]

/** How much more is picked of a line than is demanded. All that a cancelled delivery has picked is to be put back. */
function overOf({ status }: Pick<Delivery, 'status'>, line: DeliveryLine): Quantity {
  if (status === 'posting' || status === 'done') return nothing
  const demanded = status === 'cancelled' ? nothing : line.needed
  // Null while the unit cannot be converted.
  if (demanded === null) return nothing
  return atLeastZero(minus(pickedOf(line), demanded))
}

/** What is to be put back of each pick of a line: from the last places on the way, as much as is too much. */
export function putBacksOf(delivery: Pick<Delivery, 'status'>, line: DeliveryLine): ReadonlyMap<PlannedPick, Quantity> {
  let left = overOf(delivery, line)
  const found = new Map<PlannedPick, Quantity>()
  for (const pick of line.picks.toReversed()) {
    const part = least(pick.picked ?? nothing, left)
    if (part > 0n) found.set(pick, part)
    left = minus(left, part)
  }
  return found
}

/** Is anything to be put back? */
export function putsBack(delivery: Pick<Delivery, 'status' | 'lines'>): boolean {
  return delivery.lines.some((line) => overOf(delivery, line) > 0n)
}

/**
 * Operator's step: these are back in their locations, or all that is to be put back where none are named. The smaller demand frees
 * them in stock. Where nothing is to be put back, a request that names nothing changes nothing and is no error.
 */
export function putBack(delivery: Delivery, { picks: given, ...rest }: PutBack): Decided<Delivery> {
  nothingLeft(rest)
  if (!putsBack(delivery)) {
    if (given === undefined) return 'already'
    return refuse('nothing-to-put-back', 'state', `Nothing is to be put back of ${delivery.number}.`)
  }
  const faults: FieldError[] = []
  const lines = delivery.lines.map((line) => {
    const due = putBacksOf(delivery, line)
    const amounts = given === undefined ? due : namedOn(line, overOf(delivery, line), given, faults)
    return amounts.size === 0 ? line : { ...line, picks: without(line.picks, amounts, delivery.status === 'cancelled') }
  })
  const numbers = new Set(delivery.lines.map(({ line }) => line))
  given?.forEach(({ line }, index) => {
    if (!numbers.has(line))
      faults.push({ pointer: `/picks/${index}/line`, message: `${delivery.number} has no line ${line}` })
  })
  if (faults.length > 0) return refuse('put-backs-wrong', 'content', 'Some of what was put back is wrong.', faults)
  const left = lines.filter((line) => line.quantity > 0n || line.picks.length > 0)
  const document = afterPutBack(delivery, { ...delivery, lines: left })
  return { document, notes: [{ what: 'put-back', why: putBackText(delivery, document) }] }
}

/** What was put back, for the history. */
export function putBackText(before: Delivery, after: Delivery): string {
  const parts = before.lines.flatMap(({ line, sku, picks }) => {
    const now = after.lines.find((one) => one.line === line)?.picks ?? []
    return picks.flatMap((pick) => {
      const left = now.find((one) => isSamePick(one, pick))?.picked ?? 0n
      const amount = (pick.picked ?? 0n) - left
      const lot = pick.lot === null ? '' : `, lot ${pick.lot}`
      return amount > 0n ? [`${formatQuantity(quantity(amount))} of ${sku} at ${pick.location}${lot}`] : []
    })
  })
  return listed(parts, 5, '; ', (more) => `; and ${more} more`)
}

/** The delivery after some of what was too much is back: the demand has a further revision, smaller by it. */
export function afterPutBack(before: Delivery, after: Delivery): Delivery {
  const sum = (delivery: Delivery) => delivery.lines.reduce((all, line) => plus(all, overOf(delivery, line)), nothing)
  if (sum(after) >= sum(before)) return after
  const next = { ...after, needRevision: after.needRevision + 1 }
  const isUnderWay = next.status === 'in_progress' || next.status === 'ready'
  return isUnderWay && !isBegun(next) ? { ...next, status: 'waiting' } : next
}

function namedOn(
  line: DeliveryLine,
  over: Quantity,
  given: readonly GivenPutBack[],
  faults: FieldError[],
): ReadonlyMap<PlannedPick, Quantity> {
  const amounts = new Map<PlannedPick, Quantity>()
  let sum = 0n
  given.forEach(({ line: number, location, lot = null, quantity: returned, ...rest }, index) => {
    nothingLeft(rest)
    if (number !== line.line) return
    const fault = (field: string, message: string) => faults.push({ pointer: `/picks/${index}/${field}`, message })
    const pick = line.picks.find((each) => isSamePick(each, { location, lot }))
    if (pick === undefined || !isPicked(pick)) return fault('location', `nothing of line ${line.line} was picked there`)
    if (amounts.has(pick)) return fault('line', 'this line, place and lot stand here twice')
    const amount = parseQuantity(returned)
    sum += amount
    if (amount > pick.picked) return fault('quantity', `only ${formatQuantity(pick.picked)} were picked there`)
    if (sum > over) return fault('quantity', `only ${formatQuantity(over)} of line ${line.line} are to be put back`)
    amounts.set(pick, amount)
  })
  return amounts
}

/** A pick of which nothing is left is gone, unless something is still reserved there. */
function without(
  picks: readonly PlannedPick[],
  amounts: ReadonlyMap<PlannedPick, Quantity>,
  isCancelled: boolean,
): readonly PlannedPick[] {
  return picks.flatMap((pick) => {
    const amount = amounts.get(pick)
    if (amount === undefined || !isPicked(pick)) return [pick]
    const left = minus(pick.picked, amount)
    if (left > 0n) return [{ ...pick, picked: left }]
    return pick.quantity > 0n && !isCancelled ? [{ ...pick, picked: null }] : []
  })
}
