/** Messages for the topics on which outside systems publish: good ones in all their forms, and mutated ones. Seeded. */
import { gzipSync } from 'node:zlib'
import { baseEvent, required, type Event, type InputTopic } from './mutations.events.ts'
import { randomFrom } from './random.ts'

/** What is published. Bytes all of it, as a client of another maker sends them. */
export interface Bytes {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
}

/** A message, and what must become of it: applied, set aside, or one of the two. */
export interface Mutated extends Bytes {
  readonly what: string
  readonly expected: 'good' | 'bad' | 'either'
  /** Number of the order, or SKU, of a good one. */
  readonly name: string
}

type Random = () => number
/** A change of the event, of its text, or of the message made of it. */
interface Mutation {
  readonly what: string
  readonly expected: Mutated['expected']
  readonly event?: (event: Event, random: Random) => unknown
  readonly bytes?: (bytes: Buffer, random: Random) => Buffer | null
  readonly message?: (message: Bytes, event: Event, random: Random) => Bytes
}

const structured = { 'content-type': Buffer.from('application/cloudevents+json') }
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
const int = (random: Random, below: number) => Math.floor(random() * below)
const headersOf = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]))
const withHeaders = (texts: Readonly<Record<string, string>>) => (message: Bytes) => ({
  ...message,
  headers: headersOf(texts),
})

function binary(event: Event, rename: (name: string) => string = (name) => `ce_${name}`): Bytes {
  const { data, datacontenttype: _type, ...attributes } = event
  const texts = Object.entries(attributes).map(([name, value]) => [rename(name), String(value)] as const)
  return {
    key: Buffer.from('k'),
    value: Buffer.from(JSON.stringify(data)),
    headers: {
      ...headersOf(Object.fromEntries(texts)),
      'content-type': Buffer.from('application/json; charset=utf-8'),
    },
  }
}

