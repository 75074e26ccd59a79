/**
 * Events from outside by HTTP. They meet those from the bus in one inbox: same key, same reactions, one at a time per
 * stream.
 */
import { envelopeSchema } from '@stockline/contracts/envelope'
import { z } from 'zod'
import type { Actor, Right } from '../http/endpoint.declarations.ts'
import { operation, type Route } from '../http/endpoint.ts'
import { openInbox, type Inbox } from './inbox.ts'
import type { IncomingEvent, Read, Unreadable } from './inbox.read.ts'
import { batchAnswer, takeEventBatch } from './intake.batch.ts'
import { eventResultOf, takenAnswer } from './intake.answer.ts'
import type { Logger } from '../runtime/logging.ts'
import type { Meet } from '../runtime/group-commit.ts'
import { HttpProblem } from '../http/problem.ts'
import { boundedErrors, errorsInWords } from '../values/bounds.ts'
import type { Metrics } from '../process/metrics.ts'
import type { AnyContract, Reaction } from './reactions.ts'
import { isRefusal, refuse, type FieldError, type Refusal } from '../refusal.ts'
import type { Database, Origin } from '../database/transaction.ts'

/** Which events are accepted, and from whom. */
export interface EventsEndpointOptions<P> {
  /** Default `/v1/events`. */
  readonly path?: string
  /** `scope:orders:publish` */
  readonly right: Right
  /** What is accepted here. */
  readonly contracts: readonly AnyContract[]
  /** The service's reactions, the same that the bus feeds. */
  readonly reactions: readonly Reaction<P>[]
}

/** What it needs of the service. */
interface EventsParts<P> {
  readonly db: Database<P>
  readonly log: Logger
  /** Where unknown fields are counted. */
  readonly metrics?: Pick<Metrics, 'unknownFields'>
  readonly meet?: Meet | undefined
}

/**
 * Takes a CloudEvent in structured or binary mode, or a batch of at most 100. 202 when it is durably taken, also when it
 * is deferred or parked, which the body shows; the same id again 202; the same id with another content, and content
 * that a reaction finds to contradict what it knows, 409; not JSON 400; another content type 415; against its schema, and
 * with texts that the database cannot store as they were sent, 422 with every error. Unknown fields are accepted, and
 * named in the answer. A batch is taken as a whole or not at all.
 */
export function eventsEndpoint<P>(parts: EventsParts<P>, options: EventsEndpointOptions<P>): Route<P> {
  const { contracts, reactions } = options
  const { db, log, metrics, meet } = parts
  const observer = metrics && { unknownFields: metrics.unknownFields }
  const inbox = openInbox(db, reactions, log, observer, meet)
  const types = contracts.map((contract) => contract.type)
  const shown = cloudEventOf(contracts)
  return operation({
    method: 'post',
    path: options.path ?? '/v1/events',
    right: options.right,
    summary: 'Takes events from outside, as CloudEvents',
    description: describe(types),
    accepts: 'application/cloudevents+json',
    bodyShown: shown,
    bodiesShown: { 'application/cloudevents-batch+json': z.array(shown).max(mostInBatch) },
    answers: z.union([takenAnswer, batchAnswer]),
    status: 202,
    run: async (_db, { rawBody, headers, origin, actor }) => {
      const sent = inbox.reader.submitted(headers, rawBody, contracts)
      if (sent.mode === 'unsupported') throw unsupported(sent.contentType)
      if (sent.mode === 'one')
        return foreignSources(actor, [sent.read], () => '') ?? takeIn(db, inbox, sent.read, origin, log)
      if (sent.reads.length > mostInBatch) return tooMany
      const reads = sent.reads.map((read) => eventIn(read, log))
      return foreignSources(actor, reads, (index) => `/${String(index)}`) ?? takeEventBatch(inbox, reads, origin)
    },
  })
}

const mostInBatch = 100

function describe(types: readonly string[]): string {
  return [
    `Accepted are ${types.map((type) => `\`${type}\``).join(', ')}. An event's id is its idempotency key.`,
    'Structured mode as shown; `application/json` is read so too. Binary mode: attributes in `ce-` headers,',
    'percent-encoded, and the data alone as `application/json`. A batch (`application/cloudevents-batch+json`) is taken as a',
    'whole, in its order, or not at all: then every fault names the event by its place, `/3/data/lines/0/sku`.',
  ].join(' ')
}

