/** Packages, for those who carry out what is decided on them, and how they follow their deliveries. */
import { pickingPackageChanged } from '@stockline/contracts'
import type { ChangeWithEvents, Stored } from '@stockline/documents'
import { event, type Tx } from '@stockline/service-kit'
import { locationsOfDelivery, type Delivery } from '../deliveries/delivery.ts'
import { carriedKind, saveDocuments } from '../documents/document.save.actions.ts'
import { storedDocuments } from '../documents/document.stored.actions.ts'
import { packageEvents, type PackageEvent } from './package.events.ts'
import { packageKind } from './package.fields.ts'
import { besideDelivery, isInUse, type Package } from './package.ts'

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
  if (followed.length === 0) return
  const byId = new Map(followed.map((one) => [one.after.id, one]))
  const found = await lockPackagesOf(tx, [...byId.keys()])
  const changed = found.flatMap((stored): readonly ChangeWithEvents<Package>[] => {
    const one = byId.get(stored.document.delivery)
    if (one === undefined || stored.document.status === 'shipped' || !isInUse(stored.document)) return []
    const all = found.flatMap(({ document }) => (document.delivery === one.after.id ? [document] : []))
    const { after, what, why } = followedBy(stored.document, one.after, all)
    if (after === stored.document) return []
    const { causedBy, origin } = one
    const by = one.notes.at(-1)?.who
    const note = { what, why, ...(by === undefined ? {} : { who: by }) }
    return [{ stored, after, notes: what === '' ? [] : [note], causedBy, origin }]
  })
  await saveDocuments(tx, packages, { changes: changed })
}

/** The package after its delivery changed, and what its history says of that. */
function followedBy(one: Package, delivery: Delivery, all: readonly Package[]) {
  const why = `With ${delivery.number}`
  if (delivery.status === 'done')
    return { after: { ...one, status: 'shipped' as const, problem: null }, what: 'shipped', why }
  if (delivery.status === 'cancelled')
    return { after: { ...one, status: 'cancelled' as const, problem: null }, what: 'cancelled', why }
  const after = besideDelivery(one, delivery, locationsOfDelivery(delivery), all)
  return after.problem === one.problem ? { after, what: '', why } : { after, what: 'picks-changed', why: after.problem }
}
