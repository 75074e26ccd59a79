/**
 * Distinguishes a fault (database, broker, network: it passes by itself, so try again) from a bug (anything else thrown).
 */

/**
 * PostgreSQL's own codes and classes for what is not the statement's fault. Also a password that is being changed (28)
 * and a database that is being put back (3D000).
 */
const faultStates = /^(08|28|53|57P0|58)|^(3D000|40001|40P01|55P03|57014|25006)$/
const conflictStates = new Set(['40001', '40P01'])
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
/** Node and OpenSSL, of a TLS that fails: certificates are replaced too. */
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$)/
/** Prisma: not reachable, timed out, closed, pool exhausted, write conflict, transaction not started. */
const prismaFaults = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034'])
/** Messages of `pg` that have no code. Only at the beginning: elsewhere it may be a message's own words, quoted by a bug. */
const faultMessages =
  /^(connection terminated|client has encountered a connection error and is not queryable|timeout exceeded when trying to connect|client was closed|(the )?server closed the connection|query read timeout|the server does not support ssl)/i
const deepest = 8

/** Is this error, or any of its causes, the failing of something outside: a lost connection, a deadlock, a shutdown? */
export function isFault(error: unknown): boolean {
  return causes(error).some((one) => {
    const code = textField(one, 'code')
    if (code !== undefined && (socketCodes.has(code) || prismaFaults.has(code) || tlsCodes.test(code))) return true
    // A server that is down takes its socket's file away; any other file that is missing is a bug.
    if (code === 'ENOENT' && textField(one, 'syscall') === 'connect') return true
    const state = stateOf(one)
    if (state !== undefined) return faultStates.test(state)
    return one instanceof Error && faultMessages.test(one.message)
  })
}

/** Would the same transaction, run again at once, probably succeed: a deadlock or a serialization failure? */
export function isConflict(error: unknown): boolean {
  return causes(error).some((one) => conflictStates.has(stateOf(one) ?? '') || textField(one, 'code') === 'P2034')
}

/** The error and what led to it, outermost first. */
function causes(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let one = error; one !== undefined && one !== null && chain.length < deepest; one = causeOf(one)) chain.push(one)
  return chain
}

function causeOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors[0]
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined
}

/** SQLSTATE, as `pg` gives it (`code`) or as Prisma's adapter keeps it (`originalCode`). */
function stateOf(error: unknown): string | undefined {
  const code = textField(error, 'originalCode') ?? textField(error, 'code')
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('P') ? code : undefined
}

/** A text in a field of whatever was thrown; undefined where there is none. */
export function textField(error: unknown, field: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const value: unknown = Reflect.get(error, field)
  return typeof value === 'string' ? value : undefined
}
