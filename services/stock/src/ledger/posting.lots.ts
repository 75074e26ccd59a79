/** Lots of a document: which one a line is of, what is known of it by then, and whether it may be shipped. */
import { companyDate, zero } from '@stockline/amounts'
import { lotObstacle } from '../availability/available.ts'
import { lifeJudgedOn, lifeObstacle } from '../reservations/remaining-life.ts'
import { bringsGoods, fault, type NamedLine, type Trial } from './posting.trial.ts'
import type { LedgerLot } from './reference.ts'
import type { PostingLine } from './request.ts'
import { addLot, addToSupply, knownLot, type WorkingSet } from './working-set.ts'

/**
 * A lot that is held or has expired cannot be shipped. A supervisor can release it, correct its expiry, or enter an earlier date of
 * shipping.
 */
export function checkLot(trial: Trial, { line, to }: NamedLine, lot: LedgerLot | null): void {
  if (to.type !== 'customer') return
  const { posting } = trial
  const { today, timeZone } = trial.workingSet
  const shippedOn = posting.effectiveAtStated ? companyDate(timeZone, new Date(posting.effectiveAt)) : today
  const on = shippedOn < today ? shippedOn : today
  const obstacle = lotObstacle(lot, on) ?? lifeObstacle(lot, line.life, lifeJudgedOn(posting.dueOn, on))
  if (obstacle !== undefined) fault(trial, line, obstacle.code, obstacle.message)
}

/** The lot: null for an untracked product, undefined with a fault. Goods that come in may bring a new one. */
export function lotFor(trial: Trial, named: NamedLine, newId: () => string): LedgerLot | null | undefined {
  const { line, product } = named
  if (product.tracking === 'none') {
    if (line.lot !== null || line.expiresOn !== null)
      fault(trial, line, 'lot-not-tracked', `${product.sku} is not tracked by lot: leave lot and expiry out.`)
    return null
  }
  if (line.lot === null) {
    const what = product.tracking === 'lot' ? 'lot' : 'serial number'
    fault(trial, line, 'lot-required', `${product.sku} is tracked: its ${what} is missing.`)
    return undefined
  }
  const known = knownLot(trial.workingSet, product, line.lot)
  if (known !== undefined) return withExpiry(trial, line, known)
  if (bringsGoods(named.from, named.to)) return newLot(trial, named, line.lot, newId())
  fault(trial, line, 'unknown-lot', `${product.sku} has no lot ${line.lot}.`)
  return undefined
}

/** The lot that the goods of a line have at its end: a new one has the dates and the hold of the one that it is made of. */
export function lotAtEnd(
  trial: Trial,
  named: NamedLine,
  lot: LedgerLot | null,
  newId: () => string,
): LedgerLot | null | undefined {
  const { line, product } = named
  if (line.toLot === undefined || line.toLot === line.lot) return lot
  if (lot === null || product.tracking === 'serial') {
    fault(trial, line, 'lot-not-tracked', `${product.sku} is not tracked by lot: its goods cannot get another one.`)
    return undefined
  }
  const known = knownLot(trial.workingSet, product, line.toLot)
  return known ?? newLot(trial, named, line.toLot, newId(), lot)
}

function newLot(
  { workingSet, applied }: Trial,
  { line, product }: NamedLine,
  code: string,
  id: string,
  like: Pick<LedgerLot, 'expiresOn' | 'held' | 'life'> = { expiresOn: line.expiresOn, held: null },
): LedgerLot {
  const { expiresOn, held, life } = like
  const lot = { id, productId: product.id, code, expiresOn, held, life, onHand: zero.quantity }
  addLot(workingSet, lot)
  applied.lots.push(lot)
  applied.undo.push(() => workingSet.lots.get(product.id)?.delete(code))
  return lot
}

/** A lot's expiry is entered once; after that documents cannot change it. */
function withExpiry(trial: Trial, line: PostingLine, lot: LedgerLot): LedgerLot {
  const { workingSet, applied } = trial
  if (line.expiresOn === null || line.expiresOn === lot.expiresOn) return lot
  if (lot.expiresOn !== null) {
    fault(
      trial,
      line,
      'lot-expires-otherwise',
      `Lot ${lot.code} expires on ${lot.expiresOn}, not on ${line.expiresOn}.`,
    )
    return lot
  }
  setExpiry(workingSet, lot, line.expiresOn)
  applied.lots.push(lot)
  applied.undo.push(() => setExpiry(workingSet, lot, null))
  return lot
}

function setExpiry(workingSet: WorkingSet, lot: LedgerLot, expiresOn: string | null): void {
  lot.expiresOn = expiresOn
  for (const quant of workingSet.quants.get(lot.productId)?.values() ?? [])
    if (quant.lot === lot) addToSupply(workingSet, quant)
}
