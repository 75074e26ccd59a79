/**
 * From bytes to an event, or to everything that is wrong with them. Structured CloudEvents (JSON in the value) and
 * binary mode (attributes in headers) are both read. Pure.
 */
import { hash } from 'node:crypto'
import { envelopeSchema, type Envelope, type Event } from '@stockline/contracts/envelope'
import type { z } from 'zod'
import type { IncomingMessage } from './bus.ts'
import { nulFaults, pointer, unknownFields } from './endpoint.shape.ts'
import { messageOf } from './endpoint.wording.ts'
import type { FieldFault } from './refusal.ts'
import type { AnyContract, Reaction } from './reactions.ts'

/** Where an event stands among its aggregate's. Only our own services count without gaps, so only theirs is believed. */
export interface Stream {
  readonly source: string
  readonly topic: string
  readonly subject: string
  readonly sequence: bigint
}

/** An event that somebody here reacts to. */
export interface Heard<P = unknown> {
  readonly kind: 'event'
  readonly event: Event
  /** Fields of the data that we do not know; looked for by HTTP alone. */
  readonly strange: readonly FieldFault[]
  readonly reactions: readonly Reaction<P>[]
  /** The key under which it parks and waits. */
  readonly parkKey: string
  readonly contentHash: Buffer
  readonly topic: string
  readonly stream: Stream | undefined
  /** The whole CloudEvent as JSON, as it came; of one that had to wait, as it was kept. */
  readonly text: () => string
  /** As it is kept until it can be applied: with who brought it. Absent for what the bus brings. */
  readonly kept?: () => string
  /** Where it lay on the bus; absent when it came by HTTP or out of the parked ones. */
  readonly message: IncomingMessage | undefined
}

/** A type that nobody here reacts to. Its place in the stream still counts. */
export interface Other {
  readonly kind: 'other'
  readonly type: string
  readonly id: string
  readonly stream: Stream | undefined
  readonly text: () => string
}

/** What cannot be taken, with every fault. */
export interface Unreadable {
  readonly kind: 'unreadable'
  readonly reason: 'undecodable' | 'not-json' | 'envelope' | 'schema' | 'version' | 'topic' | 'type'
  readonly faults: readonly FieldFault[]
  readonly type: string
  readonly id: string
  readonly stream: Stream | undefined
  readonly text: () => string
  readonly message: IncomingMessage | undefined
}

/** What a message turned out to be. */
export type Read<P = unknown> = Heard<P> | Other | Unreadable

/** Reads messages and texts for one set of reactions. */
export interface Reader<P> {
  /** A message of the bus. */
  message(message: IncomingMessage): Read<P>
  /** A structured CloudEvent that was kept, with the topic it came from. */
  kept(text: string, topic: string): Read<P>
  /** A structured CloudEvent by HTTP: its topic follows from its contract. Types not listed are faults. */
  submitted(text: string, accepted: readonly AnyContract[]): Read<P>
}

/** What a type means to this service. */
interface Known<P> {
  readonly contract: AnyContract
  readonly reactions: readonly Reaction<P>[]
  /** Fields of the data that the contract does not name. */
  readonly strange: (data: unknown) => FieldFault[]
}

const ourSources = '/stockline/'
const nul = String.fromCharCode(0)

/** Makes the reader for what this service reacts to. */
export function readerFor<P>(reactions: readonly Reaction<P>[]): Reader<P> {
  const known = new Map<string, Known<P>>()
  for (const one of reactions)
    for (const contract of one.contracts) {
      const before = known.get(contract.type)
      const strange = before?.strange ?? unknownFields(contract.data, '/data')
      known.set(contract.type, { contract, reactions: [...(before?.reactions ?? []), one], strange })
    }
  const names = new Set([...known.keys()].map(nameOf))
  const parse = (given: Given): Read<P> => read(given, known, names)
  return {
    message: (message) => undecodable(message) ?? parse({ ...attributesOf(message), topic: message.topic, message }),
    kept: (text, topic) => parse({ ...structured(text), topic }),
    submitted: (text, accepted) => parse({ ...structured(text), accepted }),
  }
}

