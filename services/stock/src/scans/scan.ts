/** What scanned codes mean in this installation: a known code as a whole comes first, then the elements of a GS1 code. Pure. */
import { convert, formatQuantity, inverse, multiplyRatios, parseQuantity, plus, quantity, ratio, type Quantity, type Ratio, zero } from '@stockline/amounts' // prettier-ignore
import { countedIn, gtinForms, readCode, type Goods, type ReadCode } from '@stockline/scans'
import type { ScannedPackage } from '../packages/package.ts'
import type { ScanMeaning } from './scan.api.ts'

/** A product as codes lead to it. */
export interface CodedProduct {
  readonly sku: string
  readonly name: string
  /** The base unit. */
  readonly unit: string
  readonly unitDecimals: number
  /** How many base units one of each unit is, its own and those of the unit's family. */
  readonly ratios: ReadonlyMap<string, Ratio>
}

/** Known products, locations and lots by their codes. */
export interface KnownCodes {
  /** Of products, by sku and barcode, with the unit that a barcode stands for: null is the base unit. */
  readonly products: ReadonlyMap<string, { readonly product: CodedProduct; readonly unit: string | null }>
  /** Codes of locations, by code and barcode. */
  readonly locations: ReadonlyMap<string, string>
  /** Lots and serial numbers by their code: a code may be of several products. */
  readonly lots: ReadonlyMap<string, readonly KnownLot[]>
  /** Packages by their SSCC. */
  readonly packages: ReadonlyMap<string, ScannedPackage>
}

export interface KnownLot {
  readonly product: CodedProduct
  readonly code: string
  readonly expiresOn: string | null
}

/** A code as it was read, before it is looked up. */
export interface Scanned {
  readonly code: string
  readonly read: ReadCode
}

/** @param year the present year, from which the century of printed dates follows */
export function readScans(codes: readonly string[], year: number): readonly Scanned[] {
  return codes.map((code) => ({ code, read: readCode(code.trim(), year) }))
}

/** Texts under which something may be known: the codes themselves, and GTINs in all their lengths. */
export function textsOf(scanned: readonly Scanned[]): readonly string[] {
  return [...new Set(scanned.flatMap(({ read }) => [read.text, ...read.goods.gtins.flatMap(gtinForms)]))]
}

/** The SSCCs that codes may name: on a label of GS1, or as a text of 18 digits. */
export function ssccsOf(scanned: readonly Scanned[]): readonly string[] {
  return [...new Set(scanned.map(ssccIn).filter((sscc) => /^\d{18}$/.test(sscc)))]
}

function ssccIn({ read }: Scanned): string {
  return read.goods.sscc ?? read.text
}

/** The meaning of a code by the first that matches: the code of a location, product or lot; a package; then the elements or the number in it. */
export function meaningOfScan(scanned: Scanned, known: KnownCodes): ScanMeaning {
  const { code, read } = scanned
  const location = known.locations.get(read.text)
  if (location !== undefined) return { code, kind: 'location', location, problems: [] }
  const literal = known.products.get(read.text)
  if (literal !== undefined) return { code, kind: 'product', ...gtinOf(read.goods), ...shown(literal), problems: [] }
  const [first, ...others] = known.lots.get(read.text) ?? []
  if (first !== undefined) return lotMeaning(code, first, others)
  const said = saidBy(scanned, known)
  const found = known.packages.get(ssccIn(scanned))
  return found === undefined ? said : packageMeaning(said, found)
}

function packageMeaning(said: ScanMeaning, { sscc, document, number, status, contents, more }: ScannedPackage) {
  return {
    ...said,
    kind: 'package' as const,
    sscc,
    document,
    package: { number, status, contents: [...contents], more },
  }
}

function lotMeaning(code: string, first: KnownLot, others: readonly KnownLot[]): ScanMeaning {
  const skus = [...new Set([first, ...others].map(({ product }) => product.sku))]
  const said = { code, kind: 'lot' as const, lot: first.code }
  if (others.length > 0) return { ...said, problems: [`"${first.code}" may be of ${skus.join(' or of ')}.`] }
  const expires = first.expiresOn === null ? {} : { expiresOn: first.expiresOn }
  return { ...said, ...expires, ...shown({ product: first.product, unit: null }), problems: [] }
}

type Found = { readonly product: CodedProduct; readonly unit: string | null }

