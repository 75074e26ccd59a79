/**
 * Who gets stock. A whole delivery or nothing, unless it allows part; what arrives is offered in need order; what is
 * gone is taken from the least urgent.
 */
import { hasExpired } from '../ledger/available.ts'
import { freeOfLot, shelfOf, type Picture } from '../ledger/picture.ts'
import { freeOf, setBalance } from '../ledger/quant.ts'
import { compareNeeds, leastUseful, mostPicks, watchAt } from './need.ts'
import { compareQuants } from './removal.ts'
import type { NeedRequestLine } from '../ledger/document.ts'
import type { Claim, Need, NeedLine, Quant, Shelf } from '../ledger/stock.ts'

/** Tries to get a need what it lacks. True if it has more than before. What it is still short of, it watches. */
export function reserve(picture: Picture, need: Need): boolean {
  return need.allowPartial ? reserveWhatThereIs(picture, need) : reserveAllOrNothing(picture, need)
}

/**
 * Gives a need what somebody has taken for it already, as far as nobody else has it: whatever the rest comes to, this stays its own.
 * Ask it of a need that has nothing.
 */
export function hold(picture: Picture, need: Need, asked: readonly NeedRequestLine[]): void {
  const claims: Claim[] = []
  for (const { line, sku, quantity, picked = [] } of asked) {
    const product = picture.products.get(sku)
    const quants =
      product === undefined || picked.length === 0 ? [] : [...(picture.quants.get(product.id)?.values() ?? [])]
    let left = quantity
    for (const { location, lot, quantity: taken } of picked)
      for (const quant of quants) {
        const isThere = quant.place.code === location && (quant.lot?.code ?? null) === lot && quant.shelf !== null
        if (!isThere || quant.shelf?.warehouse !== need.warehouse) continue
        const part = least(freeOf(quant), taken, left)
        if (part <= 0n) continue
        setBalance(quant, quant.onHand, quant.reserved + part)
        claims.push({ line, quant, quantity: part })
        left -= part
      }
  }
  need.claims = claims
}

/** Gives back all that a need has, and waits for nothing. The shelves where something is free now. */
export function release(need: Need): Set<Shelf> {
  const freed = new Set<Shelf>()
  for (const claim of need.claims) {
    setBalance(claim.quant, claim.quant.onHand, claim.quant.reserved - claim.quantity)
    if (claim.quant.shelf !== null) freed.add(claim.quant.shelf)
  }
  need.claims = []
  watchAt(need, [])
  return freed
}

/** What an offer came to. */
export interface Offered {
  /** They have more than before, in need order. */
  readonly served: readonly Need[]
  /** All that were asked: they may wait for another product now. */
  readonly asked: readonly Need[]
}

/** Offers what is free on these shelves to those that wait there, in need order. */
export function offer(picture: Picture, shelves: ReadonlySet<Shelf>): Offered {
  const open = [...shelves].filter((shelf) => shelf.free > 0n && shelf.waiting.length > 0)
  const served: Need[] = []
  const asked: Need[] = []
  for (const need of inNeedOrder(open)) {
    if (open.some((shelf) => isBeyondHorizon(shelf, need))) break
    if (!need.watch.some((shelf) => isOfUse(shelf, need))) continue
    asked.push(need)
    if (reserve(picture, need)) served.push(need)
  }
  for (const shelf of open) if (shelf.horizon !== null && shelf.free > 0n) picture.starved.add(shelf)
  return { served, asked }
}

/**
 * After stock has gone from a quant: releases the least urgent claims on it until the rest is covered. Those needs
 * wait again. All shelves where something became free.
 *
 * @returns the needs that lost, least urgent first
 */
export function releaseUncovered(picture: Picture, quant: Quant): { lost: Need[]; freed: Set<Shelf> } {
  const lost: Need[] = []
  const freed = new Set<Shelf>()
  const covered = () => quant.reserved <= (quant.onHand > 0n ? quant.onHand : 0n)
  if (covered()) return { lost, freed }
  const claimants = [...picture.needs.values()].filter((need) => need.claims.some((claim) => claim.quant === quant))
  for (const need of claimants.sort((a, b) => compareNeeds(b, a))) {
    if (covered()) break
    for (const shelf of need.allowPartial ? releaseAt(need, quant) : release(need)) freed.add(shelf)
    const missing = quant.shelf ?? shelfOf(picture, quant.product, need.warehouse)
    watchAt(need, [...new Set([...need.watch, missing])])
    lost.push(need)
  }
  return { lost, freed }
}

/** Gives back what has expired: of a need that allows no part, all it has. The shelves where something is free now. */
export function releaseExpired(picture: Picture, need: Need): Set<Shelf> {
  if (!need.allowPartial) return release(need)
  const isExpired = ({ quant }: Claim) => hasExpired(quant.lot, picture.today)
  for (const { quant, quantity } of need.claims.filter(isExpired))
    setBalance(quant, quant.onHand, quant.reserved - quantity)
  need.claims = need.claims.filter((claim) => !isExpired(claim))
  return new Set()
}

function releaseAt(need: Need, quant: Quant): Shelf[] {
  for (const claim of need.claims)
    if (claim.quant === quant) setBalance(quant, quant.onHand, quant.reserved - claim.quantity)
  need.claims = need.claims.filter((claim) => claim.quant !== quant)
  return quant.shelf === null ? [] : [quant.shelf]
}

