/** How packages that the database lost are made again from what was published of them: each event has the whole package. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { RestorableKind } from '../restoring/restore.ts'
import type { PackageEvent } from './package.events.ts'
import { serialOf } from './package.sscc.ts'
import type { Package } from './package.ts'

/**
 * The last serial of each company prefix that was published: its counter goes on behind that. The prefix that is configured has one in
 * any case, since what was made just before the database fell back may not have been published.
 */
export function lastSerials(
  published: readonly Pick<PackageEvent['data'], 'sscc' | 'companyPrefix'>[],
  configured: string | undefined,
): ReadonlyMap<string, bigint> {
  const last = new Map<string, bigint>(configured === undefined ? [] : [[configured, 0n]])
  for (const { sscc, companyPrefix } of published) {
    if (sscc === undefined || companyPrefix === undefined) continue
    const serial = serialOf(companyPrefix, sscc) ?? 0n
    const before = last.get(companyPrefix)
    if (before === undefined || before < serial) last.set(companyPrefix, serial)
  }
  return last
}

/** How packages are made again: as they were told last. */
export const restorablePackages: RestorableKind<Package, PackageEvent> = {
  names: () => [],
  steps: { changed: 'restored' },
  apply: ({ data }, { before, createdAt }) => {
    const { documentId: id, number, warehouse, status, places, delivery, weight } = data
    const { sscc = null, companyPrefix = null, type = null } = data
    const lines = data.lines.map(({ lot = null, quantity, ...line }) => ({
      ...{ ...line, lot, quantity: parseQuantity(quantity) },
    }))
    return {
      ...{ version: 1, createdAt, ...before, id, number, warehouse, status, places, lines },
      ...{ sscc, companyPrefix, type, delivery: delivery.documentId, deliveryNumber: delivery.number },
      ...{ problem: before?.problem ?? null, weight: weight === undefined ? null : parseQuantity(weight) },
    }
  },
  placeholder: ({ id, ...given }) => ({
    ...{ ...given, id, sscc: null, companyPrefix: null, type: null, delivery: id, deliveryNumber: given.number },
    ...{ status: 'cancelled', problem: null, weight: null, places: [given.warehouse], version: 1, lines: [] },
  }),
  says: {
    made: 'Packages made again as they were told',
    changed: 'Packages brought to what was told of them',
    untold: 'Numbers of packages of which nothing was told, kept as cancelled ones',
    besides: () => [],
  },
}
