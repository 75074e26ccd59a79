/**
 * Events from outside by HTTP. They meet those from the bus in one inbox: same key, same reactions, one at a time per
 * stream.
 */
import { operation, type Right, type Route } from './endpoint.ts'
import { openInbox, type Inbox } from './inbox.ts'
import { textOfBytes } from './inbox.read.ts'
import type { Logger } from './logging.ts'
import { Problem } from './problem.ts'
import type { AnyContract, Reaction } from './reactions.ts'
import { refuse, type Refusal } from './refusal.ts'
import type { Database, Origin } from './transaction.ts'

/** What is taken here, and by whom. */
export interface EventsEndpointOptions<P> {
  /** Default `/v1/events`. */
  readonly path?: string
  /** `scope:orders:publish` */
  readonly right: Right
  /** What is accepted here. */
  readonly contracts: readonly AnyContract[]
  /** The service's reactions, the same that the bus feeds. */
  readonly reactions: readonly Reaction<P>[]
  readonly log: Logger
}

/**
 * Takes one CloudEvent in structured mode. 202 when it is durably taken, also when it then waits or is parked; the
 * same id again 202; the same id with another content 409; not JSON 400; against its schema 422 with every fault.
 */
export function eventsEndpoint<P>(options: EventsEndpointOptions<P>): Route<P> {
  const inboxes = new WeakMap<Database<P>, Inbox<P>>()
  const types = options.contracts.map((contract) => contract.type)
  return operation({
    method: 'post',
    path: options.path ?? '/v1/events',
    right: options.right,
    summary: 'Takes an event from outside, as a CloudEvent',
    description: `Accepted are ${types.map((type) => `\`${type}\``).join(', ')}. The event's id is its idempotency key.`,
    accepts: 'application/cloudevents+json',
    status: 202,
    run: async (db: Database<P>, { rawBody, origin }) => {
      let inbox = inboxes.get(db)
      if (inbox === undefined) inboxes.set(db, (inbox = openInbox(db, options.reactions, options.log)))
      return takeIn(inbox, options.contracts, rawBody, origin)
    },
  })
}

async function takeIn<P>(
  inbox: Inbox<P>,
  accepted: readonly AnyContract[],
  body: Buffer,
  origin: Origin,
): Promise<Refusal | undefined> {
  const read = inbox.reader.submitted(textOfBytes(body) ?? '', accepted)
  if (read.kind === 'unreadable') return refusalOf(read)
  if (read.kind === 'other') throw new Error(`Nothing in this service reacts to ${read.type}, and it is accepted.`)
  const { conflicts } = await inbox.accept(read, origin)
  if (conflicts === 0) return undefined
  const { id, source } = read.event
  return refuse('event-id-reused', 'state', `The id "${id}" of ${source} was used before, for another content.`)
}

function refusalOf(read: { readonly reason: string; readonly faults: Refusal['errors'] & object }): Refusal {
  if (read.reason === 'not-json') throw new Problem(400, 'body-not-json', 'The body is not a JSON object in UTF-8.')
  const faults = read.faults.map((fault) => `${fault.pointer} ${fault.message}`).slice(0, 5)
  return refuse('event-invalid', 'content', `The event cannot be taken: ${faults.join('; ')}.`, read.faults)
}