function isOfUse(shelf: Shelf, need: Need): boolean {
  return shelf.free > 0n && shelf.free >= leastUseful(need, shelf)
}

function isBeyondHorizon(shelf: Shelf, need: Need): boolean {
  return shelf.horizon !== null && shelf.free > 0n && compareNeeds(need, shelf.horizon) > 0
}

function inNeedOrder(shelves: readonly Shelf[]): readonly Need[] {
  const [only, ...more] = shelves
  if (only === undefined) return []
  if (more.length === 0) return [...only.waiting]
  return [...new Set(shelves.flatMap((shelf) => shelf.waiting))].sort(compareNeeds)
}

function reserveAllOrNothing(picture: Picture, need: Need): boolean {
  const held = need.claims
  const asked = new Map<Shelf, bigint>()
  const ofLots = new Map<string, bigint>()
  for (const { line, product, quantity, lot } of need.lines) {
    const missing = quantity - claimedFor(held, line)
    if (missing <= 0n) continue
    const shelf = shelfOf(picture, product, need.warehouse)
    const total = (asked.get(shelf) ?? 0n) + missing
    if (total > shelf.free || (lot !== null && isBeyondLot(shelf, lot, missing, ofLots))) {
      watchAt(need, [shelf])
      return false
    }
    asked.set(shelf, total)
  }
  const claims: Claim[] = []
  for (const { line, product, quantity, lot } of oneLotFirst(need.lines)) {
    const missing = quantity - claimedFor(held, line)
    if (missing > 0n) take(shelfOf(picture, product, need.warehouse), { line, lot }, missing, claims)
  }
  if (held.length + claims.length > mostPicks) {
    // In so many small parts that nobody could be told. It waits for stock that lies together.
    for (const { quant, quantity } of claims) setBalance(quant, quant.onHand, quant.reserved - quantity)
    watchAt(need, [...asked.keys()])
    return false
  }
  if (claims.length > 0) need.claims = held.length === 0 ? claims : merged([...held, ...claims])
  watchAt(need, [])
  return claims.length > 0
}

function reserveWhatThereIs(picture: Picture, need: Need): boolean {
  const claims = [...need.claims]
  const short = new Set<Shelf>()
  for (const { line, product, quantity, lot } of oneLotFirst(need.lines)) {
    const missing = quantity - claimedFor(need.claims, line)
    if (missing <= 0n) continue
    const shelf = shelfOf(picture, product, need.warehouse)
    const part = missing < shelf.free ? missing : shelf.free
    const taken = part > 0n ? take(shelf, { line, lot }, part, claims, mostPicks) : 0n
    if (taken < missing) short.add(shelf)
  }
  const gained = claims.length > need.claims.length
  if (gained) need.claims = need.claims.length === 0 ? claims : merged(claims)
  watchAt(need, [...short])
  return gained
}

/** Lines that take one lot alone before those that take any: these would take it from them. */
function oneLotFirst(lines: readonly NeedLine[]): readonly NeedLine[] {
  return lines.some(({ lot }) => lot !== null)
    ? [...lines.filter(({ lot }) => lot !== null), ...lines.filter(({ lot }) => lot === null)]
    : lines
}

/** Is more asked of a lot than is free of it? What is asked of it so far is counted in `asked`. */
function isBeyondLot(shelf: Shelf, lot: string, quantity: bigint, asked: Map<string, bigint>): boolean {
  const key = `${shelf.product.id}/${lot}`
  const total = (asked.get(key) ?? 0n) + quantity
  asked.set(key, total)
  return total > freeOfLot(shelf, lot)
}

function least(...amounts: readonly bigint[]): bigint {
  return amounts.reduce((lowest, each) => (each < lowest ? each : lowest))
}

function claimedFor(claims: readonly Claim[], line: number): bigint {
  let sum = 0n
  for (const claim of claims) if (claim.line === line) sum += claim.quantity
  return sum
}

/** One claim for each line and quant. */
function merged(claims: readonly Claim[]): Claim[] {
  const byLine = new Map<number, Map<Quant, Claim>>()
  for (const claim of claims) {
    const ofLine = byLine.get(claim.line) ?? new Map<Quant, Claim>()
    byLine.set(claim.line, ofLine)
    ofLine.set(claim.quant, { ...claim, quantity: claim.quantity + (ofLine.get(claim.quant)?.quantity ?? 0n) })
  }
  return [...byLine.values()].flatMap((ofLine) => [...ofLine.values()])
}

/**
 * Takes from the shelf for a line, in the strategy's order, what is known to be there, as long as there are not too many claims.
 *
 * @returns how much: less than asked for where the lot that the line asks for, or the number of claims, allows no more
 */
function take(
  shelf: Shelf,
  { line, lot }: Pick<NeedLine, 'line' | 'lot'>,
  quantity: bigint,
  claims: Claim[],
  most = Infinity,
): bigint {
  if (!shelf.sorted) {
    shelf.quants.sort(compareQuants[shelf.strategy])
    shelf.sorted = true
  }
  let missing = quantity
  for (const quant of shelf.quants) {
    if (claims.length >= most) break
    if (lot !== null && quant.lot?.code !== lot) continue
    const free = freeOf(quant)
    if (free <= 0n) continue
    const part = free < missing ? free : missing
    setBalance(quant, quant.onHand, quant.reserved + part)
    claims.push({ line, quant, quantity: part })
    missing -= part
    if (missing === 0n) break
  }
  return quantity - missing
}
