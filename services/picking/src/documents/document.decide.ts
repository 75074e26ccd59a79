/** What a slice states of its documents: its decision on one request. `document.command.actions.ts` carries it out. Pure. */
import { refuse, type Refusal } from '@stockline/service-kit/refusal'
import type { LocationScope } from '@stockline/contracts/locations'
import type { Location } from '../locations/location.ts'
import type { ReferenceData } from '../products/product.ts'

export { inAnyVersion, nothingLeft, type Decided, type DocumentDecision } from '@stockline/documents/decision'

/** What a decision may know besides the document and the request. */
export interface Facts {
  /** The actor of the request. */
  readonly by: { readonly id: string; readonly name: string }
  /** Has the actor this right? */
  readonly may: (right: string) => boolean
  /** The time of the transaction. */
  readonly now: Date
  /** Products and units on the document, and those that the request names. */
  readonly referenceData: ReferenceData
  /** Of the places that the request names those that are known. */
  readonly locations: ReadonlyMap<string, Location>
  /** Where the actor may act, as far as the request names places; null is everywhere. */
  readonly scope: LocationScope
}

/** Only a supervisor or above says when it really happened, and never in the future. */
export function effectiveAtRefusal(
  effectiveAt: Date | undefined,
  { may, now }: Pick<Facts, 'may' | 'now'>,
): Refusal | undefined {
  if (effectiveAt === undefined) return undefined
  if (!may('effective-at.set'))
    return refuse('effective-at-forbidden', 'forbidden', 'Only a supervisor or a manager may say when it happened.')
  if (effectiveAt <= now) return undefined
  return refuse('effective-at-future', 'content', 'It cannot have happened in the future.', [
    { pointer: '/effectiveAt', message: 'must not be in the future' },
  ])
}