const tooMany = refuse(
  'fields-wrong',
  'content',
  `The batch has too many events: at most ${String(mostInBatch)} are taken together.`,
  [{ pointer: '', message: `must have at most ${String(mostInBatch)} items` }],
)

/** Events of systems that the client does not speak for. What cannot be read is refused as such. */
function foreignSources<P>(
  { sources }: Actor,
  reads: readonly Read<P>[],
  place: (index: number) => string,
): Refusal | undefined {
  if (sources === undefined) return undefined
  const faults = reads.flatMap((read, index): FieldError[] =>
    read.kind !== 'event' || sources.includes(read.event.source)
      ? []
      : [{ pointer: `${place(index)}/source`, message: `"${read.event.source}" is none of this client’s sources` }],
  )
  if (faults.length === 0) return undefined
  const detail = `No event is taken: ${errorsInWords(faults)}. It speaks for ${sources.join(', ')}.`
  return refuse('source-forbidden', 'forbidden', detail, faults)
}

function unsupported(contentType: string): HttpProblem {
  const said = contentType === '' ? 'Without a content type' : `As ${contentType}`
  return new HttpProblem(
    415,
    'content-type-unsupported',
    `${said} no event is read. Send application/cloudevents+json, application/cloudevents-batch+json, or ce- headers with application/json.`,
  )
}

/** What was read, when it is an event or its sender's mistake. That reading it threw is our bug, and is logged. */
function eventIn<P>(read: Read<P>, log: Logger): IncomingEvent<P> | Unreadable {
  if (read.kind === 'other') throw new Error(`Nothing in this service reacts to ${read.type}, and it is accepted.`)
  if (read.kind === 'unreadable' && read.error !== undefined)
    log.error({ err: read.error, faults: read.faults }, 'an event by HTTP could not be read')
  return read
}

async function takeIn<P>(
  db: Database<P>,
  inbox: Inbox<P>,
  given: Read<P>,
  origin: Origin,
  log: Logger,
): Promise<z.output<typeof takenAnswer> | Refusal> {
  const read = eventIn(given, log)
  if (read.kind === 'unreadable') return refusalOf(read)
  const taken = await inbox.accept(read, origin)
  const result = await eventResultOf(db, read, taken)
  if (isRefusal(result)) return result
  const { faults: warnings, more } = boundedErrors(read.extraFields)
  return { ...result, warnings: [...warnings], ...(more === 0 ? {} : { moreWarnings: more }) }
}

/** The CloudEvents that are accepted, for the reference: the inbox checks them itself. */
function cloudEventOf(contracts: readonly AnyContract[]): z.ZodType {
  const [first, ...others] = contracts.map(shownEventOf)
  return first === undefined ? z.never() : z.discriminatedUnion('type', [first, ...others])
}

const { specversion, id, source, subject, time, datacontenttype } = envelopeSchema.shape
const shownEnvelope = z.object({
  specversion,
  id,
  source,
  subject: subject.optional().meta({ description: 'Missing, the number of the order or the SKU stands for it.' }),
  time,
  datacontenttype,
})
/** `purchasing.order-confirmed.v1` is `PurchasingOrderConfirmedV1`. */
function shownEventOf({ type, summary, data }: AnyContract) {
  const name = type.replaceAll(/(?:^|[^a-z0-9])([a-z0-9])/g, (_all, initial: string) => initial.toUpperCase())
  return shownEnvelope
    .extend({ type: z.literal(type), data: data.meta({ id: `${name}Data` }) })
    .meta({ id: name, title: type, description: summary })
}

function refusalOf(read: { readonly reason: string; readonly faults: Refusal['errors'] & object }): Refusal {
  if (read.reason === 'not-json') throw new HttpProblem(400, 'body-not-json', 'The body is not a JSON object in UTF-8.')
  return refuse('event-invalid', 'content', `The event cannot be taken: ${errorsInWords(read.faults)}.`, read.faults)
}