/** The meaning of a code by its elements, or by its number. */
function saidBy({ code, read }: Scanned, known: KnownCodes): ScanMeaning {
  const { goods, elements, problems } = read
  const found = foundBy(goods, known)
  const isNumber = read.kind === 'trade-number' || read.kind === 'text'
  const kind =
    read.kind === 'gs1' || read.kind === 'digital-link' ? read.kind : found === undefined ? 'unknown' : 'product'
  const label = found === undefined ? undefined : labelQuantity(found, goods)
  return {
    code,
    kind,
    ...(isNumber ? {} : { elements: elements.map(([identifier, value]) => ({ identifier, value })) }),
    ...gtinOf(goods),
    ...present('lot', goods.lot),
    ...present('serial', goods.serial),
    ...present('expiresOn', goods.expiresOn),
    ...present('bestBefore', goods.bestBefore),
    ...present('producedOn', goods.producedOn),
    ...present('sscc', goods.sscc),
    ...present('quantity', label?.quantity === undefined ? undefined : formatQuantity(label.quantity)),
    ...(found === undefined ? {} : shown(found)),
    problems: [
      ...problems.map(({ message }) => message),
      ...(label?.problem === undefined ? [] : [label.problem]),
      ...(found === undefined && goods.gtins.length > 0
        ? [`No product has the GTIN ${goods.gtins.join(' or ')}.`]
        : []),
    ],
  }
}

function foundBy({ gtins }: Goods, known: KnownCodes): Found | undefined {
  const forms = gtins.flatMap(gtinForms)
  return forms.map((form) => known.products.get(form)).find((found) => found !== undefined)
}

function labelQuantity(
  { product, unit }: Found,
  goods: Goods,
): { readonly quantity?: Quantity; readonly problem?: string } | undefined {
  const { quantities = [] } = goods
  const [first] = quantities
  if (first === undefined) return undefined
  for (const measure of quantities) {
    const toBase = product.ratios.get(countedIn(measure, goods, unit ?? product.unit))
    if (toBase !== undefined) return { quantity: convert(parseQuantity(measure.value), toBase, product.unitDecimals) }
  }
  return { problem: `The label says ${first.value} ${first.unit}; ${product.sku} is kept in ${product.unit}.` }
}

function gtinOf({ gtins }: Goods): { readonly gtin?: string } {
  return present('gtin', gtins[0])
}

function shown({ product, unit }: Found): Required<Pick<ScanMeaning, 'product'>> {
  // A barcode stands for the base unit or for a unit of the product: stock takes no other.
  const pack = product.ratios.get(unit ?? product.unit) ?? ratio(1n, 1n)
  const packQuantity = formatQuantity(convert(quantity(1_000_000n), pack, product.unitDecimals))
  return { product: { sku: product.sku, name: product.name, unit: product.unit, packQuantity } }
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>)
}

/** A unit with its place in its family: one of it = ratio × reference. */
export interface FamilyUnit {
  readonly code: string
  readonly reference: string
  readonly ratio: Ratio
}

/** How many base units one of each unit is: of the base unit's family, and of the product's own. */
export function ratiosOf(
  base: string,
  units: readonly FamilyUnit[],
  own: readonly { readonly unit: string; readonly ratio: Ratio }[],
): ReadonlyMap<string, Ratio> {
  const family = units.find(({ code }) => code === base)
  const relatives = units.flatMap((each) =>
    family?.reference === each.reference
      ? [[each.code, multiplyRatios(each.ratio, inverse(family.ratio))] as const]
      : [],
  )
  return new Map([[base, ratio(1n, 1n)], ...relatives, ...own.map((each) => [each.unit, each.ratio] as const)])
}

/** The sum of the codes by sku, in base units: the quantity on each label, else a pack. Codes with a problem do not count. */
export function totalsBySku(
  meanings: readonly ScanMeaning[],
): readonly { readonly sku: string; readonly quantity: string }[] {
  const sums = new Map<string, Quantity>()
  for (const { product, quantity: said, problems } of meanings) {
    if (product === undefined || problems.length > 0) continue
    const amount = said ?? product.packQuantity
    sums.set(product.sku, plus(sums.get(product.sku) ?? zero.quantity, parseQuantity(amount)))
  }
  return [...sums].map(([sku, sum]) => ({ sku, quantity: formatQuantity(sum) }))
}