/** What the bus itself could not read. */
function undecodable(message: IncomingMessage): Unreadable | undefined {
  if (message.undecodable === undefined) return undefined
  const faults = [{ pointer: '', message: message.undecodable }]
  return {
    kind: 'unreadable',
    reason: 'undecodable',
    faults,
    type: '',
    id: '',
    stream: undefined,
    text: () => '',
    message,
  }
}

/** A message taken apart, nothing checked yet. `attributes` is undefined where it is no JSON. */
interface Given {
  readonly attributes: unknown
  readonly data: unknown
  readonly text: () => string
  readonly topic?: string
  readonly message?: IncomingMessage
  readonly accepted?: readonly AnyContract[]
}

function read<P>(given: Given, known: ReadonlyMap<string, Known<P>>, names: ReadonlySet<string>): Read<P> {
  const { message, text } = given
  const rough = roughly(given)
  const wrong = (reason: Unreadable['reason'], faults: readonly FieldFault[]): Unreadable => {
    const { type, id, stream } = rough
    return { kind: 'unreadable', reason, faults, type, id, stream, text, message }
  }
  if (typeof given.attributes !== 'object' || given.attributes === null || Array.isArray(given.attributes))
    return wrong('not-json', [{ pointer: '', message: 'is not a JSON object in UTF-8' }])
  const envelope = envelopeSchema.safeParse(given.attributes, { reportInput: true })
  const meaning = known.get(rough.type)
  const envelopeFaults = [...faultsOf(envelope.error, ''), ...nulFaultsOf(given)]
  if (meaning === undefined) {
    if (names.has(nameOf(rough.type))) return wrong('version', [unknownVersion(rough.type, known)])
    if (given.accepted !== undefined)
      return wrong('type', [...envelopeFaults, ...notAccepted(rough.type, given.accepted)])
    if (!envelope.success) return wrong('envelope', envelopeFaults)
    if (message !== undefined && !rough.source.startsWith(ourSources))
      return wrong('type', [unknownOn(message.topic, rough.type, known)])
    return { kind: 'other', type: rough.type, id: rough.id, stream: rough.stream, text }
  }
  const data = meaning.contract.data.safeParse(given.data, { reportInput: true })
  const faults = [...envelopeFaults, ...faultsOf(data.error, '/data')]
  if (given.accepted !== undefined && !given.accepted.some((contract) => contract.type === rough.type))
    faults.unshift(...notAccepted(rough.type, given.accepted))
  if (given.accepted !== undefined && rough.source.startsWith(ourSources))
    faults.unshift({ pointer: '/source', message: `must not begin with ${ourSources}: that is ours` })
  if (!envelope.success || !data.success || faults.length > 0)
    return wrong(envelopeFaults.length > 0 ? 'envelope' : 'schema', faults)
  const topic = given.topic ?? meaning.contract.topicOf(data.data as never)
  if (!meaning.contract.topics.includes(topic))
    return wrong('topic', [{ pointer: '/type', message: `${rough.type} does not belong on the topic ${topic}` }])
  const event: Event = { ...envelope.data, data: data.data }
  return {
    kind: 'event',
    event,
    // The published schemas let them pass, and a newer sender may say more than we know. By HTTP somebody hears of it.
    strange: given.accepted === undefined ? [] : meaning.strange(given.data),
    reactions: meaning.reactions,
    parkKey: parkKeyOf(meaning.reactions, event),
    contentHash: rough.stream === undefined ? contentHashOf(envelope.data, given.data) : textHashOf(text()),
    topic,
    stream: rough.stream,
    text,
    message,
  }
}

/** A service's own key; its subject where finding that fails, so that a bug there parks and does not stop the rest. */
function parkKeyOf<P>(reactions: readonly Reaction<P>[], event: Event): string {
  try {
    return reactions[0]?.parkBy(event) ?? event.subject
  } catch {
    return event.subject
  }
}

