/** Packages, for those who carry out what is decided on them, and how they follow their deliveries. */
import { pickingPackageChanged } from '@stockline/contracts'
import type { ChangeWithEvents, Note, Stored } from '@stockline/documents'
import { event, type Tx } from '@stockline/service-kit'
import type { Delivery } from '../deliveries/delivery.ts'
import { carriedKind, saveDocuments } from '../documents/document.save.actions.ts'
import { storedDocuments } from '../documents/document.stored.actions.ts'
import { packageEvents, type PackageEvent } from './package.events.ts'
import { packageKind } from './package.fields.ts'
import { packagesAfter } from './package.follow.ts'
import type { Package } from './package.ts'

/** How packages are kept, what they name, and their events. */
export const packages = carriedKind(
  packageKind,
  storedDocuments({ ...packageKind, locationsOf: ({ places }) => places }),
  {
    namesOn: ({ lines }) => lines,
    eventsOf: packageEvents,
    outgoing: (id, { data }: PackageEvent, source) => event(pickingPackageChanged, id, data, source),
  },
)

const lockOfDeliveries = packages.store.lockWhere('d.delivery = ANY ($1::uuid[])')

/** The packages of deliveries, locked, oldest first. Lock the deliveries before. */
export async function lockPackagesOf(tx: Tx, deliveryIds: readonly string[]): Promise<readonly Stored<Package>[]> {
  return lockOfDeliveries(tx, [deliveryIds])
}

/** What deliveries must know of their packages, where they have any: nothing is asked of others. */
export async function packagesOf(
  tx: Tx,
  deliveries: readonly Delivery[],
): Promise<(delivery: Delivery) => { readonly packages: readonly Package[] }> {
  const ids = deliveries.flatMap(({ id, packed }) => (packed ? [id] : []))
  const found = ids.length === 0 ? [] : await lockPackagesOf(tx, ids)
  const all = found.map(({ document }) => document)
  return ({ id }) => ({ packages: all.filter(({ delivery }) => delivery === id) })
}

/**
 * Packages follow their deliveries: shipped or cancelled with them, and told that more is in them than is picked. Deliveries without
 * packages cost nothing.
 */
export async function packagesFollow(tx: Tx, changes: readonly ChangeWithEvents<Delivery, unknown>[]): Promise<void> {
  const followed = changes.filter(({ stored: { document: before }, after }) => {
    const isOther = after.lines !== before.lines || after.status !== before.status
    return after.packed && before.packed && isOther
  })
  const byId = new Map(followed.map((one) => [one.after.id, one]))
  await keepBeside(tx, [...byId.values()].map(({ after }) => after), ({ id }) => {
    const one = byId.get(id)
    const who = one?.notes.at(-1)?.who
    return { causedBy: one?.causedBy, origin: one?.origin, ...(who === undefined ? {} : { who }) }
  }) // prettier-ignore
}

/** Saves what becomes of the packages of deliveries as these are now. @param sourceOf what led to it */
export async function keepBeside(
  tx: Tx,
  deliveries: readonly Delivery[],
  sourceOf: (delivery: Delivery) => Cause,
): Promise<void> {
  if (deliveries.length === 0) return
  const found = await lockPackagesOf(tx, deliveries.map(({ id }) => id)) // prettier-ignore
  const byDelivery = Map.groupBy(found, ({ document }) => document.delivery)
  const changes = deliveries.flatMap((one) => changesBeside(one, byDelivery.get(one.id) ?? [], sourceOf(one)))
  await saveDocuments(tx, packages, { changes })
}

/** What led to a change of packages, and who; undefined is nobody. */
type Cause = Pick<ChangeWithEvents<Package>, 'causedBy' | 'origin'> & Pick<Note, 'who'>

/** The changes of a delivery's packages beside it as it is now. @param all of its packages */
export function changesBeside(
  delivery: Delivery,
  all: readonly Stored<Package>[],
  { who, ...cause }: Cause,
): readonly ChangeWithEvents<Package>[] {
  const byId = new Map(all.map((stored) => [stored.document.id, stored]))
  return packagesAfter(delivery, all.map(({ document }) => document)).flatMap(({ before, after, notes }) => {
    const stored = byId.get(before.id)
    const signed = notes.map((note) => ({ ...note, ...(who === undefined ? {} : { who }) }))
    return stored === undefined ? [] : [{ ...cause, stored, after, notes: signed }]
  }) // prettier-ignore
}
