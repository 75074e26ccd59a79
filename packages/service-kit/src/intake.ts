/**
 * Events from outside by HTTP. They meet those from the bus in one inbox: same key, same reactions, one at a time per
 * stream.
 */
import type { AnyContract, Reaction } from './reactions.ts'

export interface EventsEndpointOptions<P> {
  readonly path: string
  /** `scope:orders:publish` */
  readonly right: string
  /** What is accepted here. */
  readonly contracts: readonly AnyContract[]
  /** The service's reactions, the same that the bus feeds. */
  readonly reactions: readonly Reaction<P>[]
}
