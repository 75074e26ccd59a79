/** What becomes of packages when their delivery changes. Pure. */
import { locationsOfDelivery, type Delivery } from '../deliveries/delivery.ts'
import { besideDelivery, goodsBeyond, isInUse, type PackedGoods, type Package } from './package.ts'

/** A package that is another one now, and what its history says of that: nothing where only its places are others. */
export interface FollowedPackage {
  readonly before: Package
  readonly after: Package
  readonly notes: readonly { readonly what: string; readonly why: string | null }[]
}

/** Those packages of a delivery that change with it: shipped or cancelled with it, or told that more is in them than is picked. */
export function packagesAfter(delivery: Delivery, all: readonly Package[]): readonly FollowedPackage[] {
  const [places, beyond] = [locationsOfDelivery(delivery), goodsBeyond(delivery, all)]
  return all.flatMap((before): readonly FollowedPackage[] => {
    if (before.status === 'shipped' || !isInUse(before)) return []
    const followed = followedBy(before, delivery, places, beyond)
    return followed.after === before ? [] : [{ before, ...followed }]
  })
}

function followedBy(
  one: Package,
  { status, number }: Delivery,
  places: readonly string[],
  beyond: ReadonlyMap<string, PackedGoods>,
): Pick<FollowedPackage, 'after' | 'notes'> {
  const ended = status === 'done' ? 'shipped' : status === 'cancelled' ? 'cancelled' : undefined
  if (ended !== undefined) {
    const notes = [{ what: ended, why: `With ${number}` }]
    return { after: { ...one, status: ended, problem: null }, notes }
  }
  const after = besideDelivery(one, beyond, places)
  return { after, notes: after.problem === one.problem ? [] : [{ what: 'picks-changed', why: after.problem }] }
}
