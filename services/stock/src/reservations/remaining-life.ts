/**
 * A customer's minimum remaining life: which lots have enough of theirs left on the day that counts. This is the one definition, as the
 * rule decides it and as a statement selects it; a test compares both on a real database. Pure.
 */
import { plus, type Quantity, zero } from '@stockline/amounts'
import type { RemainingLife } from '@stockline/contracts'
import { unreservedOf } from '../availability/available.ts'
import type { LedgerLot, LotLife } from '../ledger/reference.ts'
import type { Posting } from '../ledger/request.ts'
import type { Demand, Supply } from '../ledger/stock.ts'

type Line = Demand['lines'][number]
type JudgedLot = Pick<LedgerLot, 'code' | 'expiresOn'> & {
  readonly life?: Pick<LotLife, 'bestBefore' | 'producedOn'> | undefined
}

/** Why a lot will not do. */
export interface ShortLife {
  readonly code: 'lot-life-too-short'
  /** What it has and what is asked for, as a part of a sentence. */
  readonly why: string
  readonly message: string
}

/** The day on which the rest of a life is judged: when the delivery is due, or today where that is later or nothing is said. */
export function lifeJudgedOn(dueOn: string | null | undefined, today: string): string {
  return dueOn !== null && dueOn !== undefined && dueOn > today ? dueOn : today
}

/**
 * Why too little of a lot's life is left; undefined where it is enough. A life ends with the best before date, else with expiry; a lot
 * that has neither has enough. The whole of it begins with production: where that day is not known, no part of it is ever enough.
 *
 * @param asked undefined where nothing is asked for
 * @param on see {@link lifeJudgedOn}
 */
export function lifeObstacle(
  lot: JudgedLot | null,
  asked: RemainingLife | undefined,
  on: string,
): ShortLife | undefined {
  if (asked === undefined || lot === null) return undefined
  const end = lot.life?.bestBefore ?? lot.expiresOn
  if (end === null) return undefined
  const why = shortOf(asked, daysBetween(on, end), lot.life?.producedOn ?? null, end, on)
  return why === undefined ? undefined : { code: 'lot-life-too-short', why, message: `Lot ${lot.code}: ${why}.` }
}

function shortOf(
  { days, percent }: RemainingLife,
  left: number,
  producedOn: string | null,
  end: string,
  on: string,
): string | undefined {
  if (days !== undefined && left < days) return `${daysText(left)} of its life left on ${on}, ${String(days)} asked for`
  if (percent === undefined) return undefined
  const asked = `${percent} % of it asked for`
  if (producedOn === null) return `without its production date its whole life is not known, ${asked}`
  const whole = daysBetween(producedOn, end)
  if (left * 100 * hundredths >= Math.round(Number(percent) * hundredths) * whole) return undefined
  return `${daysText(left)} of its life of ${String(whole)} left on ${on}, ${asked}`
}

/** Percent have two decimals at most. */
const hundredths = 100

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000
}

function daysText(days: number): string {
  if (days <= 0) return 'nothing'
  return days === 1 ? '1 day' : `${String(days)} days`
}

/**
 * Has a lot `t` less of its life left than a demand's line `k` asks for, of a need `n`? In a statement.
 *
 * @param today the parameter that is the company's date
 */
export function isShortOfLife(today: string): string {
  const end = 'coalesce(t.best_before, t.expires_on)'
  const left = `(${end} - greatest(n.scheduled_date, ${today}::date))`
  return `(${end} is not null and case
    when ${left} < k.life_days then true
    when k.life_percent is null then false
    else t.produced_on is null or ${left} * 100 < k.life_percent * (${end} - t.produced_on) end)`
}

/** What a line asks for, as it is stored. */
export function storedLife(days: number | null, percent: string | null): RemainingLife | undefined {
  if (days === null && percent === null) return undefined
  return { ...(days === null ? {} : { days }), ...(percent === null ? {} : { percent: String(Number(percent)) }) }
}

/** How much of a supply a line could have: of its lot, and of those that live long enough. */
export function availableTo(supply: Supply, { lot, life }: Pick<Line, 'lot' | 'life'>, on: string): Quantity {
  if (lot === null && life === undefined) return supply.available
  let available = zero.quantity
  for (const quant of supply.quants)
    if ((lot === null || quant.lot?.code === lot) && lifeObstacle(quant.lot, life, on) === undefined)
      available = plus(available, unreservedOf(quant))
  return available
}

/**
 * Lines that take one lot alone first, then those that ask for the rest of a life, the longest first, then those that take any: these
 * would take it from them. Days count before percent.
 */
export function mostAskingFirst(lines: Demand['lines']): Demand['lines'] {
  if (lines.length < 2) return lines
  return lines.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.life === b.life ? 0 : compareLives(a, b)))
}

function rankOf({ lot, life }: Line): number {
  return lot !== null ? 0 : life !== undefined ? 1 : 2
}

function compareLives({ life: a }: Line, { life: b }: Line): number {
  return (b?.days ?? 0) - (a?.days ?? 0) || Number(b?.percent ?? 0) - Number(a?.percent ?? 0)
}

/** What each line of the demand asks for, by its number; undefined where none does. */
export function livesAsked({ lines }: Pick<Demand, 'lines'>): ReadonlyMap<number, RemainingLife> | undefined {
  let asked: Map<number, RemainingLife> | undefined
  for (const { line, life } of lines) if (life !== undefined) (asked ??= new Map()).set(line, life)
  return asked
}

/** The delivery that is to be shipped, with what its demand asks for of the lots' lives. */
export function askingForLife(posting: Posting, demand: Pick<Demand, 'lines' | 'scheduledDate'>): Posting {
  const lives = livesAsked(demand)
  if (lives === undefined) return posting
  const lines = posting.lines.map((line) => ({ ...line, life: lives.get(line.documentLine ?? line.line) }))
  return { ...posting, dueOn: demand.scheduledDate, lines }
}
