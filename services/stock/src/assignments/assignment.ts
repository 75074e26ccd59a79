/** Who acts where: whole subtrees, none until assigned; managers everywhere. */
import { isAtOrBelow, isWithin, type LocationScope } from '@stockline/contracts/locations'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { AssignedUser } from './assignment.api.ts'

/** The list without what lies below another of its own locations, in order. */
export function withoutNested(locations: readonly string[]): string[] {
  const all = [...new Set(locations)].sort()
  return all.filter((code) => !all.some((top) => code !== top && isAtOrBelow(code, top)))
}

/**
 * What is given or taken must exist and lie inside the scope of who assigns. What is outside is as if it were not
 * there.
 *
 * @param known codes that name a location or a warehouse
 */
export function assignmentRefusal(
  user: AssignedUser,
  locations: readonly string[],
  known: ReadonlySet<string>,
  scope: LocationScope,
): Refusal | undefined {
  const faults: FieldError[] = locations.flatMap((code, index) =>
    user.locations.includes(code) || (known.has(code) && isWithin(scope, code))
      ? []
      : [{ pointer: `/locations/${index}`, message: `${code} is no location that you may assign` }],
  )
  const kept = new Set(locations)
  const taken = user.locations.filter((code) => !kept.has(code) && !isWithin(scope, code))
  if (taken.length > 0)
    faults.push({ pointer: '/locations', message: `lacks ${taken.join(', ')}, which are not yours to take away` })
  if (faults.length === 0) return undefined
  const detail = faults.map((fault) => fault.message).join('; ')
  return refuse('assignment-outside-scope', 'content', `The locations cannot be assigned: ${detail}.`, faults)
}
