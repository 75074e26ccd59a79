/**
 * A CloudEvent taken apart, in the modes in which it may come: structured (JSON holds attributes and data) and binary
 * (attributes in headers, data in the body) from the bus and by HTTP, and batches by HTTP. Pure.
 *
 * @see https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents/bindings
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { IncomingMessage } from '../bus/bus.ts'
import { percentDecoded, textOfLatin1 } from '../values/form.ts'
import { framingOf } from '../values/framing.ts'
import { itemsOfList, jsonErrorWording, readJson, readJsonBytes, type JsonError } from '../values/json.ts'
import type { FieldError } from '../refusal.ts'
import { decodedTextError, textErrors, textErrorsOfJson } from '../values/texts.ts'

/** Attributes and data as they were sent. What they mean is not looked at yet. */
export interface EventParts {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly data: unknown
  /** Texts that the database cannot store as they were sent. */
  readonly faults: readonly FieldError[]
  /** The whole CloudEvent as JSON. Data are to the letter what was sent. */
  readonly text: () => string
}

/**
 * Why something cannot be taken apart. `undecodable`: the bus itself could not read it; `tombstone`: it has no value;
 * `format`: a CloudEvent in a form that is not read.
 */
export type UnreadableReason = JsonError | 'undecodable' | 'tombstone' | 'format'

/** What is no CloudEvent that can be read. */
export interface NoEventParts {
  readonly reason: UnreadableReason
  readonly faults: readonly FieldError[]
  readonly text: () => string
}

/** What a message or request turned out to be. */
export type TakenApart = EventParts | NoEventParts

/** A message of the bus. Without a content type or attributes in headers it is read as structured. */
export function partsOfMessage({ headers, value, undecodable }: IncomingMessage): TakenApart {
  if (undecodable !== undefined) return noParts('undecodable', undecodable)
  const contentType = headerOf(headers, 'content-type')
  const form = formOf(contentType)
  if (value === null) return noParts('tombstone', 'has no value: it is a tombstone, and tombstones mean nothing here')
  if (form === 'batch') return noParts('format', 'is a batch of CloudEvents: on a topic each message holds one')
  if (form === 'unknown')
    return noParts(
      'format',
      `is a CloudEvent as ${mediaTypeOf(contentType)}: only application/cloudevents+json is read`,
    )
  if (form === 'other' && headerOf(headers, 'ce_specversion') !== undefined)
    return binaryParts(attributesIn(headers), [], contentType, value)
  return structuredParts(value)
}

/** What a request brings: one event, a batch, or something of a content type that is not read. */
export type Submitted =
  | { readonly mode: 'one'; readonly parts: TakenApart }
  | { readonly mode: 'batch'; readonly parts: readonly TakenApart[] }
  | { readonly mode: 'unsupported'; readonly contentType: string }

/**
 * A request. With `ce-` headers it is in binary mode; JSON without them is taken as structured.
 * A batch that is no list is one part that is no event.
 */
export function partsOfRequest(headers: IncomingHttpHeaders, body: Buffer): Submitted {
  const contentType = headers['content-type']
  const form = formOf(contentType)
  if (form === 'structured') return { mode: 'one', parts: structuredParts(body) }
  if (form === 'batch') return partsOfBatch(body)
  if (form === 'unknown' || (contentType !== undefined && !jsonType.test(mediaTypeOf(contentType))))
    return { mode: 'unsupported', contentType: mediaTypeOf(contentType) }
  if (headers['ce-specversion'] === undefined) return { mode: 'one', parts: structuredParts(body) }
  const attributes = new Map<string, string>()
  const faults: FieldError[] = []
  for (const [header, given] of Object.entries(headers)) {
    if (!header.startsWith('ce-') || given === undefined || given === '') continue
    const name = header.slice(3)
    const text = headerText(String(given))
    if (text === undefined) faults.push({ pointer: `/${name}`, message: 'must be UTF-8, with percent-encoding' })
    else attributes.set(name, text)
  }
  return { mode: 'one', parts: binaryParts(attributes, faults, contentType, body) }
}

