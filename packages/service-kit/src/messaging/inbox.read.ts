/** From what was sent to an event, or to everything that is wrong with it. Pure. */
import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { envelopeSchema, type Envelope, type Event } from '@stockline/contracts/envelope'
import type { z } from 'zod'
import type { IncomingMessage } from '../bus/bus.ts'
import { digestOfEvent, digestOfText, type Digest } from '../values/digest.ts'
import { attributesTaken, isOurs, ourSources, sequenceText } from './cloudevent.attributes.ts'
import {
  partsOfStored,
  partsOfMessage,
  partsOfRequest,
  type UnreadableReason,
  type EventParts,
  type TakenApart,
} from './cloudevent.ts'
import { messageOf } from '../values/wording.ts'
import { withNumerals } from '../values/meaning.ts'
import { pointer } from '../values/pointer.ts'
import { storable, textError } from '../values/texts.ts'
import type { FieldError } from '../refusal.ts'
import { nameOf, notAccepted, unknownOn, unknownVersion, vocabularyOf, type Vocabulary } from './inbox.vocabulary.ts'
import type { AnyContract, Reaction } from './reactions.ts'

/** Where an event stands among its aggregate's. Only our own services count without gaps, so only theirs is believed. */
export interface Stream {
  readonly source: string
  readonly topic: string
  readonly subject: string
  readonly sequence: bigint
}

/** An event that has a reaction here. */
export interface IncomingEvent<P = unknown> {
  readonly kind: 'event'
  readonly event: Event
  /** Fields of the data that we do not know; looked for by HTTP alone. */
  readonly extraFields: readonly FieldError[]
  readonly reactions: readonly Reaction<P>[]
  /** The key under which it parks and waits. */
  readonly parkKey: string
  /** By which it is known as a repeat. */
  readonly digest: Digest
  readonly topic: string
  readonly stream: Stream | undefined
  /** The whole CloudEvent as JSON, as it arrived; of a deferred one, as it was stored. */
  readonly text: () => string
  /** As it is stored until it can be applied, where that differs from `text`: with its sender, and with the subject where the event has none. */
  readonly kept?: () => string
  /** Where it lay on the bus; absent when it came by HTTP or out of the parked ones. */
  readonly message: IncomingMessage | undefined
}

/** A type without a reaction here. Its place in the stream still counts. */
export interface Other {
  readonly kind: 'other'
  readonly type: string
  readonly id: string
  readonly stream: Stream | undefined
  readonly text: () => string
  readonly message: IncomingMessage | undefined
}

/** What cannot be taken, with every fault. */
export interface Unreadable {
  readonly kind: 'unreadable'
  /** `failed`: reading it threw, which is a bug of ours. */
  readonly reason: UnreadableReason | 'envelope' | 'schema' | 'version' | 'topic' | 'type' | 'failed'
  readonly faults: readonly FieldError[]
  readonly type: string
  readonly id: string
  readonly stream: Stream | undefined
  readonly text: () => string
  readonly message: IncomingMessage | undefined
  /** What was thrown, of what `failed`. */
  readonly error?: unknown
}

/** What a message turned out to be. */
export type Read<P = unknown> = IncomingEvent<P> | Other | Unreadable

/** An event or several by HTTP, or the content type of a body that is not read. */
export type SubmittedRead<P> =
  | { readonly mode: 'one'; readonly read: Read<P> }
  | { readonly mode: 'batch'; readonly reads: readonly Read<P>[] }
  | { readonly mode: 'unsupported'; readonly contentType: string }

/** Reads messages and texts for one set of reactions. It never throws: what cannot be read for a bug is unreadable. */
export interface EventReader<P> {
  /** A message of the bus. */
  message(message: IncomingMessage): Read<P>
  /** A structured CloudEvent that was stored, with its topic. */
  kept(text: string, topic: string): Read<P>
  /** By HTTP: an event's topic follows from its contract. Types not listed are faults. */
  submitted(headers: IncomingHttpHeaders, body: Buffer, accepted: readonly AnyContract[]): SubmittedRead<P>
}

/** Where something came from. */
interface From {
  readonly topic?: string
  readonly message?: IncomingMessage
  readonly accepted?: readonly AnyContract[]
}

