/** What is put into a package. All that is wrong is named at once. Pure. */
import { formatQuantity, least, minus, parseQuantity, plus, type Quantity } from '@stockline/amounts'
import { isRefusal, refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { isOpenDelivery, nothing, type Delivery, type DeliveryLine } from '../deliveries/delivery.ts'
import { nothingLeft, type Decided } from '../documents/document.decide.ts'
import { mostLines } from '../documents/document.fields.ts'
import { listed } from '../documents/document.text.ts'
import { isFault, toBaseQuantity, type ReferenceData } from '../products/product.ts'
import type { contentsBody } from './package.shapes.api.ts'
import { tooLongToPublish } from './package.events.ts'
import {
  besideDelivery,
  goodsBeyond,
  goodsLeft,
  goodsPicked,
  goodsText,
  keyOf,
  weightOf,
  type PackedGoods,
  type Package,
} from './package.ts'

type Given = z.output<typeof contentsBody>['lines'][number]

/** What a decision on a package knows. */
export interface KnownOfPackage {
  readonly delivery: Delivery
  /** Where the delivery takes place. */
  readonly places: readonly string[]
  /** The delivery's other packages. */
  readonly others: readonly Package[]
  /** The products on the delivery, and the units that the request names. */
  readonly referenceData: ReferenceData
}

/** Replaces all that is in it. */
export function fillPackage(
  one: Package,
  { lines, ...rest }: z.output<typeof contentsBody>,
  known: KnownOfPackage,
): Decided<Package> {
  nothingLeft(rest)
  const early = fillable(one, known)
  if (early !== undefined) return early
  const goods = goodsNamed(lines, known)
  return isRefusal(goods) ? goods : filled(one, goods, known, contentsText(goods))
}

/** Adds goods to what is in it. @param scanned what was read, for the history */
export function addToPackage(
  one: Package,
  added: readonly PackedGoods[],
  scanned: string,
  known: KnownOfPackage,
): Decided<Package> {
  const goods = [...one.lines, ...added]
  return filled(one, goods, known, `scanned ${scanned}: ${contentsText(added)}`)
}

/** Why nothing can be put into it; undefined where something can. */
export function fillable(one: Package, { delivery }: Pick<KnownOfPackage, 'delivery'>): Refusal | undefined {
  if (one.status === 'closed')
    return refuse('package-closed', 'state', `${one.number} is closed: reopen it, or fill another one.`)
  return one.status === 'open'
    ? packable(delivery)
    : refuse('package-ended', 'state', `${one.number} is ${one.status}.`)
}

/** Why nothing of the delivery can be packed now; undefined where it can. */
export function packable(delivery: Delivery): Refusal | undefined {
  if (isOpenDelivery(delivery)) return undefined
  return refuse(
    'delivery-not-open',
    'state',
    `${delivery.number} is ${delivery.status}: its packages stay as they are.`,
  )
}

function filled(one: Package, goods: readonly PackedGoods[], known: KnownOfPackage, why: string): Decided<Package> {
  const { delivery, places, others, referenceData } = known
  const lines = [...Map.groupBy(goods, keyOf).values()]
    .flatMap((same) => same.slice(0, 1).map((each) => ({ ...each, quantity: sumOf(same) })))
    .sort((a, b) => a.documentLine - b.documentLine || (keyOf(a) < keyOf(b) ? -1 : 1))
    .map(({ documentLine, sku, lot, quantity }, index) => {
      const unit = referenceData.products.get(sku)?.unit ?? one.lines.find((each) => each.sku === sku)?.unit ?? ''
      return { line: index + 1, documentLine, sku, lot, quantity, unit }
    })
  if (lines.length > mostLines)
    return refuse('package-too-long', 'content', 'A package has at most 1,000 lines: fill another one.')
  const after = { ...one, lines, weight: weightOf(lines, referenceData) }
  const all = [...others, after]
  const tooLong = tooLongToPublish(all)
  if (tooLong !== undefined)
    return refuse(
      'packages-too-long',
      'content',
      `The packages of ${delivery.number} have ${tooLong}. Pack more of a line into one package, or ship in parts.`,
    )
  const document = besideDelivery(after, goodsBeyond(delivery, all), places)
  return { document, notes: [{ what: 'filled', why }] }
}

function contentsText(goods: readonly PackedGoods[]): string {
  const shown = goods.map((one) => `${formatQuantity(one.quantity)} ${goodsText(one)}`)
  return shown.length === 0 ? 'nothing' : listed(shown, 10, '; ')
}

function sumOf(goods: readonly Pick<PackedGoods, 'quantity'>[]): Quantity {
  return goods.reduce((sum, { quantity }) => plus(sum, quantity), nothing)
}

/** The goods that lines name, taken of what is picked and in no other package; a refusal that names every wrong field. */
function goodsNamed(given: readonly Given[], known: KnownOfPackage): readonly PackedGoods[] | Refusal {
  const { delivery, others } = known
  const faults: FieldError[] = []
  const left = new Map(goodsLeft(delivery, others).map((one) => [keyOf(one), one]))
  const taken = given.flatMap((each, index): readonly PackedGoods[] => {
    const at = (field: string, message: string) => {
      faults.push({ pointer: `/lines/${String(index)}/${field}`, message })
      return []
    }
    const { documentLine: _line, sku: _sku, lot: _lot, quantity: _quantity, unit: _unit, ...rest } = each
    nothingLeft(rest)
    const lines = linesNamed(each, delivery)
    if ('field' in lines) return at(lines.field, lines.message)
    const lot = lotNamed(each, lines.named, known)
    if (typeof lot === 'object' && lot !== null) return at('lot', lot.message)
    const amount = amountNamed(each, lines.named, known)
    if (typeof amount !== 'bigint') return at(amount.field, amount.message)
    const goods = take(lines.named, lot, amount, left)
    const found = sumOf(goods)
    if (found === amount) return goods
    const [first] = lines.named
    const what = first === undefined ? '' : goodsText({ documentLine: first.line, sku: first.sku, lot })
    return at('quantity', `of ${what}, only ${formatQuantity(found)} is picked and in no other package`)
  })
  return faults.length > 0 ? refuse('contents-wrong', 'content', 'Some of the contents are wrong.', faults) : taken
}

interface Fault {
  readonly field: string
  readonly message: string
}

/** The delivery's lines that one of the request means. */
function linesNamed(
  { documentLine, sku }: Given,
  { number, lines }: Delivery,
): { readonly named: readonly DeliveryLine[] } | Fault {
  if (documentLine === undefined) {
    if (sku === undefined) return { field: 'documentLine', message: 'must be there, or `sku`' }
    const named = lines.filter((line) => line.sku === sku)
    return named.length > 0 ? { named } : { field: 'sku', message: `${sku} is not on ${number}` }
  }
  const line = lines.find((each) => each.line === documentLine)
  if (line === undefined) return { field: 'documentLine', message: `${number} has no line ${String(documentLine)}` }
  if (sku === undefined || sku === line.sku) return { named: [line] }
  return { field: 'sku', message: `line ${String(documentLine)} is of ${line.sku}` }
}

/** The lot that is meant: where none is named, the one that is picked. */
function lotNamed(
  { lot }: Given,
  named: readonly DeliveryLine[],
  { delivery, referenceData }: KnownOfPackage,
): string | null | { readonly message: string } {
  const [sku = ''] = named.map((line) => line.sku)
  const picked = goodsPicked({ ...delivery, lines: named }).map((one) => one.lot)
  const lots = [...new Set(picked)]
  if (referenceData.products.get(sku)?.tracking === 'none' && lot !== undefined && !lots.includes(lot))
    return { message: `${sku} is not kept in lots` }
  if (lot !== undefined) return lots.includes(lot) ? lot : { message: `nothing of lot ${lot} is picked` }
  const [only = null] = lots
  return lots.length < 2 ? only : { message: `several are picked: name one of ${listed(lots.map(String), 5)}` }
}

function amountNamed(
  { quantity, unit }: Given,
  [line]: readonly DeliveryLine[],
  { referenceData: { products, units } }: KnownOfPackage,
): Quantity | Fault {
  const product = products.get(line?.sku ?? '')
  if (product === undefined) return { field: 'sku', message: `product "${line?.sku ?? ''}" is not known` }
  const base = toBaseQuantity(product, parseQuantity(quantity), unit ?? product.unit, units)
  return isFault(base) ? { field: 'quantity', message: base.fault } : base
}

/** So much of these lines and this lot, as far as it is left: from the first line on. What is taken is left no more. */
function take(
  lines: readonly DeliveryLine[],
  lot: string | null,
  amount: Quantity,
  left: Map<string, PackedGoods>,
): readonly PackedGoods[] {
  let rest = amount
  return lines.flatMap(({ line: documentLine, sku }) => {
    const key = keyOf({ documentLine, sku, lot })
    const there = left.get(key)
    const part = there === undefined || there.quantity < 0n ? nothing : least(there.quantity, rest)
    if (there === undefined || part === 0n) return []
    rest = minus(rest, part)
    left.set(key, { ...there, quantity: minus(there.quantity, part) })
    return [{ documentLine, sku, lot, quantity: part }]
  })
}
