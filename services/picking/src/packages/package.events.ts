/** What is published of packages. Pure. */
import { formatQuantity } from '@stockline/amounts'
import type { DeliveryValidated, PackageChanged } from '@stockline/contracts'
import { isInUse, type PackedGoods, type Package } from './package.ts'

/** What is published of a package: the whole of it, with each change. */
export interface PackageEvent {
  readonly type: 'changed'
  readonly data: PackageChanged
}

/**
 * The event of a package that is new, or of which something is other than before. Other places alone are published with the next one: a
 * pick at another place would publish all packages of its delivery.
 */
export function packageEvents(before: Package | undefined, after: Package): readonly PackageEvent[] {
  if (before?.status === after.status && before.lines === after.lines && before.weight === after.weight) return []
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

/** So many bytes of packages leave room for the lines of the delivery in one event. */
const mostBytes = 400_000
const mostPackedLines = 4000
/** So many lines have room whatever they name. */
const fewLines = 500

/** Why the packages of a delivery could not be published with it, as a part of a sentence; undefined where they can. */
export function tooLongToPublish(packages: readonly Package[]): string | undefined {
  const lines = packages.filter(isInUse).reduce((sum, one) => sum + one.lines.length, 0)
  if (lines <= fewLines) return undefined
  if (lines > mostPackedLines) return `at most 4,000 lines together; these would have ${String(lines)}`
  const bytes = new TextEncoder().encode(JSON.stringify(publishedPackages(packages))).length
  return bytes > mostBytes ? 'fewer lines together, since products or lots have long names' : undefined
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