/** Makes the reader for what this service reacts to. */
export function readerFor<P>(reactions: readonly Reaction<P>[]): EventReader<P> {
  const vocabulary = vocabularyOf(reactions)
  const safely = (make: () => Read<P>, message?: IncomingMessage): Read<P> => {
    try {
      return make()
    } catch (error) {
      return failedToRead(error, message)
    }
  }
  return {
    message: (message) =>
      safely(() => read(partsOfMessage(message), { topic: message.topic, message }, vocabulary), message),
    kept: (text, topic) => {
      const kept = safely(() => read(partsOfStored(text), { topic }, vocabulary))
      return kept.kind === 'unreadable' ? { ...kept, message: messageOfStored(text, topic) } : kept
    },
    submitted: (headers, body, accepted) => {
      const sent = partsOfRequest(headers, body)
      if (sent.mode === 'unsupported') return sent
      if (sent.mode === 'one') return { mode: 'one', read: safely(() => read(sent.parts, { accepted }, vocabulary)) }
      return { mode: 'batch', reads: sent.parts.map((parts) => safely(() => read(parts, { accepted }, vocabulary))) }
    },
  }
}

/** Reads stored events of these contracts, as they are read when they are tried again; undefined for what is unreadable now. */
export function storedEventReader(contracts: readonly AnyContract[]): (text: string) => Event | undefined {
  const nobody = {
    contracts,
    batched: false,
    parkBy: ({ subject }: Event) => subject,
    react: () => Promise.resolve([]),
  }
  const vocabulary = vocabularyOf([nobody])
  return (text) => {
    const one = read(partsOfStored(text), { accepted: contracts }, vocabulary)
    return one.kind === 'event' ? one.event : undefined
  }
}

/** A stored event that is unreadable now, as a message for the quarantine: its place on the bus is not known here. */
function messageOfStored(text: string, topic: string): IncomingMessage {
  const offset = hash('sha256', text, 'buffer').readBigInt64BE()
  return { topic, partition: -1, offset, key: null, value: Buffer.from(text), headers: {} }
}

/** It keeps no place in its stream: those after it wait, visibly, until it is sent again to a reader that can. */
function failedToRead(error: unknown, message: IncomingMessage | undefined): Unreadable {
  const faults = [{ pointer: '', message: `could not be read: ${storable(String(error)).slice(0, 500)}` }]
  return {
    kind: 'unreadable',
    reason: 'failed',
    faults,
    type: '',
    id: '',
    stream: undefined,
    text: () => '',
    message,
    error,
  }
}

function read<P>(apart: TakenApart, from: From, { types, names, outside }: Vocabulary<P>): Read<P> {
  const { message, accepted } = from
  const { text } = apart
  if ('reason' in apart) return { kind: 'unreadable', type: '', id: '', stream: undefined, message, ...apart }
  const meaning = types.get(typeIn(apart.attributes))
  const attributes = attributesTaken(apart, meaning?.contract.subjectField, message?.key ?? undefined)
  const fromOutside = accepted !== undefined || (from.topic !== undefined && outside.has(from.topic))
  const rough = roughly(attributes, fromOutside ? undefined : from.topic)
  const wrong = (reason: Unreadable['reason'], faults: readonly FieldError[]): Unreadable => {
    const { type, id, stream } = rough
    return { kind: 'unreadable', reason, faults, type, id, stream, text, message }
  }
  const envelope = envelopeSchema.safeParse(attributes, { reportInput: true })
  const envelopeErrors = [...errorsOf(envelope.error, ''), ...apart.faults, ...actorErrorsOf(envelope.data)]
  if (fromOutside && isOurs(rough.source))
    envelopeErrors.unshift({ pointer: '/source', message: `must not begin with ${ourSources}: that is ours` })
  if (meaning === undefined) {
    if (names.has(nameOf(rough.type))) return wrong('version', [unknownVersion(rough.type, types)])
    if (accepted !== undefined) return wrong('type', [...envelopeErrors, ...notAccepted(rough.type, accepted)])
    if (envelopeErrors.length > 0) return wrong('envelope', envelopeErrors)
    if (message !== undefined && (fromOutside || !isOurs(rough.source)))
      return wrong('type', [unknownOn(message.topic, rough.type, types)])
    return { kind: 'other', type: rough.type, id: rough.id, stream: rough.stream, text, message }
  }
  const data = meaning.contract.data.safeParse(apart.data, { reportInput: true })
  const faults = [...envelopeErrors, ...errorsOf(data.error, '/data')]
  if (accepted !== undefined && !accepted.some((contract) => contract.type === rough.type))
    faults.unshift(...notAccepted(rough.type, accepted))
  if (!envelope.success || !data.success || faults.length > 0)
    return wrong(envelopeErrors.length > 0 ? 'envelope' : 'schema', faults)
  const topic = from.topic ?? meaning.contract.topicOf(data.data as never)
  if (!meaning.contract.topics.includes(topic))
    return wrong('topic', [{ pointer: '/type', message: `${rough.type} does not belong on the topic ${topic}` }])
  const extraFields = fromOutside ? meaning.extraFields(apart.data) : []
  const unknown =
    extraFields.length === 0 ? {} : { unknownFields: namesOfFields(extraFields).slice(0, mostNamedFields) }
  const event: Event = { ...envelope.data, data: data.data, ...unknown }
  const standsIn = apart.attributes['subject'] === undefined || apart.attributes['subject'] === null
  return {
    kind: 'event',
    event,
    // The published schemas allow them, and a newer sender may send more than we know. By HTTP they become warnings.
    extraFields,
    reactions: meaning.reactions,
    parkKey: parkKeyOf(meaning.reactions, event),
    digest:
      rough.stream === undefined
        ? digestOfEvent(envelope.data, apart.data, () => meaning.meaning(dataAsSent(apart)))
        : digestOfText(text),
    topic,
    stream: rough.stream,
    text,
    ...(standsIn ? { kept: () => withFields(text(), { subject: event.subject }) } : {}),
    message,
  }
}

