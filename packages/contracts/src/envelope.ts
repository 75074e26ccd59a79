/**
 * The envelope that every message wears: CloudEvents 1.0, structured JSON.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
import { z } from 'zod'
import { nullIsAbsent } from './absent.ts'

export { decimalKindOf, decimalReaderOf, type DecimalKind, type DecimalReader } from './decimals.ts'
export { isOptional, nullIsAbsent, withoutNulls } from './absent.ts'
export { definitionOf, wrappedIn } from './wrapped.ts'

/** Who did it: a user or a service client, by id and by name as known then. `null` where the system itself acted. */
export const actorSchema = z.object({ id: z.string(), name: z.string() })
export type EventActor = z.infer<typeof actorSchema>

/**
 * Attributes of a message without its data.
 *
 * - `id` is unique within `source`; together they are the key that makes a repeat harmless.
 * - `sequence` counts an aggregate's events on its topic without gaps, from "1". Absent on events from outside.
 * - Attributes that CloudEvents allows and we do not know are kept out, not refused. `null` is absent.
 * - Only of events of our own services the extensions below are judged: others have them with meanings of their own.
 */
export const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200),
  source: z.string().min(1).max(200),
  type: z.string().min(1).max(200),
  subject: z.string().min(1).max(255),
  time: z.iso.datetime({ offset: true }).optional(),
  datacontenttype: z.string().optional(),
  dataschema: z.string().optional(),
  sequence: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
  correlationid: z.string().max(200).optional(),
  causationid: z.string().max(200).optional(),
  actor: z.preprocess((value) => (typeof value === 'string' ? parseActor(value) : value), actorSchema.optional()),
  traceparent: z.string().max(200).optional(),
})
export type Envelope = z.infer<typeof envelopeSchema>

/** A message as a reaction sees it: envelope and checked data. */
export interface Event<Data = unknown> extends Envelope {
  readonly data: Data
  /** Fields of the data that its contract does not know, `lines/colour` say: the first of them. Absent where all are known. */
  readonly unknownFields?: readonly string[]
}

/**
 * One kind of event: what it is called, where it travels, who owns it, what it carries.
 * `topics` has more than one entry only for events that follow their document's kind; `topicOf` then says which.
 */
export interface EventContract<Data = unknown> {
  readonly type: string
  readonly owner: string
  readonly topics: readonly [string, ...string[]]
  readonly topicOf: (data: Data) => string
  /** What `subject`, and with it the message key, names: for the reference. */
  readonly subject: string
  readonly summary: string
  /** Set for what outside systems publish: the field of the data that stands for a missing `subject`. */
  readonly subjectField?: string
  readonly data: z.ZodType<Data>
}

/** Declares an event. The name ends in its version: `picking.receipt-validated.v1`. */
export function contract<Data>(declared: {
  type: `${string}.${string}.v${number}`
  topic: string | readonly [string, ...string[]]
  topicOf?: (data: Data) => string
  subject: string
  subjectField?: string
  summary: string
  data: z.ZodType<Data>
}): EventContract<Data> {
  const topics = typeof declared.topic === 'string' ? ([declared.topic] as const) : declared.topic
  return {
    type: declared.type,
    owner: declared.type.slice(0, declared.type.indexOf('.')),
    topics,
    topicOf: declared.topicOf ?? (() => topics[0]),
    subject: declared.subject,
    summary: declared.summary,
    ...(declared.subjectField === undefined ? {} : { subjectField: declared.subjectField }),
    data: nullIsAbsent(declared.data),
  }
}

const longestActor = 200

/**
 * The actor, as an outside sender may write it: an object, the same as JSON in a text, or a plain text. Undefined where
 * it is none of these, or too long to be a name.
 */
export function actorOf(value: unknown): EventActor | undefined {
  const parsed = actorSchema.safeParse(typeof value === 'string' ? parseActor(value) : value)
  if (!parsed.success || parsed.data.id.length > longestActor || parsed.data.name.length > longestActor)
    return undefined
  return parsed.data
}

function parseActor(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text)
    // A name may be JSON by chance: 12345.
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // a plain text
  }
  return { id: text, name: text }
}