/** A structured CloudEvent that was stored. It was within the limits when it arrived. */
export function partsOfStored(text: string): TakenApart {
  return partsOfJson(valueOf(text), text, undefined)
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const jsonType = /^(application|text)\/([\w.-]+\+)?json$/

const structuredType = 'application/cloudevents+json'

/** A CloudEvent's form by its content type. Types are compared without case and parameters. */
function formOf(contentType: string | undefined): 'structured' | 'batch' | 'unknown' | 'other' {
  if (contentType === undefined) return 'other'
  const type = contentType === structuredType ? contentType : mediaTypeOf(contentType)
  if (type === structuredType || type === 'application/cloudevents') return 'structured'
  if (!type.startsWith('application/cloudevents')) return 'other'
  return type === 'application/cloudevents-batch+json' ? 'batch' : 'unknown'
}

function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Whatever the case of its name. A header that is no text was written into the embedded bus by hand. */
function headerOf(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const given = headers[name] ?? headers[Object.keys(headers).find((one) => one.toLowerCase() === name) ?? '']
  return typeof given === 'string' ? given : undefined
}

/** A header without a value is an absent attribute. */
function attributesIn(headers: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [given, text] of Object.entries(headers)) {
    const name = given.toLowerCase()
    if (name.startsWith('ce_') && typeof text === 'string' && text !== '') attributes.set(name.slice(3), text)
  }
  return attributes
}

function structuredParts(bytes: Buffer): TakenApart {
  const read = readJsonBytes(bytes)
  return 'wrong' in read ? notRead(read.wrong, bytes) : partsOfJson(read.value, read.text, bytes)
}

function partsOfJson(value: unknown, text: string, bytes: Buffer | undefined): TakenApart {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return notRead('not-json', bytes, text)
  const attributes = value as Readonly<Record<string, unknown>>
  const faults = textErrorsOfJson(text, value)
  const base64 = attributes['data_base64']
  if (base64 === undefined || base64 === null) return { attributes, data: attributes['data'], faults, text: () => text }
  const inner =
    typeof base64 === 'string' ? readJsonBytes(Buffer.from(base64, 'base64')) : ({ wrong: 'not-json' } as const)
  if ('wrong' in inner) faults.push({ pointer: '/data_base64', message: jsonErrorWording[inner.wrong] })
  else faults.push(...textErrors(inner.value, ['data']))
  return { attributes, data: 'wrong' in inner ? undefined : inner.value, faults, text: () => text }
}

/** Headers of these names are no attributes: data are in the body. */
const isData: ReadonlySet<string> = new Set(['data', 'data_base64'])

function binaryParts(
  texts: ReadonlyMap<string, string>,
  wrong: readonly FieldError[],
  contentType: string | undefined,
  bytes: Buffer,
): TakenApart {
  const read = readJsonBytes(bytes)
  if ('wrong' in read)
    return noParts(read.wrong, `${jsonErrorWording[read.wrong]}${seemsToBe(read.wrong, bytes)}`, '/data')
  const attributes: Record<string, unknown> = Object.fromEntries([...texts].filter(([name]) => !isData.has(name)))
  if (contentType !== undefined) attributes['datacontenttype'] = contentType
  const faults = [...wrong]
  for (const [name, text] of texts) {
    const message = decodedTextError(text)
    if (message !== undefined) faults.push({ pointer: `/${name}`, message })
  }
  if (textErrorsOfJson(read.text, read.value).length > 0) faults.push(...textErrors(read.value, ['data']))
  // There is a `specversion` at least, and so a comma.
  const text = () => `${JSON.stringify(attributes).slice(0, -1)},"data":${read.text}}`
  return { attributes, data: read.value, faults, text }
}

function partsOfBatch(body: Buffer): Submitted {
  const items = itemsOfList(body)
  if (items === undefined) return { mode: 'batch', parts: [notRead('not-json', body)] }
  return {
    mode: 'batch',
    parts: items.map((item) => {
      const read = readJson(item)
      return 'wrong' in read ? notRead(read.wrong, Buffer.from(item)) : partsOfJson(read.value, item, Buffer.from(item))
    }),
  }
}

function notRead(wrong: JsonError, bytes: Buffer | undefined, text = ''): NoEventParts {
  const said = wrong === 'not-json' ? 'is not a JSON object in UTF-8' : jsonErrorWording[wrong]
  return { ...noParts(wrong, `${said}${bytes === undefined ? '' : seemsToBe(wrong, bytes)}`), text: () => text }
}

function seemsToBe(wrong: JsonError, bytes: Buffer): string {
  const framing = wrong === 'not-json' ? framingOf(bytes) : undefined
  return framing === undefined ? '' : `; it seems to be ${framing}`
}

function noParts(reason: UnreadableReason, message: string, pointer = ''): NoEventParts {
  return { reason, faults: [{ pointer, message }], text: () => '' }
}

/**
 * A header's value as the HTTP binding has it: quotes around it and percent-encoding are undone. Bytes that are not
 * encoded, as some senders leave them, are UTF-8 too. Undefined where it is no text.
 */
function headerText(given: string): string | undefined {
  const raw = textOfLatin1(given)
  if (raw === undefined) return undefined
  return percentDecoded(/^".*"$/s.test(raw) && raw.length > 1 ? raw.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : raw)
}
