/** How packages that the database lost are made again from what was published of them: each event has the whole package. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { RestorableKind } from '../restoring/restore.ts'
import type { PackageEvent } from './package.events.ts'
import type { Package } from './package.ts'

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
