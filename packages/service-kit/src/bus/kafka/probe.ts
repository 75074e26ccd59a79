/** Finds out in one connection why brokers do not let us in, and explains it in one sentence. */
import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectSecurely, createSecureContext } from 'node:tls'
import { secureContextOf, tlsOptions } from './sockets.ts'
import type { KafkaSecurity } from './config.ts'
import { textField } from '../../runtime/fault.ts'

const stepLimitMs = 4_000
const late = 'no answer in time'

/**
 * Goes the way of a client to the first broker that accepts a connection: TLS, then the question which logins it takes.
 * Passwords and tokens are not sent. Resolves with what is wrong, without a full stop; undefined where nothing is.
 */
export async function explainConnection(
  brokers: readonly string[],
  security: KafkaSecurity,
): Promise<string | undefined> {
  const reasons: string[] = []
  for (const broker of brokers) {
    const place = placeOf(broker)
    try {
      return await explainOne(broker, place, security)
    } catch (error) {
      reasons.push(`${broker} (${codeOf(error)})`)
    }
  }
  return `no broker answers: ${reasons.join(', ')}`
}

interface BrokerPlace {
  readonly host: string
  readonly port: number
}

/** Host and port of `host:port`; an address of version 6 stands in brackets. */
export function placeOf(broker: string): BrokerPlace {
  const at = broker.lastIndexOf(':')
  return { host: broker.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(broker.slice(at + 1)) }
}

/** Throws only when there is no connection at all. */
async function explainOne(broker: string, place: BrokerPlace, security: KafkaSecurity): Promise<string | undefined> {
  const plain = await opened(connect(place), 'connect')
  if (security.tls === undefined) {
    const answer = await askLogins(plain)
    if (answer !== undefined) return explainLogin(broker, answer, security)
    const speaksTls = await isTls(place)
    return speaksTls ? `${broker} expects TLS: set KAFKA_TLS=true` : `${broker} does not answer as a Kafka broker does`
  }
  plain.destroy()
  let secure: Socket
  try {
    const context = secureContextOf(security.tls)
    secure = await opened(connectSecurely({ ...place, ...tlsOptions(place.host, context) }), 'secureConnect')
  } catch (error) {
    return explainTls(broker, place, security, error)
  }
  const refused = Promise.withResolvers<string | undefined>()
  secure.once('error', (error) => refused.resolve(codeOf(error)))
  const answer = await askLogins(secure)
  if (answer !== undefined) return explainLogin(broker, answer, security)
  const said = await Promise.race([refused.promise, later(50)])
  const alert = said === late ? undefined : said
  if (security.tls.client === undefined)
    return `${broker} wants a certificate of ours: set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE`
  return `${broker} refuses our certificate in KAFKA_TLS_CERT_FILE${alert === undefined ? '' : ` (${alert})`}`
}

const authorityErrors = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
])