const good: readonly Mutation[] = [
  { what: 'as it is', expected: 'good' },
  {
    what: 'fields in another order',
    expected: 'good',
    event: (event) => Object.fromEntries(Object.entries(event).reverse()),
  },
  {
    what: 'with white space',
    expected: 'good',
    bytes: (bytes) => Buffer.from(JSON.stringify(JSON.parse(bytes.toString()), null, '\t')),
  },
  {
    what: 'null for absent',
    expected: 'good',
    event: (event) => ({ ...event, dataschema: null, sequence: null, traceparent: null, actor: null }),
  },
  {
    what: 'fields that nobody knows',
    expected: 'good',
    event: (event) => ({ ...event, tenant: 'x', data: { ...event.data, buyer: { name: 'Jo' }, tags: [1, [2, [3]]] } }),
  },
  {
    what: 'nested as deep as may be',
    expected: 'good',
    bytes: (bytes) => Buffer.from(bytes.toString().replace('"data":{', `"data":{"x":${nested(62)},`)),
  },
  {
    what: 'a foreign sequence',
    expected: 'good',
    event: (event, random) => ({ ...event, sequence: pick<unknown>(random, ['007', 7, 'abc', '0', true]) }),
  },
  {
    what: 'small letters in the time',
    expected: 'good',
    event: (event) => ({ ...event, time: '2026-04-20t08:00:00.123456789z' }),
  },
  {
    what: 'a content type in capitals',
    expected: 'good',
    message: withHeaders({ 'Content-Type': 'Application/CloudEvents+JSON; charset=UTF-8' }),
  },
  { what: 'no headers', expected: 'good', message: withHeaders({}) },
  { what: 'headers of others', expected: 'good', message: withHeaders({ traceparent: '\0', 'x-one': 'ü', ce_x: '1' }) },
  { what: 'binary mode', expected: 'good', message: (_message, event) => binary(event) },
  {
    what: 'binary mode in capitals',
    expected: 'good',
    message: (_message, event) => binary(event, (name) => `CE_${name.toUpperCase()}`),
  },
  {
    what: 'base64',
    expected: 'good',
    event: ({ data, ...event }) => ({ ...event, data_base64: Buffer.from(JSON.stringify(data)).toString('base64') }),
  },
  {
    what: 'a byte order mark',
    expected: 'good',
    bytes: (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  },
  {
    what: 'escaped characters',
    expected: 'good',
    bytes: (bytes) => Buffer.from(bytes.toString().replace('Acme', '\\u0041cme \\ud83d\\ude00')),
  },
  { what: 'no subject', expected: 'good', event: ({ subject: _subject, ...event }) => event },
  { what: 'no key', expected: 'good', message: (message) => ({ ...message, key: null }) },
  {
    what: 'another key',
    expected: 'good',
    message: (message, _event, random) => ({ ...message, key: noise(random, 20) }),
  },
]

const bad: readonly Mutation[] = [
  { what: 'cut', expected: 'bad', bytes: (bytes, random) => bytes.subarray(0, int(random, bytes.length)) },
  { what: 'nothing', expected: 'bad', bytes: () => Buffer.alloc(0) },
  { what: 'a tombstone', expected: 'bad', bytes: () => null },
  { what: 'gzip', expected: 'bad', bytes: (bytes) => gzipSync(bytes) },
  { what: 'UTF-16', expected: 'bad', bytes: (bytes) => Buffer.from(bytes.toString(), 'utf16le') },
  {
    what: 'a schema registry',
    expected: 'bad',
    bytes: (bytes) => Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), bytes]),
  },
  {
    what: '8,000 brackets',
    expected: 'bad',
    bytes: (bytes) => Buffer.from(bytes.toString().replace('"data":{', `"data":{"x":${nested(8_000)},`)),
  },
  {
    what: '8,000 brackets beside the data',
    expected: 'bad',
    bytes: (bytes) => Buffer.from(bytes.toString().replace('{', `{"x":${nested(8_000)},`)),
  },
  {
    what: 'an object in an object, 100 times',
    expected: 'bad',
    bytes: (bytes) =>
      Buffer.from(bytes.toString().replace('"data":{', `"data":{"x":${'{"a":'.repeat(100)}1${'}'.repeat(100)},`)),
  },
  { what: 'a NUL', expected: 'bad', event: (event, random) => poisoned(event, random, 'a\0') },
  {
    what: 'half a surrogate pair',
    expected: 'bad',
    event: (event, random) => poisoned(event, random, pick(random, ['\ud800', 'a\udc00'])),
  },
  {
    what: 'a field name with half a pair',
    expected: 'bad',
    event: (event) => ({ ...event, data: { ...event.data, '\udfff': 1 } }),
  },
  {
    what: 'an attribute missing',
    expected: 'bad',
    event: (event, random) => without(event, pick(random, ['specversion', 'id', 'source', 'type', 'data'])),
  },
  {
    what: 'a field missing',
    expected: 'bad',
    event: (event, random) => ({ ...event, data: without(event.data, pick(random, required(event))) }),
  },
  {
    what: 'a field of another kind',
    expected: 'bad',
    event: (event, random) => ({
      ...event,
      data: { ...event.data, [pick(random, required(event))]: pick<unknown>(random, [5, null, true, [], { a: 1 }]) },
    }),
  },
  {
    what: 'an unknown type',
    expected: 'bad',
    event: (event, random) => ({
      ...event,
      type: pick(random, ['x', 'purchasing.order-confirmd.v1', `${String(event['type']).slice(0, -1)}9`]),
    }),
  },
  {
    what: 'a source of ours',
    expected: 'bad',
    event: (event) => ({ ...event, source: '/stockline/picking', sequence: '5' }),
  },
  {
    what: 'a type of ours from a source of ours',
    expected: 'bad',
    event: (event) => ({ ...event, source: '/stockline/picking', type: 'picking.new.v1' }),
  },
  { what: 'another format', expected: 'bad', message: withHeaders({ 'content-type': 'application/cloudevents+avro' }) },
  {
    what: 'a batch',
    expected: 'bad',
    event: (event) => [event],
    message: withHeaders({ 'content-type': 'application/cloudevents-batch+json' }),
  },
  { what: 'a list', expected: 'bad', event: (event) => [event] },
  { what: 'JSON in JSON', expected: 'bad', event: (event) => JSON.stringify(event) },
  {
    what: 'a subject in a header that is no UTF-8',
    expected: 'bad',
    message: (_message, event) => ({
      ...binary(event),
      headers: { ...binary(event).headers, ce_subject: Buffer.from([0x50, 0xff]) },
    }),
  },
  {
    what: 'too many items',
    expected: 'bad',
    bytes: (bytes) => Buffer.from(bytes.toString().replace('"data":{', `"data":{"x":[${'1,'.repeat(100_000)}1],`)),
  },
]