/** The data, in which numbers that JavaScript cannot hold stand as they were sent. */
function dataAsSent({ text, data }: EventParts): unknown {
  const whole = withNumerals(text())
  const told: unknown = typeof whole === 'object' && whole !== null ? Reflect.get(whole, 'data') : undefined
  return told ?? data
}

/** Of so many at most an event carries the names. */
const mostNamedFields = 20

/** Fields by their names, `lines/colour`, whichever line they are in. */
function namesOfFields(faults: readonly FieldError[]): readonly string[] {
  return [...new Set(faults.map(({ pointer: at }) => at.replace(/^\/data\//, '').replaceAll(/\/\d+(?=\/)/g, '')))]
}

/** A service's own key; its subject where finding that fails, so that a bug there parks and does not stop the rest. */
function parkKeyOf<P>(reactions: readonly Reaction<P>[], event: Event): string {
  try {
    return reactions[0]?.parkBy(event) ?? event.subject
  } catch {
    return event.subject
  }
}

function typeIn(attributes: Readonly<Record<string, unknown>>): string {
  const type = attributes['type']
  return typeof type === 'string' ? type : ''
}

/**
 * What is known of a message even when its envelope is not valid.
 *
 * @param topic where its sequence counts; undefined where none of our services publishes
 */
function roughly(
  attributes: Readonly<Record<string, unknown>>,
  topic: string | undefined,
): { type: string; id: string; source: string; stream: Stream | undefined } {
  const textAt = (name: string): string => {
    const value = attributes[name]
    return typeof value === 'string' ? storable(value.slice(0, 200)) : ''
  }
  const [type, id, source] = [textAt('type'), textAt('id'), textAt('source')]
  if (topic === undefined || !isOurs(source)) return { type, id, source, stream: undefined }
  const [subject, sequence] = [textAt('subject'), textAt('sequence')]
  const counts = subject !== '' && sequenceText.test(sequence)
  return { type, id, source, stream: counts ? { source, topic, subject, sequence: BigInt(sequence) } : undefined }
}

function errorsOf(error: z.ZodError | undefined, under: string): FieldError[] {
  if (error === undefined) return []
  return error.issues.map((issue) => ({ pointer: under + pointer(issue.path), message: messageOf(issue) }))
}

/** Texts that did not stand in the JSON itself: who it was is JSON within JSON, and a subject may be the message's key. */
function actorErrorsOf(envelope: Envelope | undefined): FieldError[] {
  if (envelope?.actor === undefined) return []
  const message = textError(envelope.actor.id) ?? textError(envelope.actor.name)
  return message === undefined ? [] : [{ pointer: '/actor', message }]
}

/** A JSON object, not an empty one, with fields added, which count before those it has. What was sent stays to the letter. */
export function withFields(object: string, fields: object): string {
  const added = JSON.stringify(fields).slice(1, -1)
  return added === '' ? object : `${object.trimEnd().slice(0, -1)},${added}}`
}
