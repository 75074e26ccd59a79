/** Validating a transfer: the destination receives what is in transit, in parts or whole; the rest stays in transit or is lost. Pure. */
import { formatQuantity, minus, parseQuantity, quantity, type Quantity } from '@stockline/amounts'
import { isRefusal, refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import {
  effectiveAtRefusal,
  inAnyVersion,
  nothingLeft,
  type Decided,
  type Facts,
} from '../documents/document.decide.ts'
import { isFault, toBaseQuantity, type ReferenceData } from '../products/product.ts'
import { asking } from './transfer.confirm.ts'
import { transferValidated, type TransferEvent } from './transfer.events.ts'
import type { transferReceiveBody } from './transfer.shapes.api.ts'
import { inTransitOf, type GoodsInTransit, type Transfer } from './transfer.ts'

type Receive = z.output<typeof transferReceiveBody>
type GivenLine = NonNullable<Receive['lines']>[number]

/** The destination receives. Never more than is in transit, of each line and lot. */
export function validateTransfer(transfer: Transfer, body: Receive, known: Facts): Decided<Transfer, TransferEvent> {
  const { lines, remainder = 'keep', reason, effectiveAt, ...rest } = body
  nothingLeft(rest)
  const { number, status, asked } = transfer
  // Who names lines may mean others than those that are being posted.
  if (status === 'done' || (asked === 'receive' && lines === undefined)) return 'already'
  if (asked === 'receive')
    return refuse(
      'transfer-posting',
      'state',
      `${number} is posting: wait for the ledger's answer, and say what else came.`,
    )
  if (status !== 'in_transit') return inAnyVersion(refuse('transfer-not-in-transit', 'state', notInTransit(transfer)))
  const refusal = effectiveAtRefusal(effectiveAt, known) ?? lostRefusal(body, known)
  if (refusal !== undefined) return refusal
  const goods = inTransitOf(transfer)
  const received = lines === undefined ? goods.map((one) => one.quantity) : receivedOf(transfer, goods, lines, known)
  if (isRefusal(received)) return received
  const there = goods.map((one, index) => ({
    ...one,
    quantity: received[index] ?? none,
    way: { to: transfer.destination },
  }))
  const lost = goods.map((one, index) => ({
    ...one,
    quantity: remainder === 'lost' ? minus(one.quantity, received[index] ?? none) : none,
    way: { reason: reason ?? '' },
  }))
  const all = [...there, ...lost].filter((one) => one.quantity > 0n)
  if (all.length === 0)
    return refuse('nothing-received', 'content', `Nothing was received of ${number}.`, [
      { pointer: '/lines', message: 'must say that something came' },
    ])
  const document = asking(transfer, 'receive', { effectiveAt })
  const event = transferValidated(document, all, known.referenceData)
  const what = remainder === 'lost' ? 'validated-with-loss' : 'validated'
  return isRefusal(event) ? event : { document, notes: [{ what, why: reason ?? null }], events: [event] }
}

const none: Quantity = quantity(0n)

function notInTransit({ number, status }: Transfer): string {
  if (status === 'draft') return `${number} is a draft: confirm it first, and the source ships.`
  if (status === 'waiting') return `${number} waits for stock: nothing is in transit yet.`
  return status === 'cancelled' ? `${number} is cancelled.` : `${number} is posting: wait for the ledger's answer.`
}

/** What did not come is lost only by who may say so, with a reason, and where it was said what came. */
function lostRefusal({ lines, remainder, reason }: Receive, { may }: Facts): Refusal | undefined {
  if (remainder !== 'lost') return undefined
  if (!may('transfer.lose'))
    return refuse('loss-forbidden', 'forbidden', 'Only a supervisor or a manager may say that goods are lost.')
  const faults: FieldError[] = []
  if (lines === undefined)
    faults.push({ pointer: '/lines', message: 'must say what came: [] where nothing did, and all is lost' })
  if (reason === undefined) faults.push({ pointer: '/reason', message: 'must say why it is lost' })
  return faults.length === 0 ? undefined : refuse('loss-wrong', 'content', 'A loss needs more.', faults)
}

/** What came of each of the goods; or all that is wrong with what is given. */
function receivedOf(
  { number }: Transfer,
  goods: readonly GoodsInTransit[],
  given: readonly GivenLine[],
  { referenceData }: Facts,
): readonly Quantity[] | Refusal {
  const received = new Map<GoodsInTransit, Quantity>()
  const faults = given.flatMap((each, index): readonly FieldError[] => {
    const [found, fault] = goodsFor(each, goods)
    const [field, message] = fault ?? amountFault(each, found, received, referenceData) ?? []
    if (found !== undefined && field === undefined) received.set(found, parseQuantity(each.received))
    return field === undefined ? [] : [{ pointer: `/lines/${String(index)}/${field}`, message: message ?? '' }]
  })
  if (faults.length > 0) return refuse('lines-wrong', 'content', `${number} cannot be received so.`, faults)
  return goods.map((one) => received.get(one) ?? none)
}

type Fault = readonly [field: keyof GivenLine, message: string]

/** The goods that a given line is for. */
function goodsFor({ line, lot, received, ...rest }: GivenLine, goods: readonly GoodsInTransit[]) {
  nothingLeft(rest)
  const ofLine = goods.filter((one) => one.line.line === line)
  const [found, ...others] = lot === undefined ? ofLine : ofLine.filter((one) => one.lot === lot)
  if (found !== undefined && others.length === 0) return [found, undefined] as const
  const number = String(line)
  const fault: Fault =
    ofLine.length === 0
      ? ['line', `nothing of line ${number} is in transit`]
      : found === undefined
        ? ['lot', `nothing of lot ${lot ?? ''} is in transit on line ${number}`]
        : ['lot', `must be named: several lots of line ${number} are in transit`]
  // Nothing of what is not there is nothing.
  return parseQuantity(received) === 0n && ofLine.length === 0
    ? ([undefined, undefined] as const)
    : ([undefined, fault] as const)
}

function amountFault(
  { received }: GivenLine,
  goods: GoodsInTransit | undefined,
  taken: ReadonlyMap<GoodsInTransit, Quantity>,
  { products, units }: ReferenceData,
): Fault | undefined {
  const product = goods && products.get(goods.line.sku)
  if (goods === undefined) return undefined
  if (product === undefined) return ['line', `product "${goods.line.sku}" is not known yet: receive it once it is`]
  if (taken.has(goods)) return ['line', `line ${String(goods.line.line)} and its lot stand here twice`]
  const base = toBaseQuantity(product, parseQuantity(received), product.unit, units)
  if (isFault(base)) return ['received', base.fault]
  if (base <= goods.quantity) return undefined
  return ['received', `is more than the ${formatQuantity(goods.quantity)} ${product.unit} in transit`]
}
