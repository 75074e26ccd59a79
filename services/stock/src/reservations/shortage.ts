/** What a waiting delivery is short of, and where stock of that lies which it cannot have. Pure. */
import { whyNotAvailable } from '../ledger/available.ts'
import type { Product } from '../ledger/facts.ts'
import { freeOfLot, type Picture, shelfOf } from '../ledger/picture.ts'
import type { Need, Quant } from '../ledger/stock.ts'

/** Stock that a delivery cannot have. Quantities are in millionths of the base unit. */
export interface OutOfReach {
  readonly quantity: bigint
  readonly why: string
  readonly location?: string
  readonly lot?: string
  readonly expiresOn?: string
  readonly status?: string
  readonly warehouse?: string
  readonly number?: string
}

/** A product, or one lot of it, that a delivery lacks. */
export interface Missing {
  readonly product: Product
  readonly lot: string | null
  readonly missing: bigint
  /** What it could have, if it did not go whole or not at all. */
  readonly available: bigint
}

/** The same, with where stock of it lies that it cannot have. */
export interface Shortage extends Missing {
  readonly outOfReach: readonly OutOfReach[]
  readonly more: number
}

/** By document id. */
export type ShortagesOf = ReadonlyMap<string, readonly Shortage[]>

/** What is free of a product, wherever it is. */
export interface FreeStock extends Pick<Quant, 'place' | 'lot' | 'status'> {
  readonly quantity: bigint
}

/** What another delivery has reserved of a product, in one warehouse. */
export interface ReservedStock {
  readonly documentId: string
  readonly number: string
  readonly lot: string | null
  readonly quantity: bigint
}

/** An event tells no more. */
const mostShortages = 20
const mostPlaces = 10

/** What the need lacks that its warehouse cannot give it now. Where that is nothing, another product is short. */
export function missingOf(picture: Picture, need: Need): readonly Missing[] {
  const claimed = new Map<number, bigint>()
  for (const { line, quantity } of need.claims) claimed.set(line, (claimed.get(line) ?? 0n) + quantity)
  const missing = new Map<string, Missing>()
  for (const { line, product, quantity, lot } of need.lines) {
    const lacks = quantity - (claimed.get(line) ?? 0n)
    if (lacks <= 0n) continue
    const key = `${product.id}/${lot ?? ''}`
    const before = missing.get(key)
    if (before === undefined)
      missing.set(key, { product, lot, missing: lacks, available: freeFor(picture, need, product, lot) })
    else missing.set(key, { ...before, missing: before.missing + lacks })
  }
  const all = [...missing.values()]
  const short = all.filter((one) => one.missing > one.available)
  // Each is there by itself, and not all of them together: one lot, and others of the same product.
  return (short.length === 0 ? all : short).slice(0, mostShortages)
}

function freeFor(picture: Picture, need: Need, product: Product, lot: string | null): bigint {
  const shelf = shelfOf(picture, product, need.warehouse)
  return lot === null ? shelf.free : freeOfLot(shelf, lot)
}

/**
 * Where stock lies that a delivery lacks and cannot have: the largest first.
 *
 * @param free of the product, in all warehouses
 * @param reserved of the product, in the need's warehouse
 */
export function shortageOf(
  need: Pick<Need, 'documentId' | 'warehouse'>,
  missing: Missing,
  free: readonly FreeStock[],
  reserved: readonly ReservedStock[],
  today: string,
): Shortage {
  const inOthers = new Map<string, bigint>()
  const here: OutOfReach[] = []
  for (const stock of free) {
    const why = whyNotAvailable(stock, today)
    const { warehouse } = stock.place
    if (warehouse === null) continue
    if (warehouse === need.warehouse) here.push(...outOfReachHere(stock, why, missing.lot))
    else if (why === undefined && isOfLot(stock.lot?.code, missing.lot))
      inOthers.set(warehouse, (inOthers.get(warehouse) ?? 0n) + stock.quantity)
  }
  const all = [
    ...here,
    ...reserved.flatMap(({ documentId, number, lot, quantity }): readonly OutOfReach[] =>
      documentId !== need.documentId && isOfLot(lot, missing.lot) ? [{ quantity, why: 'reserved', number }] : [],
    ),
    ...[...inOthers].map(([warehouse, quantity]): OutOfReach => ({ quantity, why: 'other-warehouse', warehouse })),
  ].sort((a, b) => (a.quantity === b.quantity ? 0 : a.quantity < b.quantity ? 1 : -1))
  return { ...missing, outOfReach: all.slice(0, mostPlaces), more: Math.max(0, all.length - mostPlaces) }
}

function outOfReachHere(
  { place, lot, status, quantity }: FreeStock,
  why: ReturnType<typeof whyNotAvailable>,
  asked: string | null,
): readonly OutOfReach[] {
  const isAsked = isOfLot(lot?.code, asked)
  if (isAsked ? why === undefined : why !== undefined) return []
  return [
    {
      quantity,
      why: why ?? 'other-lot',
      location: place.code,
      ...(lot === null ? {} : { lot: lot.code }),
      ...(why === 'expired' && lot?.expiresOn ? { expiresOn: lot.expiresOn } : {}),
      ...(why === 'status' ? { status } : {}),
    },
  ]
}

function isOfLot(lot: string | null | undefined, asked: string | null): boolean {
  return asked === null || lot === asked
}
