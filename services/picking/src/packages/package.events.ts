/** What is published of packages. Pure. */
import { formatQuantity } from '@stockline/amounts'
import type { DeliveryValidated, PackageChanged } from '@stockline/contracts'
import { isInUse, type PackedGoods, type Package } from './package.ts'

/** What is published of a package: the whole of it, with each change. */
export interface PackageEvent {
  readonly type: 'changed'
  readonly data: PackageChanged
}

/** The event of a package that is new or changed. */
export function packageEvents(_before: Package | undefined, after: Package): readonly PackageEvent[] {
  const {
    id: documentId,
    number,
    warehouse,
    sscc,
    companyPrefix,
    status,
    type,
    delivery,
    deliveryNumber,
    weight,
  } = after
  const data = {
    ...{ documentId, number, warehouse, status },
    ...(sscc === null ? {} : { sscc }),
    ...(companyPrefix === null ? {} : { companyPrefix }),
    ...(type === null ? {} : { type }),
    delivery: { documentId: delivery, number: deliveryNumber },
    places: after.places.slice(0, 1000),
    ...(weight === null ? {} : { weight: formatQuantity(weight) }),
    lines: after.lines.map((line) => ({ line: line.line, ...published(line), unit: line.unit })),
  }
  return [{ type: 'changed', data }]
}

/** The packages of a delivery, as its own event names them; undefined where it has none. */
export function publishedPackages(packages: readonly Package[]): DeliveryValidated['packages'] {
  const used = packages.filter(isInUse)
  if (used.length === 0) return undefined
  return used.flatMap(({ sscc, number, lines }) =>
    sscc === null ? [] : [{ sscc, number, contents: lines.map(published) }],
  )
}

function published({ documentLine, sku, lot, quantity }: PackedGoods) {
  return { documentLine, sku, ...(lot === null ? {} : { lot }), quantity: formatQuantity(quantity) }
}
