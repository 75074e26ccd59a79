/** What changes in how a product is counted, for open documents that name it. Pure. */
import type { Ratio } from '@stockline/amounts'
import type { Product, Unit } from './product.ts'

/** A product or a unit that is counted otherwise by now. */
export interface CountingChange {
  readonly of: { readonly sku: string } | { readonly unit: string }
  /** Sentences for people, without a full stop. */
  readonly what: readonly string[]
  /** The product itself is counted otherwise: it concerns each of its open documents, whatever unit they use. */
  readonly concernsAll: boolean
}

/** Undefined where only its name, category, barcodes and the like have changed, or units were added. */
export function productChange(before: Product, after: Product): CountingChange | undefined {
  const { sku } = after
  const itself = [
    ...(before.unit === after.unit ? [] : [`${sku} is kept in ${after.unit} by now, not in ${before.unit}`]),
    ...(before.type === after.type ? [] : [`${sku} is ${article[after.type]} by now, not ${article[before.type]}`]),
    ...(before.tracking === after.tracking ? [] : [`${sku} is tracked by ${tracked[after.tracking]} by now`]),
  ]
  const units = before.units.flatMap(({ unit, ratio }) => {
    const now = after.units.find((one) => one.unit === unit)
    if (now === undefined) return [`${sku} has no unit ${unit} of its own any more`]
    return isSame(now.ratio, ratio) ? [] : [`one ${unit} of ${sku} is ${factor(now.ratio)} ${after.unit} by now`]
  })
  const what = [...itself, ...units]
  return what.length === 0 ? undefined : { of: { sku }, what, concernsAll: itself.length > 0 }
}

/** Undefined where its factor is as it was. What was another unit's name may be a unit of its own by now. */
export function unitChange(before: Unit, after: Unit): CountingChange | undefined {
  const { code } = after
  const { reference } = after
  if (before.aliasOf === after.aliasOf && isSameReference(before.reference, reference)) return undefined
  const now = reference === null ? 'stands for itself' : `is ${factor(reference.ratio)} ${reference.unit}`
  return { of: { unit: code }, what: [`one ${code} ${now} by now`], concernsAll: false }
}

const article = { stockable: 'a stockable product', consumable: 'a consumable', service: 'a service' } as const
const tracked = { none: 'neither lot nor serial number', lot: 'lot', serial: 'serial number' } as const

function isSameReference(one: Unit['reference'], other: Unit['reference']): boolean {
  if (one === null || other === null) return one === other
  return one.unit === other.unit && isSame(one.ratio, other.ratio)
}

function isSame(one: Ratio, other: Ratio): boolean {
  return one.numerator * other.denominator === other.numerator * one.denominator
}

function factor({ numerator, denominator }: Ratio): string {
  return denominator === 1n ? String(numerator) : `${String(numerator)}/${String(denominator)}`
}