const either: readonly Mutation[] = [
  { what: 'bytes changed', expected: 'either', bytes: (bytes, random) => changed(bytes, random, 1 + int(random, 8)) },
  { what: 'one bit changed', expected: 'either', bytes: flipped },
  {
    what: 'bytes put in',
    expected: 'either',
    bytes: (bytes, random) => spliced(bytes, random, 0, noise(random, 1 + int(random, 12))),
  },
  {
    what: 'bytes taken out',
    expected: 'either',
    bytes: (bytes, random) => spliced(bytes, random, 1 + int(random, 12), Buffer.alloc(0)),
  },
  {
    what: 'a part twice',
    expected: 'either',
    bytes: (bytes, random) => {
      const at = int(random, bytes.length)
      return spliced(bytes, random, 0, bytes.subarray(at, at + int(random, 60)))
    },
  },
  { what: 'a value changed', expected: 'either', event: (event, random) => valueChanged(event, random) },
  {
    what: 'headers changed',
    expected: 'either',
    message: (_message, event, random) => headersChanged(binary(event), random),
  },
  {
    what: 'a content type changed',
    expected: 'either',
    message: (message, _event, random) => ({
      ...message,
      headers: { 'content-type': changed(structured['content-type'], random, 1 + int(random, 4)) },
    }),
  },
  { what: 'noise', expected: 'either', bytes: (_bytes, random) => noise(random, int(random, 300)) },
]

/**
 * So many messages for a topic, the same for the same seed. A third is good, a third bad, and of a third nobody knows.
 *
 * @param run stands in all names, so that several runs meet one system
 */
export function* mutatedMessages(topic: InputTopic, count: number, seed: number, run: string): Generator<Mutated> {
  const random = randomFrom(seed)
  for (let index = 0; index < count; index += 1) {
    const sort = pick(random, [good, bad, either])
    const mutation = pick(random, sort)
    // Names are far apart, so that a changed byte makes no other's name.
    const name = `M-${run}-${Array.from({ length: 12 }, () => int(random, 36).toString(36)).join('')}`
    const event = baseEvent(topic, name)
    yield { ...mutate(event, mutation, random), what: mutation.what, expected: mutation.expected, name }
  }
}

/** A good one, for a look whether all still goes on. */
export function plainMessage(topic: InputTopic, name: string): Mutated {
  const [asItIs] = good
  if (asItIs === undefined) throw new Error('there is no good one')
  return { ...mutate(baseEvent(topic, name), asItIs, randomFrom(1)), what: asItIs.what, expected: 'good', name }
}

function mutate(event: Event, mutation: Mutation, random: Random): Bytes {
  const text = Buffer.from(JSON.stringify(mutation.event?.(event, random) ?? event))
  const value = mutation.bytes === undefined ? text : mutation.bytes(text, random)
  const message: Bytes = { key: Buffer.from(String(event['subject'])), value, headers: structured }
  return mutation.message?.(message, event, random) ?? message
}

function without(object: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([one]) => one !== name))
}

function poisoned(event: Event, random: Random, text: string): unknown {
  const name = pick(random, ['id', 'source', 'subject', 'tenant', 'data.name', 'data.x'])
  if (!name.startsWith('data.')) return { ...event, [name]: text }
  return { ...event, data: { ...event.data, [name.slice(5)]: [text] } }
}

function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => int(random, 256)))
}

function changed(bytes: Buffer, random: Random, times: number): Buffer {
  const copy = Buffer.from(bytes)
  for (let n = 0; n < times; n += 1) copy[int(random, copy.length)] = int(random, 256)
  return copy
}

function flipped(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const at = int(random, copy.length)
  copy[at] = (copy[at] ?? 0) ^ (1 << int(random, 8))
  return copy
}

function spliced(bytes: Buffer, random: Random, taken: number, put: Buffer): Buffer {
  const at = int(random, bytes.length)
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + taken)])
}

function valueChanged(event: Event, random: Random): unknown {
  const value = pick<unknown>(random, [
    null,
    0,
    -1,
    1e308,
    '',
    ' ',
    'x'.repeat(5_000),
    '0'.repeat(300),
    [],
    {},
    [[]],
    true,
    '\u202e',
    '../..',
    "';--",
    '9999-99-99',
  ])
  const inData = random() < 0.6
  const names = Object.keys(inData ? event.data : event).filter((name) => name !== 'id')
  const name = pick(random, names)
  return inData ? { ...event, data: { ...event.data, [name]: value } } : { ...event, [name]: value }
}

function headersChanged(message: Bytes, random: Random): Bytes {
  const entries = Object.entries(message.headers).map(([name, value]): [string, Buffer] =>
    random() < 0.2 ? [name, changed(value, random, 1 + int(random, 3))] : [name, value],
  )
  return { ...message, headers: Object.fromEntries(entries.filter(() => random() > 0.05)) }
}