async function explainTls(
  broker: string,
  place: BrokerPlace,
  { tls }: KafkaSecurity,
  error: unknown,
): Promise<string | undefined> {
  const code = codeOf(error)
  if (code === late) return `${broker} does not answer in time`
  if (authorityErrors.has(code)) {
    const where =
      tls?.caFile === undefined ? 'Node trusts: name its authority in KAFKA_TLS_CA_FILE' : 'KAFKA_TLS_CA_FILE names'
    return `the certificate of ${broker} is from no authority that ${where} (${code})`
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of ${broker} is for another name than ${place.host}`
  if (code === 'CERT_HAS_EXPIRED') return `the certificate of ${broker} has expired`
  if (code === 'CERT_NOT_YET_VALID') return `the certificate of ${broker} is not valid yet`
  const answer = await opened(connect(place), 'connect').then(askLogins, () => undefined)
  if (answer !== undefined) return `${broker} speaks without TLS: unset KAFKA_TLS, or name the port that has it`
  if (code.includes('ALERT') && tls?.client === undefined)
    return `${broker} wants a certificate of ours: set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE`
  if (code.includes('ALERT')) return `${broker} refuses our certificate in KAFKA_TLS_CERT_FILE (${code})`
  return `${broker} and we do not agree on TLS (${code})`
}

/** A listener's answer about logins: code of the answer, and the mechanisms that it takes. */
interface LoginAnswer {
  readonly error: number
  readonly mechanisms: readonly string[]
}

const noLoginHere = 34

function explainLogin(broker: string, answer: LoginAnswer, { sasl }: KafkaSecurity): string | undefined {
  if (answer.error === noLoginHere) {
    if (sasl === undefined) return undefined
    return `${broker} takes no login by SASL: unset KAFKA_SASL_MECHANISM, or name the port that does`
  }
  const offered = answer.mechanisms.join(' or ')
  if (sasl === undefined) return `${broker} wants a login by SASL: set KAFKA_SASL_MECHANISM (it takes ${offered})`
  if (answer.mechanisms.includes(sasl.mechanism)) return undefined
  return `${broker} takes no ${sasl.mechanism}: set KAFKA_SASL_MECHANISM to ${offered}`
}

/**
 * Requests a login by a mechanism that does not exist: a listener with logins names those that it takes, one
 * without answers that. Undefined where no such answer comes. The connection is over afterwards.
 *
 * @see https://kafka.apache.org/protocol#The_Messages_SaslHandshake
 */
async function askLogins(socket: Socket): Promise<LoginAnswer | undefined> {
  try {
    socket.write(handshake('NONE'))
    return readAnswer(await firstFrame(socket))
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}

const saslHandshake = 17

function handshake(mechanism: string): Buffer {
  const client = 'stockline-probe'
  const body = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 2 + mechanism.length)
  body.writeInt32BE(body.length - 4, 0)
  body.writeInt16BE(saslHandshake, 4)
  body.writeInt16BE(1, 6)
  body.writeInt32BE(1, 8)
  body.writeInt16BE(client.length, 12)
  body.write(client, 14)
  body.writeInt16BE(mechanism.length, 14 + client.length)
  body.write(mechanism, 16 + client.length)
  return body
}

const longestAnswer = 4_096

async function firstFrame(socket: Socket): Promise<Buffer> {
  const limit = setTimeout(() => socket.destroy(new Error(late)), stepLimitMs)
  try {
    let received = Buffer.alloc(0)
    for await (const bytes of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, bytes])
      if (received.length < 4) continue
      const length = received.readInt32BE(0)
      if (length < 8 || length > longestAnswer) throw new Error('this is no Kafka')
      if (received.length >= 4 + length) return received.subarray(4, 4 + length)
    }
    throw new Error('closed')
  } finally {
    clearTimeout(limit)
  }
}

function readAnswer(frame: Buffer): LoginAnswer {
  const error = frame.readInt16BE(4)
  const count = Math.max(0, frame.readInt32BE(6))
  const mechanisms: string[] = []
  let at = 10
  for (let index = 0; index < count; index += 1) {
    const length = frame.readInt16BE(at)
    mechanisms.push(frame.toString('utf8', at + 2, at + 2 + length))
    at += 2 + length
  }
  return { error, mechanisms }
}

/** Is there a TLS server, whatever its certificate? */
async function isTls(place: BrokerPlace): Promise<boolean> {
  const secureContext = createSecureContext()
  const name = isIP(place.host) === 0 ? { servername: place.host } : {}
  try {
    const socket = await opened(
      connectSecurely({ ...place, ...name, secureContext, rejectUnauthorized: false }),
      'secureConnect',
    )
    socket.destroy()
    return true
  } catch (error) {
    // One that demands a certificate of ours has answered by TLS.
    return codeOf(error).includes('ALERT')
  }
}

/** The socket when it is open. Rejects with its error, or after `limitMs`. */
export async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  limitMs: number = stepLimitMs,
): Promise<Socket> {
  const limit = setTimeout(() => socket.destroy(new Error(late)), limitMs)
  socket.on('error', () => undefined)
  try {
    await once(socket, event)
    return socket
  } finally {
    clearTimeout(limit)
  }
}

/** The code of a network error, or its message. */
export function codeOf(error: unknown): string {
  return textField(error, 'code') ?? textField(error, 'message') ?? String(error)
}

function later(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined))
}
