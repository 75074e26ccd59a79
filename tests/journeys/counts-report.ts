/** What the report of counts must say, added up from the sheets themselves and from what is at their places. */

/** A count sheet, as far as the report is made of it. */
export interface CountedSheet {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly zone: string
  readonly version: number
  readonly adjustments: readonly string[]
  readonly lines: readonly CountedLine[]
}

interface CountedLine {
  readonly line: number
  readonly sku: string
  readonly location: string
  readonly lot: string | null
  readonly state: string
  readonly counted: string | null
  readonly difference: string | null
  readonly countedAt: string | null
}

/** A product with the class that the product system gives it. */
export interface ClassedProduct {
  readonly sku: string
  readonly abcClass: string
}

/** What is asked of the report. */
export interface Asked {
  readonly zone: string
  readonly since?: string
  readonly until?: string
}

/** The report of these sheets, all of them done. @param there products at places that have stock, each lot by itself */
export function reportOf(
  { zone, since = '', until = '~' }: Asked,
  sheets: readonly CountedSheet[],
  there: readonly Pick<CountedLine, 'sku' | 'location'>[],
  products: readonly ClassedProduct[],
): object {
  const isInZone = ({ location }: { readonly location: string }) => location === zone || location.startsWith(`${zone}/`)
  const lines = sheets
    .flatMap((sheet) => sheet.lines)
    .filter(({ countedAt }) => countedAt !== null && countedAt >= since && countedAt < until)
    .filter(isInZone)
  const stocked = new Set(there.filter(isInZone).map(placeOf))
  const counted = new Set(lines.map(placeOf))
  const figures = (isOf: (sku: string) => boolean) => {
    const own = lines.filter(({ sku }) => isOf(sku))
    const exact = own.filter(({ difference }) => difference === '0').length
    const places = [...stocked].filter((place) => isOf(skuOf(place)))
    const covered = places.filter((place) => counted.has(place)).length
    return {
      ...{ places: places.length, covered, coverage: percent(covered, places.length) },
      ...{ lines: own.length, exact, accuracy: percent(exact, own.length) },
    }
  }
  const classes = [...new Set(products.map(({ abcClass }) => abcClass))].toSorted()
  const byClass = classes.map((abcClass) => {
    const skus = new Set(products.filter((one) => one.abcClass === abcClass).map(({ sku }) => sku))
    return { abcClass, ...figures((sku) => skus.has(sku)) }
  })
  return { zone, ...figures(() => true), byClass: byClass.filter(({ places, lines: own }) => places + own > 0) }
}

function placeOf({ sku, location }: Pick<CountedLine, 'sku' | 'location'>): string {
  return `${sku} ${location}`
}

function skuOf(place: string): string {
  return place.slice(0, place.indexOf(' '))
}

/** Rounded half up to hundredths; null of nothing. */
function percent(part: number, whole: number): string | null {
  return whole === 0 ? null : (Math.floor((20_000 * part + whole) / (2 * whole)) / 100).toFixed(2)
}
