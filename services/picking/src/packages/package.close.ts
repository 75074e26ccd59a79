/** Steps on a package: begun, closed, reopened, cancelled. Pure. */
import { refuse } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { nothing, type Delivery } from '../deliveries/delivery.ts'
import { inAnyVersion, nothingLeft, type Decided } from '../documents/document.decide.ts'
import type { reasonBody } from '../documents/document.shapes.actions.ts'
import { packable, type KnownOfPackage } from './package.contents.ts'
import type { closeBody } from './package.shapes.api.ts'
import { packingFaults, type Package } from './package.ts'

/** An empty package of a delivery, before it has a number. */
export function begunPackage(
  given: Pick<Package, 'id' | 'createdAt' | 'sscc' | 'companyPrefix' | 'type' | 'places'>,
  { id: delivery, number: deliveryNumber, warehouse }: Pick<Delivery, 'id' | 'number' | 'warehouse'>,
): Omit<Package, 'number'> {
  const empty = { status: 'open', problem: null, weight: nothing, version: 1, lines: [] } as const
  return { ...given, ...empty, delivery, deliveryNumber, warehouse }
}

/** Closes it: what is in it stays in it, and goes with the delivery. */
export function closePackage(one: Package, rest: z.output<typeof closeBody>, known: KnownOfPackage): Decided<Package> {
  nothingLeft(rest)
  if (one.status === 'closed' || one.status === 'shipped') return 'already'
  if (one.status === 'cancelled') return isCancelled(one)
  const early = packable(known.delivery)
  if (early !== undefined) return early
  if (one.lines.length === 0)
    return refuse('package-is-empty', 'state', `${one.number} is empty: fill it first, or cancel it.`)
  if (one.problem !== null) {
    const lines = new Set(one.lines.map(({ documentLine }) => `/lines/${String(documentLine)}`))
    const faults = packingFaults(known.delivery, [...known.others, { ...one, status: 'closed' }])
    const own = faults.filter(({ pointer }) => lines.has(pointer))
    return refuse('package-beyond-picks', 'state', `${one.number} cannot be closed. ${one.problem}`, own)
  }
  return { document: { ...one, status: 'closed' }, notes: [{ what: 'closed', why: null }] }
}

/** Opens one that is closed, until its delivery is shipped. Its label stays good. */
export function reopenPackage(one: Package, rest: z.output<typeof closeBody>, known: KnownOfPackage): Decided<Package> {
  nothingLeft(rest)
  if (one.status === 'open') return 'already'
  if (one.status === 'cancelled') return isCancelled(one)
  if (one.status === 'shipped') return inAnyVersion(refuse('package-shipped', 'state', `${one.number} is shipped.`))
  return packable(known.delivery) ?? { document: { ...one, status: 'open' }, notes: [{ what: 'reopened', why: null }] }
}

/** Cancels one that is empty. Its SSCC is not given again. */
export function cancelPackage(one: Package, { reason, ...rest }: z.output<typeof reasonBody>): Decided<Package> {
  nothingLeft(rest)
  if (one.status === 'cancelled') return 'already'
  if (one.status === 'shipped') return inAnyVersion(refuse('package-shipped', 'state', `${one.number} is shipped.`))
  if (one.lines.length > 0)
    return refuse('package-not-empty', 'state', `${one.number} is not empty: take out what is in it first.`)
  return { document: { ...one, status: 'cancelled' }, notes: [{ what: 'cancelled', why: reason }] }
}

function isCancelled({ number }: Package) {
  return inAnyVersion(refuse('package-cancelled', 'state', `${number} is cancelled.`))
}
