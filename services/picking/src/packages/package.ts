/**
 * A package: goods of one delivery, known outside by its SSCC. What is in it is a part of what is picked: of a line and lot all packages
 * together have no more. `open → closed → shipped` with its delivery; `cancelled` with it, or while it is empty. Pure.
 */
import { formatQuantity, minus, plus, quantity, type Quantity } from '@stockline/amounts'
import type { DocumentOf } from '@stockline/documents'
import type { FieldError } from '@stockline/service-kit/refusal'
import { nothing, pickedOf, type Delivery, type DeliveryLine } from '../deliveries/delivery.ts'
import { listed } from '../documents/document.text.ts'
import type { ReferenceData } from '../products/product.ts'
import type { packageKind } from './package.fields.ts'

/** See `package.fields.ts`. */
export type Package = DocumentOf<typeof packageKind.fields>

/** Goods of one line and lot of a delivery. */
export interface PackedGoods {
  readonly documentLine: number
  readonly sku: string
  readonly lot: string | null
  readonly quantity: Quantity
}

/** Is it of its delivery still? One that is cancelled has nothing of it. */
export function isInUse({ status }: Pick<Package, 'status'>): boolean {
  return status !== 'cancelled'
}

/** What is picked of a delivery, by line and lot. */
export function goodsPicked({ lines }: Pick<Delivery, 'lines'>): readonly PackedGoods[] {
  return lines.flatMap((line) =>
    [...Map.groupBy(line.picks, ({ lot }) => lot)].flatMap(([lot, picks]) => {
      const picked = pickedOf({ ...line, picks })
      return picked > 0n ? [{ documentLine: line.line, sku: line.sku, lot, quantity: picked }] : []
    }),
  )
}

/** What packages have in them, by line and lot. */
function goodsPacked(packages: readonly Package[]): readonly PackedGoods[] {
  const lines = packages.filter(isInUse).flatMap((one) => one.lines)
  return [...Map.groupBy(lines, keyOf).values()].flatMap((same) =>
    same
      .slice(0, 1)
      .map((one) => ({ ...one, quantity: same.reduce((sum, each) => plus(sum, each.quantity), nothing) })),
  )
}

/** Of what is picked, what is in none of the packages; below zero where more is packed than is picked. Without what is even. */
export function goodsLeft(delivery: Pick<Delivery, 'lines'>, packages: readonly Package[]): readonly PackedGoods[] {
  const packed = new Map(goodsPacked(packages).map((one) => [keyOf(one), one]))
  const picked = goodsPicked(delivery)
  const left = picked.map((one) => ({
    ...one,
    quantity: minus(one.quantity, packed.get(keyOf(one))?.quantity ?? nothing),
  }))
  const keys = new Set(picked.map(keyOf))
  const beyond = [...packed.values()].filter((one) => !keys.has(keyOf(one)))
  return [...left, ...beyond.map((one) => ({ ...one, quantity: minus(nothing, one.quantity) }))].filter(
    (one) => one.quantity !== 0n,
  )
}

/** Goods are the same where they are of one line, product and lot: an order may give the number of a line to another product. */
export function keyOf({ documentLine, sku, lot }: Pick<PackedGoods, 'documentLine' | 'sku' | 'lot'>): string {
  return JSON.stringify([documentLine, sku, lot])
}

/** `RM-A of line 1, lot L`. */
export function goodsText({ documentLine, sku, lot }: Pick<PackedGoods, 'documentLine' | 'sku' | 'lot'>): string {
  return `${sku} of line ${String(documentLine)}${lot === null ? '' : `, lot ${lot}`}`
}

/**
 * Why a delivery with packages cannot be shipped as it is packed, all of it: a package that is open, goods that are in none, and more in
 * them than is picked.
 */
export function packingFaults(delivery: Pick<Delivery, 'lines'>, packages: readonly Package[]): readonly FieldError[] {
  const used = packages.filter(isInUse)
  const open = used.flatMap(({ number, status, lines }) => {
    if (status !== 'open') return []
    const message = lines.length === 0 ? `${number} is empty: fill or cancel it` : `${number} is open: close it`
    return [{ pointer: `/packages/${number.replaceAll('/', '~1')}`, message }]
  })
  const left = goodsLeft(delivery, used).map((one) => ({
    pointer: `/lines/${String(one.documentLine)}`,
    message:
      one.quantity > 0n
        ? `of ${goodsText(one)}, ${formatQuantity(one.quantity)} is picked and in no package`
        : `of ${goodsText(one)}, ${formatQuantity(minus(nothing, one.quantity))} more is packed than is picked`,
  }))
  return [...open, ...left]
}

/** Of what more is packed than is picked, and how much more, by {@link keyOf}: looked at once for all packages of a delivery. */
export function goodsBeyond(
  delivery: Pick<Delivery, 'lines'>,
  packages: readonly Package[],
): ReadonlyMap<string, PackedGoods> {
  const beyond = goodsLeft(delivery, packages).filter((goods) => goods.quantity < 0n)
  return new Map(beyond.map((goods) => [keyOf(goods), { ...goods, quantity: minus(nothing, goods.quantity) }]))
}

/**
 * The package beside its delivery as that is now: where it takes place, and whether more is packed than is picked.
 *
 * @param beyond see {@link goodsBeyond}
 */
export function besideDelivery(
  one: Package,
  beyond: ReadonlyMap<string, PackedGoods>,
  places: readonly string[],
): Package {
  const texts = one.lines.flatMap((line) => {
    const goods = beyond.get(keyOf(line))
    return goods === undefined ? [] : [`${formatQuantity(goods.quantity)} ${goodsText(goods)}`]
  })
  const problem = texts.length === 0 ? null : `More is packed than is picked: ${listed(texts, 5, '; ')}.`
  const same = one.places.length === places.length && one.places.every((place, index) => place === places[index])
  return one.problem === problem && same ? one : { ...one, problem, places: same ? one.places : places }
}

/** What the contents weigh, in kilograms; null where one of the products has no known weight, or nobody could lift it. */
export function weightOf(
  lines: readonly Pick<PackedGoods, 'sku' | 'quantity'>[],
  { products }: ReferenceData,
): Quantity | null {
  let sum = 0n
  for (const { sku, quantity: amount } of lines) {
    const weight = products.get(sku)?.weight ?? null
    if (weight === null) return null
    sum += weight * amount
  }
  const inKilograms = (sum + billionth / 2n) / billionth
  return inKilograms < most ? quantity(inKilograms) : null
}

const billionth = 1_000_000_000n
const most = 10n ** 20n

/** The delivery's line with what is picked of it by lot, as far as it is in none of these packages: what is still to be packed. */
export function lineLeft(line: DeliveryLine, left: readonly PackedGoods[]): DeliveryLine {
  const own = left.filter(({ documentLine, quantity: amount }) => documentLine === line.line && amount > 0n)
  const picks = own.map(({ lot, quantity: amount }) => ({
    ...{ location: '', lot, pickSequence: 0, quantity: amount, picked: null },
    expiresOn: line.picks.find((pick) => pick.lot === lot)?.expiresOn ?? null,
  }))
  return { ...line, needed: own.reduce((sum, one) => plus(sum, one.quantity), nothing), picks }
}
