/** Splitting a lot, and merging one into another: documents of the ledger, so that a trace follows them. */
import { isWithin } from '@stockline/contracts/locations'
import { refuse, type Actor, type FieldError, type Refusal } from '@stockline/service-kit'
import { v7 as uuidv7 } from 'uuid'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Tx } from '../database.ts'
import { type LedgerCompany, postOwn } from '../ledger/ledger.actions.ts'
import { holdLedger, reconsiderLots } from '../ledger/ledger.offer.actions.ts'
import type { QuantStatus } from '../ledger/stock.ts'
import { showLot, unknownLot } from './lot.actions.ts'
import type { LotAnswer } from './lot.shapes.api.ts'
import { findPlacesOfLots } from './lot.recall.store.ts'
import type { SplitBody } from './lot.split.api.ts'
import { changeOfLot, earlierDates, splitRefusal, type PartOfLot } from './lot.split.ts'
import { lockLot, lockLotByCode, productOfLot, updateLot, type StoredLot } from './lot.store.ts'
import { tellStep } from './lot.told.actions.ts'

/** Numbers of splits and merges: `LOT/00001`. */
const series = 'LOT'

/** Gives parts of a lot a new one, which has its dates and its hold. Answers the new lot. */
export async function splitLot(
  tx: Tx,
  company: LedgerCompany,
  id: string,
  { code, lines, reason }: SplitBody,
  actor: Actor,
): Promise<LotAnswer | Refusal> {
  await holdLedger(tx, company)
  const lot = await lockLot(tx, id)
  if (lot === null) return unknownLot
  const { sku, tracking } = await productOfLot(tx, id)
  if (tracking === 'serial') return oneEach
  if ((await lockLotByCode(tx, sku, code)) !== null)
    return refuse('lot-exists', 'state', `${sku} has a lot ${code} already: merge into it, or choose another code.`, [
      { pointer: '/code', message: 'is taken' },
    ])
  const scope = await scopeOf(tx, actor)
  const errors = lines.flatMap(
    ({ location }, index): readonly FieldError[] =>
    isWithin(scope, location) ? [] : [{ pointer: `/lines/${String(index)}/location`, message: 'is not among your locations' }], // prettier-ignore
  )
  if (errors.length > 0) return refuse('unknown-location', 'content', 'Some of the places are not known.', errors)
  const number = await post(tx, company, actor, { sku, lot: lot.code, toLot: code }, lines)
  if (typeof number !== 'string') return number
  const made = await lockLotByCode(tx, sku, code)
  if (made === null) throw new Error(`${number} made no lot ${code}.`)
  const { id: _id, code: _code, version: _version, ...same } = lot
  await updateLot(tx, { ...made, ...same })
  await tellStep(tx, id, 'split', `${number}: to ${code}. ${reason}`)
  await tellStep(tx, made.id, 'split-from', `${number}: from ${lot.code}. ${reason}`)
  return showLot(tx, made.id, actor)
}

/** Gives all that is on hand of a lot another one, which has the earlier dates, and is held if one of them is. Answers that lot. */
export async function mergeLot(
  tx: Tx,
  company: LedgerCompany,
  id: string,
  { into, reason }: { readonly into: string; readonly reason: string },
  actor: Actor,
): Promise<LotAnswer | Refusal> {
  await holdLedger(tx, company)
  const [first, second] = [await lockLot(tx, id < into ? id : into), await lockLot(tx, id < into ? into : id)]
  const [lot, target] = id < into ? [first, second] : [second, first]
  if (lot === null) return unknownLot
  const refusal =
    id === into ? wrongTarget('is this lot itself') : target === null ? wrongTarget('is no lot') : undefined
  if (refusal !== undefined || target === null) return refusal ?? unknownLot
  const product = await productOfLot(tx, id)
  if (product.tracking === 'serial') return oneEach
  if ((await productOfLot(tx, into)).sku !== product.sku) return wrongTarget(`is not of ${product.sku}`)
  const parts = await partsOf(tx, lot, actor)
  if ('refused' in parts) return parts
  const heldFor = target.heldFor ?? lot.heldFor
  await updateLot(tx, { ...target, ...earlierDates(target, lot), heldFor, version: target.version + 1 })
  const number = await post(tx, company, actor, { sku: product.sku, lot: lot.code, toLot: target.code }, parts)
  if (typeof number !== 'string') return number
  await tellStep(tx, id, 'merged', `${number}: into ${target.code}. ${reason}`)
  await tellStep(tx, into, 'merged-from', `${number}: from ${lot.code}. ${reason}`)
  await reconsiderLots(tx, company, [into])
  return showLot(tx, into, actor)
}

/** A document has no more lines. */
const mostParts = 1000

const oneEach = refuse('serial-is-one', 'state', 'A serial number is one piece: it is neither split nor merged.')

function wrongTarget(message: string): Refusal {
  return refuse('lot-not-mergeable', 'content', 'The lot cannot be merged into that one.', [
    { pointer: '/into', message },
  ])
}

/** All that is on hand of a lot. What the actor may not act on, or is on its way, prevents a merge. */
async function partsOf(tx: Tx, lot: StoredLot, actor: Actor): Promise<readonly PartOfLot[] | Refusal> {
  const places = await findPlacesOfLots(tx, [lot.id])
  const scope = await scopeOf(tx, actor)
  if (places.length === 0) return refuse('lot-empty', 'state', `Nothing of lot ${lot.code} is on hand.`)
  if (places.some(({ type }) => type === 'transit'))
    return refuse('lot-in-transit', 'state', `Some of lot ${lot.code} is in transit: receive it first.`)
  if (places.some(({ location }) => !isWithin(scope, location)))
    return refuse('lot-elsewhere', 'state', `There is more of lot ${lot.code} at locations that are not yours.`)
  const negative = places.find(({ onHand }) => onHand.startsWith('-'))
  if (negative !== undefined)
    return refuse('lot-below-zero', 'state', `Lot ${lot.code} is ${negative.onHand} at ${negative.location}: count there first.`) // prettier-ignore
  if (places.length > mostParts)
    return refuse('lot-in-too-many-places', 'state', `Lot ${lot.code} is at ${String(places.length)} places: a document has at most ${String(mostParts)} lines. Bring it together first.`) // prettier-ignore
  return places.map(({ location, status, onHand }) => ({ location, status: status as QuantStatus, quantity: onHand }))
}

/** Posts it in this transaction: its number, or why the ledger refuses it. */
async function post(
  tx: Tx,
  company: LedgerCompany,
  actor: Actor,
  lots: Parameters<typeof changeOfLot>[1],
  parts: readonly PartOfLot[],
): Promise<string | Refusal> {
  const documentId = uuidv7()
  const by = { id: actor.id, name: actor.name }
  const outcome = await postOwn(tx, company, series, by, (number) =>
    changeOfLot({ documentId, number }, lots, parts, tx.now.getTime()),
  )
  if (outcome.outcome === 'refused') return splitRefusal(outcome.code, outcome.detail, outcome.faults)
  if (outcome.outcome !== 'posted') throw new Error(`The change of lot ${documentId} came out as ${outcome.outcome}.`)
  return outcome.posting.number
}