/** What can be said of a message even when its envelope is not whole. */
function roughly(given: Given): { type: string; id: string; source: string; stream: Stream | undefined } {
  const attributes = typeof given.attributes === 'object' && given.attributes !== null ? given.attributes : {}
  const textAt = (name: string): string => {
    const value: unknown = Reflect.get(attributes, name)
    return typeof value === 'string' ? value.replaceAll(nul, '\uFFFD').slice(0, 200) : ''
  }
  const [type, id, source, subject, sequence] = [
    textAt('type'),
    textAt('id'),
    textAt('source'),
    textAt('subject'),
    textAt('sequence'),
  ]
  const counts =
    given.topic !== undefined && source.startsWith(ourSources) && subject !== '' && /^[1-9]\d{0,17}$/.test(sequence)
  const stream = counts ? { source, topic: given.topic, subject, sequence: BigInt(sequence) } : undefined
  return { type, id, source, stream }
}

function attributesOf(message: IncomingMessage): Omit<Given, 'topic'> {
  const headers = new Map(Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const contentType = headers.get('content-type') ?? ''
  const isBinary = !contentType.startsWith('application/cloudevents') && headers.has('ce_specversion')
  const value = textOfBytes(message.value)
  if (!isBinary) return structured(value)
  const attributes = Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith('ce_')).map(([name, text]) => [name.slice(3), text]),
  )
  const data = jsonOf(value)
  return {
    attributes: data === undefined ? undefined : attributes,
    data,
    text: () => JSON.stringify({ ...attributes, datacontenttype: contentType || 'application/json', data }),
  }
}

function structured(text: string | undefined): Given {
  const attributes = jsonOf(text)
  const whole = typeof attributes === 'object' && attributes !== null ? attributes : {}
  return { attributes, data: dataOf(whole), text: () => text ?? '' }
}

function dataOf(attributes: object): unknown {
  const base64: unknown = Reflect.get(attributes, 'data_base64')
  if (typeof base64 !== 'string') return Reflect.get(attributes, 'data')
  return jsonOf(textOfBytes(Buffer.from(base64, 'base64')))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The bytes as text; undefined where they are none. */
export function textOfBytes(bytes: Buffer | null): string | undefined {
  if (bytes === null) return undefined
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function jsonOf(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function faultsOf(error: z.ZodError | undefined, under: string): FieldFault[] {
  if (error === undefined) return []
  return error.issues.map((issue) => ({ pointer: under + pointer(issue.path), message: messageOf(issue) }))
}

/** PostgreSQL stores no U+0000 in text, so that an event with one could be neither applied nor parked. */
function nulFaultsOf(given: Given): FieldFault[] {
  const text = given.text()
  return text.includes('\\u0000') || text.includes(nul) ? nulFaults(given.attributes) : []
}

function nameOf(type: string): string {
  return type.replace(/\.v\d+$/, '')
}

function unknownVersion<P>(type: string, known: ReadonlyMap<string, Known<P>>): FieldFault {
  const versions = [...known.keys()].filter((one) => nameOf(one) === nameOf(type))
  return { pointer: '/type', message: `${type} is not known here, but ${versions.join(', ')} is` }
}

/** A type of ours that is not known is news for others; one from outside would be lost, and nobody would hear of it. */
function unknownOn<P>(topic: string, type: string, known: ReadonlyMap<string, Known<P>>): FieldFault {
  const types = [...known].filter(([, { contract }]) => contract.topics.includes(topic)).map(([name]) => name)
  return { pointer: '/type', message: `${type} is not known here; on ${topic} known are ${types.join(', ')}` }
}

/** A type that is missing, or is no text, is the envelope's fault already. */
function notAccepted(type: string, accepted: readonly AnyContract[]): FieldFault[] {
  if (type === '') return []
  const types = accepted.map((contract) => contract.type).join(', ')
  return [{ pointer: '/type', message: `${type} is not accepted here; accepted are ${types}` }]
}

/** Our own services send what they send again byte for byte, and never by HTTP. */
export function textHashOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

/** The same event by HTTP and by the bus, whatever the order of its fields, has the same hash. */
function contentHashOf(envelope: Envelope, data: unknown): Buffer {
  return hash('sha256', `${envelope.type}\n${envelope.subject}\n${canonical(data)}`, 'buffer')
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = Object.keys(value).sort()
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(Reflect.get(value, name))}`).join(',')}}`
}
