/** Lots of a document: which one a line is of, what is known of it by then, and whether it may be shipped. */
import { companyDate, zero } from '@stockline/amounts'
import {
  givenLotDates,
  lateLotDates,
  lotDateNames,
  type LotDates,
  noLotDates,
  type SomeLotDates,
} from '@stockline/contracts/lot-dates'
import { lotObstacle } from '../availability/available.ts'
import { lifeJudgedOn, lifeObstacle } from '../reservations/remaining-life.ts'
import { bringsGoods, fault, type NamedLine, type Trial } from './posting.trial.ts'
import { datesOf, type LedgerLot } from './reference.ts'
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
    if (line.lot !== null || lotDateNames.some((name) => (line[name] ?? null) !== null))
      fault(trial, line, 'lot-not-tracked', `${product.sku} is not tracked by lot: leave lot and dates out.`)
    return null
  }
  if (line.lot === null) {
    const what = product.tracking === 'lot' ? 'lot' : 'serial number'
    fault(trial, line, 'lot-required', `${product.sku} is tracked: its ${what} is missing.`)
    return undefined
  }
  const known = knownLot(trial.workingSet, product, line.lot)
  if (known !== undefined) return withDates(trial, line, known)
  if (bringsGoods(named.from, named.to)) {
    areInOrder(trial, line, { code: line.lot }, line)
    return newLot(trial, named, line.lot, newId(), line)
  }
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
  return known ?? newLot(trial, named, line.toLot, newId(), datesOf(lot), { held: lot.held, isPart: true })
}

function newLot(
  { workingSet, applied }: Trial,
  { product }: Pick<NamedLine, 'product'>,
  code: string,
  id: string,
  dates: SomeLotDates,
  part: Pick<LedgerLot, 'held' | 'isPart'> = { held: null },
): LedgerLot {
  const { expiresOn, ...life } = { ...noLotDates, ...givenLotDates(dates) }
  const lot = { id, productId: product.id, code, expiresOn, life, ...part, onHand: zero.quantity }
  addLot(workingSet, lot)
  applied.lots.push(lot)
  applied.undo.push(() => workingSet.lots.get(product.id)?.delete(code))
  return lot
}

/** Each date of a lot is entered once; after that documents cannot change it. */
function withDates(trial: Trial, line: PostingLine, lot: LedgerLot): LedgerLot {
  const { workingSet, applied } = trial
  const before = datesOf(lot)
  const said = lotDateNames.filter((name) => (line[name] ?? before[name]) !== before[name])
  if (said.length === 0) return lot
  const other = said.filter((name) => before[name] !== null)
  for (const name of other) fault(trial, line, `lot-${codes[name]}-otherwise`, otherwise(lot, name, before, line))
  const after = { ...before, ...givenLotDates(line) }
  if (other.length > 0 || !areInOrder(trial, line, lot, after)) return lot
  setDates(workingSet, lot, after)
  applied.lots.push(lot)
  applied.undo.push(() => setDates(workingSet, lot, before))
  return lot
}

/** What a fault's code says of each date. */
const codes: Readonly<Record<keyof LotDates, string>> = {
  producedOn: 'produced',
  bestBefore: 'best-before',
  removeOn: 'remove',
  alertOn: 'alert',
  expiresOn: 'expires',
}

function otherwise({ code }: LedgerLot, name: keyof LotDates, before: LotDates, line: PostingLine): string {
  const [is, said] = [String(before[name]), String(line[name])]
  return name === 'expiresOn'
    ? `Lot ${code} expires on ${is}, not on ${said}.`
    : `The ${name} of lot ${code} is ${is}, not ${said}.`
}

/** The same order that corrections of a lot have. */
function areInOrder(trial: Trial, line: PostingLine, { code }: Pick<LedgerLot, 'code'>, dates: SomeLotDates): boolean {
  const late = lateLotDates(dates)
  for (const { date, message } of late)
    fault(trial, line, `lot-${codes[date]}-out-of-order`, `The ${date} of lot ${code} ${message}.`)
  return late.length === 0
}

function setDates(workingSet: WorkingSet, lot: LedgerLot, { expiresOn, ...life }: LotDates): void {
  lot.expiresOn = expiresOn
  lot.life = life
  for (const quant of workingSet.quants.get(lot.productId)?.values() ?? [])
    if (quant.lot === lot) addToSupply(workingSet, quant)
}
