/** Packages after the database fell back: made again, with their deliveries told, and no SSCC given twice. */
import type { Tx } from '../database.ts'
import { deliveries } from '../deliveries/delivery.actions.ts'
import { openWhile } from '../documents/document.fields.ts'
import { saveDocuments } from '../documents/document.save.actions.ts'
import {
  restoreDocuments,
  type LostEvent,
  type RestoredDocuments,
  type RestoredKind,
} from '../restoring/document.restore.actions.ts'
import { keepBeside, packages } from './package.actions.ts'
import type { PackageEvent } from './package.events.ts'
import { packageKind } from './package.fields.ts'
import { lastSerials, restorablePackages } from './package.restore.ts'
import { advanceSerials, skipSerials } from './package.sscc.store.ts'
import type { Package } from './package.ts'

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

/**
 * Brings packages to what was published of them. Call it once the deliveries are restored.
 *
 * @param given all whose SSCC was published and may be on labels, also those of a history that is no more
 * @param prefix the company's, with which SSCCs may have been given of which nothing was published; undefined where none is configured
 */
export async function restorePackages(
  tx: Tx,
  events: readonly LostEvent<PackageEvent>[],
  given: readonly LostEvent<PackageEvent>[],
  prefix: string | undefined,
): Promise<RestoredDocuments> {
  const done = await restoreDocuments(tx, restored, restorablePackages, {
    ...{ events, tooLate: [], orderOf: () => undefined, backorderOf: () => null },
  })
  await besideDeliveries(tx, [...new Set(events.map(({ published }) => published.data.delivery.documentId))])
  const last = lastSerials(given.map(({ published }) => published.data), prefix) // prettier-ignore
  for (const [of, serial] of last) await advanceSerials(tx, of, serial)
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
  const found = locked.map(({ document }) => document)
  await keepBeside(tx, found, () => ({ who: null }))
}
