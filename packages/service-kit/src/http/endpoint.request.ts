/** What is read from a request besides its shape: body, correlation, version, preference, address. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { formFields, textOfLatin1 } from '../values/form.ts'
import { jsonErrorWording, jsonLimits, readJsonBytes, textOfBytes } from '../values/json.ts'
import { pointer, queryPointer } from '../values/pointer.ts'
import { HttpProblem } from './problem.ts'
import { cut, errorsInWords } from '../values/bounds.ts'
import type { FieldError } from '../refusal.ts'
import { textErrorsOfJson } from '../values/texts.ts'

/** A body is at most 1 MiB. */
const maxBodyBytes = jsonLimits.bytes
/** What is read and dropped of a body that is too large, so that its sender gets to see the answer. */
const maxDrainedBytes = 16 * maxBodyBytes

/** Reads the body. 413 when it is too large. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    throw new HttpProblem(415, 'content-encoding-unsupported', 'Send the body without Content-Encoding.')
  if (Number(request.headers['content-length'] ?? 0) > maxDrainedBytes) throw tooLarge(true)
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBodyBytes) chunks.push(chunk)
      else chunks = []
      if (size > maxDrainedBytes) {
        request.removeAllListeners('data')
        reject(tooLarge(true))
      }
    })
    request.on('end', () => {
      if (size > maxBodyBytes) reject(tooLarge(false))
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
    })
    request.on('error', reject)
    request.on('aborted', () =>
      reject(new HttpProblem(400, 'body-incomplete', 'The connection ended within the body.')),
    )
  })
}

function tooLarge(close: boolean): HttpProblem {
  return new HttpProblem(413, 'body-too-large', `A body is at most ${maxBodyBytes} bytes.`, {
    headers: close ? { Connection: 'close' } : {},
  })
}

/**
 * The value of a body. Nothing at all counts as an empty object, so that a command without wishes needs no body; a body
 * without a type is taken as what is accepted.
 *
 * @throws HttpProblem 400 for what is no JSON in UTF-8; 422 for what is beyond the limits of {@link jsonLimits}, and for
 *   texts that the database cannot store as they were sent, unless nothing is stored
 */
export function parseBody(
  bytes: Buffer,
  request: IncomingMessage,
  accepts: string,
  keepsNothing: boolean | undefined,
): unknown {
  const type = bytes.length === 0 ? undefined : request.headers['content-type']
  if (accepts === formMediaType && !isJson(type)) {
    if (type !== undefined && !formType.test(type)) throw unsupportedType(type, `${formMediaType} or application/json`)
    return parseForm(bytes)
  }
  if (bytes.length === 0) return {}
  if (type !== undefined && !isJson(type)) throw unsupportedType(type, accepts)
  const read = readJsonBytes(bytes)
  if (!('wrong' in read)) {
    const faults = keepsNothing === true ? [] : textErrorsOfJson(read.text, read.value)
    if (faults.length > 0) throw wrongFields(faults)
    return read.value
  }
  if (read.wrong === 'not-json') throw new HttpProblem(400, 'body-not-json', 'The body is not JSON in UTF-8.')
  throw wrongFields([{ pointer: '', message: jsonErrorWording[read.wrong] }])
}

const formMediaType = 'application/x-www-form-urlencoded'
const formType = /^\s*application\/x-www-form-urlencoded\s*(;|$)/i
const jsonType = /^\s*application\/(?:[\w.!#$&^+-]+\+)?json\s*(;|$)/i
const charset = /;\s*charset\s*=\s*"?([\w:.-]+)"?/i
/** JSON is UTF-8 (RFC 8259), of which ASCII is a part; many clients name a charset all the same. */
const jsonCharset = /^(utf-?8|us-ascii|ascii)$/i

/** Is this `Content-Type` one of JSON: `application/json` or `application/…+json`, in UTF-8? */
function isJson(type: string | undefined): boolean {
  return type !== undefined && jsonType.test(type) && jsonCharset.test(charset.exec(type)?.[1] ?? 'utf-8')
}

/** 415 with the type that was sent, and the types that are accepted. */
function unsupportedType(type: string, accepted: string): HttpProblem {
  return new HttpProblem(
    415,
    'content-type-unsupported',
    `The body is sent as ${cut(type, 100)}. Send it with Content-Type: ${accepted}, in UTF-8.`,
    { headers: { Accept: accepted } },
  )
}

/** 422 that names every wrong field. */
export function wrongFields(errors: HttpProblem['errors'] & object): HttpProblem {
  return new HttpProblem(422, 'fields-wrong', `${errorsInWords(errors)}.`, { errors })
}

function parseForm(bytes: Buffer): unknown {
  const text = textOfBytes(bytes)
  if (text === undefined) throw new HttpProblem(400, 'body-not-text', 'The form is not UTF-8.')
  const form = formFields(text, pointer)
  if ('faults' in form) throw wrongFields(form.faults)
  return form.fields
}

/** The query as an object of texts, a name given twice as a list; or the texts in it that the database cannot store as they were sent. */
export function queryOf(request: IncomingMessage): ReturnType<typeof formFields> {
  const url = request.url ?? ''
  const at = url.indexOf('?')
  if (at < 0) return { fields: {} }
  const text = textOfLatin1(url.slice(at + 1))
  return text === undefined ? { faults: [notUtf8] } : formFields(text, queryPointer)
}

const notUtf8: FieldError = { pointer: '?', message: 'must be UTF-8, with percent-encoding' }

const correlationText = /^[\w.:@/+=-]{1,128}$/

/** The caller's correlation id if it is sane, else a new one. */
export function correlationIdOf(request: IncomingMessage): string {
  const given = request.headers['x-correlation-id']
  return typeof given === 'string' && correlationText.test(given) ? given : randomUUID()
}

const traceparentText = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The W3C trace context, if there is a readable one. */
export function traceparentOf(request: IncomingMessage): string | undefined {
  const given = request.headers['traceparent']
  return typeof given === 'string' && traceparentText.test(given) ? given : undefined
}

/** The version in `If-Match: "5"`. Absent: undefined. `*` is refused: it would change a version that the client has not read. */
export function versionOf(request: IncomingMessage): number | undefined {
  const given = request.headers['if-match']?.trim()
  if (given === undefined) return undefined
  const digits = /^"(\d{1,15})"$/.exec(given)?.[1]
  if (digits === undefined)
    throw new HttpProblem(
      400,
      'if-match-malformed',
      'Send If-Match with the one version you read, in quotes, as ETag gives it: "5".',
    )
  return Number(digits)
}

const maxWaitSeconds = 30

/** Seconds in `Prefer: wait=5`, at most 30. A preference that is not understood is no error. */
export function preferredWaitOf(request: IncomingMessage): number | undefined {
  const given = request.headers['prefer']
  if (given === undefined) return undefined
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?:$|[,;\s])/i.exec(String(given))?.[1]
  return seconds === undefined ? undefined : Math.min(Number(seconds), maxWaitSeconds)
}

/**
 * Address of the client. `X-Forwarded-For` is believed only from the origin in front, and only its last entry: that is
 * the one which the origin itself added.
 */
export function addressOf(request: IncomingMessage, trusted: ReadonlySet<string>): string {
  const peer = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const forwarded = request.headers['x-forwarded-for']
  const believed = peer === '::1' || peer.startsWith('127.') || trusted.has(peer)
  if (!believed || typeof forwarded !== 'string') return peer
  const last = forwarded.slice(forwarded.lastIndexOf(',') + 1).trim()
  return isIP(last) === 0 ? peer : last
}
