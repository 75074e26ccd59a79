/** A database server that is there and does not let us in: explained in one sentence, and at once. */
import { CannotStart } from '../runtime/cannot-start.ts'
import { textField } from '../runtime/fault.ts'

/** Codes of Node and OpenSSL for a certificate that leads to no CA of ours. */
const unknownCa = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
])

/**
 * The explanation of a connection error that waiting does not mend: TLS that one side wants and the other has not, a
 * certificate, a password, a database that is not there. Undefined for any other error.
 *
 * @param what which database, as the subject of a sentence: `the database of stock`
 */
export function refusalOf(what: string, error: unknown): CannotStart | undefined {
  if (error instanceof CannotStart) return error
  const [code = '', message = '', reason = ''] = ['code', 'message', 'reason'].map((field) => textField(error, field))
  const sentence = sentenceFor(code, message.trim(), reason)
  if (sentence === undefined) return undefined
  return new CannotStart(`${what.charAt(0).toUpperCase()}${what.slice(1)} ${sentence}`, 1, { cause: error })
}

function sentenceFor(code: string, message: string, reason: string): string | undefined {
  if (unknownCa.has(code)) return `has a certificate of a CA that sslrootcert does not name (${message}).`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `has a certificate for another host (${reason.replace(/\.$/, '')}).`
  if (code.startsWith('CERT_')) return `has a certificate that is not valid (${message}).`
  if (message === 'The server does not support SSL connections')
    return `has no TLS, and its address asks for it with sslmode: turn ssl on at the server.`
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return `ended the TLS handshake (${message}).`
  if (code.startsWith('28'))
    return /no encryption|SSL off/.test(message) ? wantsTls(message) : `refuses us: ${message}.`
  return code === '3D000' ? `is not there: ${message}.` : undefined
}

function wantsTls(message: string): string {
  return `refuses connections without TLS: add sslmode=verify-full&sslrootcert=… to its address (${message}).`
}
