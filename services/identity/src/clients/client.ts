/** Rules about service clients: outside systems with scopes. */
import { refuse, type Refusal } from '@stockline/service-kit/refusal'

/** A service client; its secret is kept as a hash, elsewhere. */
export interface Client {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  /** The systems that it speaks for, as their events name them; null is all of them. */
  readonly sources: readonly string[] | null
  readonly active: boolean
  readonly version: number
  readonly createdAt: Date
}

export interface ClientChange {
  readonly name?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly sources?: readonly string[] | null | undefined
  readonly active?: boolean | undefined
}

/** The client with the change made, under the next version. */
export function changedClient(client: Client, change: ClientChange): Client {
  return {
    ...client,
    name: change.name ?? client.name,
    scopes: change.scopes ?? client.scopes,
    sources: change.sources === undefined ? client.sources : change.sources,
    active: change.active ?? client.active,
    version: client.version + 1,
  }
}

/**
 * The scopes of a token: all that the client has, or those it requests.
 *
 * @param asked scopes separated by spaces, as OAuth has it
 */
export function grantedScopes(client: Pick<Client, 'scopes'>, asked: string | undefined): readonly string[] | Refusal {
  const words = asked?.split(' ').filter((word) => word !== '') ?? []
  if (words.length === 0) return client.scopes
  const foreign = words.filter((word) => !client.scopes.includes(word))
  if (foreign.length === 0) return [...new Set(words)]
  return refuse('invalid-scope', 'content', `The client does not have ${foreign.join(', ')}.`, [
    { pointer: '/scope', message: `must be among ${client.scopes.join(' ')}` },
  ])
}

/** Every `error` of a refused token: the first four are the standard's, the last two mean that it may be tried again. */
export const oauthErrors = [
  'invalid_request',
  'invalid_client',
  'unsupported_grant_type',
  'invalid_scope',
  'temporarily_unavailable',
  'server_error',
] as const
type OauthError = (typeof oauthErrors)[number]

/**
 * A refused token in the words of OAuth 2 (RFC 6749, 5.2). Our codes are its words with hyphens; of what has no word
 * there, the caller's faults are an invalid request.
 */
export function oauthError(problem: { readonly status: number; readonly code: string; readonly message: string }) {
  const word = problem.code.replaceAll('-', '_')
  const known = oauthErrors.find((error) => error === word)
  // Of the printable characters the standard leaves out quotes and the backslash.
  const description = problem.message.replaceAll('"', "'").replace(/[^\x20-\x5b\x5d-\x7e]/g, '?')
  return { error: known ?? passingError(problem.status) ?? 'invalid_request', error_description: description }
}

function passingError(status: number): OauthError | undefined {
  if (status === 429 || status === 503) return 'temporarily_unavailable'
  return status >= 500 ? 'server_error' : undefined
}

/** Id and secret as HTTP Basic carries them, each form-encoded; undefined when it is something else. */
export function basicCredentials(header: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  const id = formDecoded(text.slice(0, colon))
  const secret = formDecoded(text.slice(colon + 1))
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
