/** Packages after the database fell back: made again, with their deliveries told, and no SSCC given twice. */
import type { Tx } from '../database.ts'
import { deliveries } from '../deliveries/delivery.actions.ts'
import { locationsOfDelivery } from '../deliveries/delivery.ts'
import { openWhile } from '../documents/document.fields.ts'
import { saveDocuments } from '../documents/document.save.actions.ts'
import {
  restoreDocuments,
  type LostEvent,
  type RestoredDocuments,
  type RestoredKind,
} from '../restoring/document.restore.actions.ts'
import { lockPackagesOf, packages } from './package.actions.ts'
import type { PackageEvent } from './package.events.ts'
import { packageKind } from './package.fields.ts'
import { restorablePackages } from './package.restore.ts'
import { serialOf } from './package.sscc.ts'
import { advanceSerials, skipSerials } from './package.sscc.store.ts'
import { besideDelivery, type Package } from './package.ts'

/**
 * So many serials are left out once the database fell back: of packages made just before, whose events had not left, labels may be on
 * goods.
 */
const serialsLeftOut = 100

const restored: RestoredKind<Package> = {
  rules: { kind: 'package', isOpen: openWhile(packageKind) },
  store: packages.store,
  homesOf: () => Promise.resolve(new Map()),
  save: (tx, work) => saveDocuments(tx, packages, work),
}

/** Brings packages to what was published of them. Call it once the deliveries are restored. */
export async function restorePackages(tx: Tx, events: readonly LostEvent<PackageEvent>[]): Promise<RestoredDocuments> {
  const done = await restoreDocuments(tx, restored, restorablePackages, {
    ...{ events, tooLate: [], orderOf: () => undefined, backorderOf: () => null },
  })
  await besideDeliveries(tx, [...new Set(events.map(({ published }) => published.data.delivery.documentId))])
  for (const { published } of events) {
    const { sscc, companyPrefix } = published.data
    const serial = sscc === undefined || companyPrefix === undefined ? undefined : serialOf(companyPrefix, sscc)
    if (serial !== undefined && companyPrefix !== undefined) await advanceSerials(tx, companyPrefix, serial)
  }
  await skipSerials(tx, serialsLeftOut)
  return done
}

/** Deliveries know that they have packages, and these whether more is in them than is picked: not all that was picked is known again. */
async function besideDeliveries(tx: Tx, ids: readonly string[]): Promise<void> {
  const locked = await deliveries.store.lock(tx, ids)
  const unpacked = locked.filter(({ document }) => !document.packed)
  const note = { why: null, who: null }
  await saveDocuments(tx, deliveries, {
    changes: unpacked.map((stored) => ({
      ...{ stored, after: { ...stored.document, packed: true }, notes: [{ ...note, what: 'packing' }] },
    })),
  })
  const all = await lockPackagesOf(tx, ids)
  const byId = new Map(locked.map(({ document }) => [document.id, document]))
  const changes = all.flatMap((stored) => {
    const [one, delivery] = [stored.document, byId.get(stored.document.delivery)]
    if (delivery === undefined || !restored.rules.isOpen(one)) return []
    const own = all.flatMap(({ document }) => (document.delivery === delivery.id ? [document] : []))
    const after = besideDelivery(one, delivery, locationsOfDelivery(delivery), own)
    return after === one ? [] : [{ stored, after, notes: [{ ...note, what: 'picks-changed', why: after.problem }] }]
  })
  await saveDocuments(tx, packages, { changes })
}
