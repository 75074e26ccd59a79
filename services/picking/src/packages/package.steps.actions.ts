/** Steps on packages. Each locks the delivery first, then its packages: whoever packs, picks or ships waits for the others. */
import { values } from '@stockline/contracts'
import { isRefusal, refuse, sql, type Actor, type Refusal } from '@stockline/service-kit'
import { whoIs, type Stored } from '@stockline/documents'
import { v7 as uuid } from 'uuid'
import type { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { deliveries } from '../deliveries/delivery.actions.ts'
import { locationsOfDelivery, type Delivery } from '../deliveries/delivery.ts'
import { conclude, lockToDecide, type DocumentRequest } from '../documents/document.command.actions.ts'
import { nothingLeft, type Decided } from '../documents/document.decide.ts'
import { saveDocuments } from '../documents/document.save.actions.ts'
import { referenceDataOf, type Named } from '../products/product.actions.ts'
import { changesBeside, lockPackagesOf, packages } from './package.actions.ts'
import { begunPackage } from './package.close.ts'
import { packable, type KnownOfPackage } from './package.contents.ts'
import type { newPackageBody } from './package.shapes.api.ts'
import { ssccOf } from './package.sscc.ts'
import { isGiven, serialBehindGiven, takeSerial } from './package.sscc.store.ts'
import { isInUse, type Package } from './package.ts'
import { packingSlipView } from './package.view.ts'

const deliveryOfPackage = sql('SELECT delivery AS id FROM packages WHERE id = $1')
const deliveryById = sql('SELECT id FROM deliveries WHERE id = $1')
const deliveryByNumber = sql('SELECT id FROM deliveries WHERE number = $1')
const packagesOfDelivery = sql('SELECT id FROM packages WHERE delivery = $1 ORDER BY number COLLATE "C"')

/** A delivery has no more packages at a time. */
const mostPackages = 1000

/** One request on one package, decided with its delivery and the other packages of that. */
export async function changePackage<Body>(
  tx: Tx,
  request: DocumentRequest<Body>,
  decide: (one: Package, body: Body, known: KnownOfPackage) => Decided<Package> | Promise<Decided<Package>>,
  names: (body: Body) => readonly Named[] = () => [],
): Promise<Stored<Package> | Refusal> {
  const { id } = request.params
  const [row] = await tx.query<{ id: string }>(deliveryOfPackage, [id])
  if (row === undefined) return packages.unknown()
  const { stored: of } = await lockToDecide(tx, deliveries, row.id)
  const delivery = of.document
  const all = await lockPackagesOf(tx, [delivery.id])
  const stored = all.find(({ document }) => document.id === id)
  if (stored === undefined) return packages.unknown()
  const others = all.flatMap(({ document }) => (document.id === id ? [] : [document]))
  const referenceData = await referenceDataOf(tx, [...deliveries.namesOn(delivery), ...names(request.body)])
  const known = { delivery, places: locationsOfDelivery(delivery), others, referenceData }
  const done = await conclude(tx, packages, stored, request, await decide(stored.document, request.body, known))
  // What is taken out of one package may end what another one had too much.
  if (!isRefusal(done) && done !== stored) {
    const now = all.map((each) => (each === stored ? done : each))
    const changes = changesBeside(delivery, now, { origin: request.origin, who: whoIs(request.actor) })
    await saveDocuments(tx, packages, { changes: changes.filter((each) => each.stored !== done) })
  }
  return done
}

/** An empty package of a delivery, with its SSCC. @param prefix the company's, undefined where none is configured */
export async function makePackage(
  tx: Tx,
  body: z.output<typeof newPackageBody>,
  actor: Actor,
  prefix: string | undefined,
): Promise<Stored<Package> | Refusal> {
  const { delivery: named, type = null, ...rest } = body
  nothingLeft(rest)
  const id = await deliveryNamed(tx, named)
  if (id === undefined || !(await deliveries.store.actable(tx, { params: { id }, actor })))
    return refuse('delivery-unknown', 'content', 'There is no such delivery among those of your locations.', [
      { pointer: '/delivery', message: 'is not known' },
    ])
  const { stored } = await lockToDecide(tx, deliveries, id)
  const delivery = stored.document
  const early = packable(delivery) ?? fullRefusal(delivery, await lockPackagesOf(tx, [delivery.id]))
  if (early !== undefined) return early
  if (!delivery.packed) await saveDocuments(tx, deliveries, { changes: [asPacked(stored)] })
  const numbered = await nextSscc(tx, prefix)
  if (isRefusal(numbered)) return numbered
  const given = { id: uuid(), createdAt: tx.now, ...numbered, type, places: locationsOfDelivery(delivery) }
  const drafts = [{ draft: begunPackage(given, delivery), note: { what: 'created', why: null } }]
  const [made] = (await saveDocuments(tx, packages, { drafts })).created
  if (made === undefined) throw new Error('A package was made and is not there.')
  return made
}

/** What goes in which package of a delivery. */
export async function packingSlip(db: Database, id: string) {
  const [stored] = await deliveries.store.read(db, [id])
  if (stored === undefined) return deliveries.unknown()
  const ids = stored.document.packed ? await db.query<{ id: string }>(packagesOfDelivery, [id]) : []
  const found = ids.length === 0 ? [] : await packages.store.read(db, ids.map((one) => one.id)) // prettier-ignore
  const byNumber = found.map(({ document }) => document).sort((a, b) => (a.number < b.number ? -1 : 1))
  return packingSlipView(stored.document, byNumber)
}

async function deliveryNamed(tx: Tx, named: string): Promise<string | undefined> {
  const byId = values.id.safeParse(named).success
  return (await tx.query<{ id: string }>(byId ? deliveryById : deliveryByNumber, [named]))[0]?.id
}

function fullRefusal({ number }: Delivery, all: readonly Stored<Package>[]): Refusal | undefined {
  if (all.filter(({ document }) => isInUse(document)).length < mostPackages) return undefined
  return refuse('packages-too-many', 'state', `${number} has 1,000 packages: fill those.`)
}

/** From now on the delivery is asked for its packages. */
function asPacked(stored: Stored<Delivery>) {
  return { stored, after: { ...stored.document, packed: true }, notes: [{ what: 'packing', why: null }] }
}

async function nextSscc(
  tx: Tx,
  prefix: string | undefined,
): Promise<Pick<Package, 'sscc' | 'companyPrefix'> | Refusal> {
  if (prefix === undefined)
    return refuse(
      'sscc-not-configured',
      'state',
      'Packages get an SSCC, which begins with the company prefix of GS1, and none is configured: set GS1_COMPANY_PREFIX of picking.',
    )
  const first = ssccOf(prefix, await takeSerial(tx, prefix))
  // Prefixes of other lengths may have given it: one prefix can begin with another.
  const sscc =
    first !== undefined && (await isGiven(tx, first)) ? ssccOf(prefix, await serialBehindGiven(tx, prefix)) : first
  if (sscc !== undefined) return { sscc, companyPrefix: prefix }
  return refuse('sscc-used-up', 'state', `All SSCCs of the company prefix ${prefix} are given: configure another one.`)
}
