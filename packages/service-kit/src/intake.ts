/**
 * Events from outside by HTTP. They meet those from the bus in one inbox: same key, same reactions, one at a time per
 * stream.
 */
import { envelopeSchema, type Event } from '@stockline/contracts/envelope'
import { z } from 'zod'
import { operation, type Right, type Route } from './endpoint.ts'
import { openInbox, type Inbox, type Taken } from './inbox.ts'
import { inboxKey } from './inbox.store.ts'
import { textOfBytes, type Heard } from './inbox.read.ts'
import type { Logger } from './logging.ts'
import { Problem } from './problem.ts'
import { boundedFaults, faultsInWords } from './problem.bounds.ts'
import { quarantinedAs } from './quarantine.ts'
import type { AnyContract, Reaction } from './reactions.ts'
import { isRefusal, refuse, type Refusal } from './refusal.ts'
import type { Database, Origin, Queryable } from './transaction.ts'

const reasonOfParked =
  'It could not be applied and is set aside. Do not send it again: an administrator will see to it.'

const takenAnswer = z
  .object({
    state: z.enum(['applied', 'waiting', 'parked', 'repeated']).meta({
      description:
        '`applied`: done; `waiting`: for what it lacks, or behind an earlier event that does; `parked`: set aside for an administrator; `repeated`: known before.',
    }),
    reason: z.string().nullable().meta({ description: 'Why it waits or is parked, or why it changed nothing.' }),
    warnings: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .meta({ description: 'Fields that are not known and change nothing: misspelled, perhaps.' }),
    moreWarnings: z.int().optional().meta({ description: 'Such fields besides those in `warnings`.' }),
  })
  .meta({ id: 'EventTaken' })

/** What became of an event. */
type Became = Pick<z.output<typeof takenAnswer>, 'state' | 'reason'>

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
 * Takes one CloudEvent in structured mode. 202 when it is durably taken, also when it then waits or is parked, and the
 * body says which; the same id again 202; the same id with another content, and content that a reaction finds to
 * contradict what it knows, 409; not JSON 400; against its schema 422 with every fault. Fields
 * that nobody here knows are let pass, and named in the answer.
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
    bodyShown: cloudEventOf(options.contracts),
    answers: takenAnswer,
    status: 202,
    run: async (db: Database<P>, { rawBody, origin }) => {
      let inbox = inboxes.get(db)
      if (inbox === undefined) inboxes.set(db, (inbox = openInbox(db, options.reactions, options.log)))
      return takeIn(db, inbox, options.contracts, rawBody, origin)
    },
  })
}

async function takeIn<P>(
  db: Database<P>,
  inbox: Inbox<P>,
  accepted: readonly AnyContract[],
  body: Buffer,
  origin: Origin,
): Promise<z.output<typeof takenAnswer> | Refusal> {
  const read = inbox.reader.submitted(textOfBytes(body) ?? '', accepted)
  if (read.kind === 'unreadable') return refusalOf(read)
  if (read.kind === 'other') throw new Error(`Nothing in this service reacts to ${read.type}, and it is accepted.`)
  const taken = await inbox.accept(read, origin)
  const { id, source } = read.event
  if (taken.conflicts.has(inboxKey(read.event))) {
    return refuse('event-id-reused', 'state', `The id "${id}" of ${source} was used before, for another content.`)
  }
  const became = taken.fresh.has(inboxKey(read.event)) ? answerTo(read.event, taken) : await answerToRepeat(db, read)
  if (isRefusal(became)) return became
  const { faults: warnings, more } = boundedFaults(read.strange)
  return { ...became, warnings: [...warnings], ...(more === 0 ? {} : { moreWarnings: more }) }
}

/** What became of an event that is new. One that is wrong in itself is kept in quarantine, and its sender is told. */
function answerTo({ source, id }: Event, { parked, refusals }: Taken): Became | Refusal {
  const aside = parked.find(({ event }) => event.source === source && event.id === id)
  if (aside?.state === 'parked') return { state: 'parked', reason: reasonOfParked }
  if (aside !== undefined) return { state: 'waiting', reason: aside.reason }
  const own = refusals.filter((one) => one.source === source && one.id === id).map(({ refusal }) => refusal)
  const wrong = own.find((refusal) => refusal.kind === 'content')
  if (wrong !== undefined) return refuse(wrong.refused, 'state', wrong.detail, wrong.errors)
  return { state: 'applied', reason: own[0]?.detail ?? null }
}

/** A try again after a lost answer hears the same "no" as the first. */
async function answerToRepeat(
  db: Queryable,
  read: Pick<Heard, 'event' | 'topic' | 'contentHash'>,
): Promise<Became | Refusal> {
  const wrong = await quarantinedAs(db, read)
  if (wrong === undefined) return { state: 'repeated', reason: null }
  return refuse(wrong.reason, 'state', wrong.faults.map((fault) => fault.message).join(' '), wrong.faults)
}

/** The CloudEvents that are accepted, for the reference: the inbox checks them itself. */
function cloudEventOf(contracts: readonly AnyContract[]): z.ZodType {
  const [first, ...others] = contracts.map(shownEventOf)
  return first === undefined ? z.never() : z.discriminatedUnion('type', [first, ...others])
}

const { specversion, id, source, subject, time, datacontenttype } = envelopeSchema.shape
const shownEnvelope = z.object({ specversion, id, source, subject, time, datacontenttype })
const shownEvents = new WeakMap<AnyContract, ReturnType<typeof makeShownEvent>>()

/** One schema for each contract, since it has a name in the document. */
function shownEventOf(contract: AnyContract) {
  let known = shownEvents.get(contract)
  if (known === undefined) shownEvents.set(contract, (known = makeShownEvent(contract)))
  return known
}

/** `purchasing.order-confirmed.v1` is `PurchasingOrderConfirmedV1`. */
function makeShownEvent({ type, summary, data }: AnyContract) {
  const name = type.replaceAll(/(?:^|[^a-z0-9])([a-z0-9])/g, (_all, initial: string) => initial.toUpperCase())
  return shownEnvelope
    .extend({ type: z.literal(type), data: data.meta({ id: `${name}Data` }) })
    .meta({ id: name, title: type, description: summary })
}

function refusalOf(read: { readonly reason: string; readonly faults: Refusal['errors'] & object }): Refusal {
  if (read.reason === 'not-json') throw new Problem(400, 'body-not-json', 'The body is not a JSON object in UTF-8.')
  return refuse('event-invalid', 'content', `The event cannot be taken: ${faultsInWords(read.faults)}.`, read.faults)
}
