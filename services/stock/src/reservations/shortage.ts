/** What a waiting delivery is short of, and where stock of that lies which it cannot have. Pure. */
import { minus, plus, type Quantity, zero } from '@stockline/amounts'
import type { RemainingLife, StockReserved } from '@stockline/contracts'
import { whyNotAvailable } from '../availability/available.ts'
import type { LedgerProduct } from '../ledger/reference.ts'
import { type WorkingSet, supplyOf } from '../ledger/working-set.ts'
import { availableTo, lifeJudgedOn, lifeObstacle } from './remaining-life.ts'
import type { Demand, Quant } from '../ledger/stock.ts'

/** Stock that a delivery cannot have. Quantities are in millionths of the base unit. */
export type OutOfReach = Readonly<
  Omit<NonNullable<StockReserved['shortages']>[number]['outOfReach'][number], 'quantity'> & { quantity: Quantity }
>

/** A product, or one lot of it, that a delivery lacks. */
export interface MissingProduct {
  readonly product: LedgerProduct
  readonly lot: string | null
  /** Only what has so much of its life left; undefined where that is not asked for. */
  readonly life?: RemainingLife | undefined
  readonly missing: Quantity
  /** What it could have, if it did not go whole or not at all. */
  readonly available: Quantity
}

/** The same, with where stock of it lies that it cannot have. */
export interface Shortage extends MissingProduct {
  readonly outOfReach: readonly OutOfReach[]
  readonly more: number
}

/** By document id. */
export type ShortagesOf = ReadonlyMap<string, readonly Shortage[]>

/** What is on hand and not reserved of a product, wherever it is. */
export interface UnreservedStock extends Pick<Quant, 'location' | 'lot' | 'status'> {
  readonly quantity: Quantity
}

/** What another delivery has reserved of a product, in one warehouse. */
export interface ReservedStock {
  readonly documentId: string
  readonly number: string
  readonly lot: string | null
  readonly quantity: Quantity
}

/** An event holds no more shortages. */
export const mostShortages = 20
const mostLocations = 10

/** What the demand lacks and its warehouse cannot give it now. Where that is nothing, another product is short. */
export function missingOf(workingSet: WorkingSet, demand: Demand): readonly MissingProduct[] {
  const allocated = new Map<number, Quantity>()
  for (const { line, quantity } of demand.allocations)
    allocated.set(line, plus(allocated.get(line) ?? zero.quantity, quantity))
  const missing = new Map<string, MissingProduct>()
  for (const { line, product, quantity, lot, life } of demand.lines) {
    const lacks = minus(quantity, allocated.get(line) ?? zero.quantity)
    if (lacks <= 0n) continue
    const key = `${product.id}/${lot ?? ''}/${life === undefined ? '' : JSON.stringify(life)}`
    const before = missing.get(key)
    if (before === undefined) {
      const supply = supplyOf(workingSet, product, demand.warehouse)
      const available = availableTo(supply, { lot, life }, lifeJudgedOn(demand.scheduledDate, workingSet.today))
      missing.set(key, { product, lot, ...(life === undefined ? {} : { life }), missing: lacks, available })
    } else missing.set(key, { ...before, missing: plus(before.missing, lacks) })
  }
  const all = [...missing.values()]
  const short = all.filter((one) => one.missing > one.available)
  // Each is there by itself, and not all of them together: one lot, and others of the same product.
  return (short.length === 0 ? all : short).slice(0, mostShortages)
}

/**
 * Where stock lies that a delivery lacks and cannot have: the largest first.
 *
 * @param unreserved of the product, in all warehouses
 * @param reserved of the product, in the demand's warehouse
 * @param outOfReach what stock of that warehouse is out of reach, and why
 */
export function shortageOf(
  demand: Pick<Demand, 'documentId' | 'warehouse'> & { readonly scheduledDate?: string | null },
  missing: MissingProduct,
  unreserved: readonly UnreservedStock[],
  reserved: readonly ReservedStock[],
  today: string,
  outOfReach?: (stock: UnreservedStock) => readonly OutOfReach[],
): Shortage {
  const on = lifeJudgedOn(demand.scheduledDate, today)
  const shortLife = ({ lot }: UnreservedStock) => lifeObstacle(lot, missing.life, on)?.why
  const reach = (stock: UnreservedStock) =>
    outOfReach?.(stock) ?? outOfReachHere(stock, whyNotAvailable(stock, today), missing.lot, shortLife(stock))
  const inOthers = new Map<string, Quantity>()
  const here: OutOfReach[] = []
  for (const stock of unreserved) {
    const why = whyNotAvailable(stock, today)
    const { warehouse } = stock.location
    if (warehouse === null) continue
    if (warehouse === demand.warehouse) here.push(...reach(stock))
    else if (why === undefined && isOfLot(stock.lot?.code, missing.lot) && shortLife(stock) === undefined)
      inOthers.set(warehouse, plus(inOthers.get(warehouse) ?? zero.quantity, stock.quantity))
  }
  const all = [
    ...here,
    ...reserved.flatMap(({ documentId, number, lot, quantity }): readonly OutOfReach[] =>
      documentId !== demand.documentId && isOfLot(lot, missing.lot) ? [{ quantity, why: 'reserved', number }] : [],
    ),
    ...[...inOthers].map(([warehouse, quantity]): OutOfReach => ({ quantity, why: 'other-warehouse', warehouse })),
  ].sort((a, b) => Number(b.quantity - a.quantity))
  return { ...missing, outOfReach: all.slice(0, mostLocations), more: Math.max(0, all.length - mostLocations) }
}

/**
 * Stock of the own warehouse that is out of reach: with the reason, or since it is of another lot. Nothing of another lot that would be
 * out of reach anyway.
 *
 * @param asked the code of the one lot that will do; null where any does
 * @param shortLife how little of its life is left, and what is asked for; undefined where that is enough
 */
export function outOfReachHere(
  { location, lot, status, quantity }: UnreservedStock,
  why: string | undefined,
  asked: string | null,
  shortLife?: string,
): readonly OutOfReach[] {
  const isAsked = isOfLot(lot?.code, asked)
  if (isAsked ? why === undefined && shortLife === undefined : why !== undefined) return []
  return [
    {
      quantity,
      why: why ?? (isAsked ? 'short-life' : 'other-lot'),
      location: location.code,
      ...(lot === null ? {} : { lot: lot.code }),
      ...(why === 'expired' && lot?.expiresOn ? { expiresOn: lot.expiresOn } : {}),
      ...(why === 'status' ? { status } : {}),
      ...(isAsked && why === undefined && shortLife !== undefined ? { detail: shortLife } : {}),
    },
  ]
}

function isOfLot(lot: string | null | undefined, asked: string | null): boolean {
  return asked === null || lot === asked
}
