/** The first two checks of a request: who is asking, and may they? */
import type { IncomingMessage } from 'node:http'
import type { Authenticator } from './auth.ts'
import type { Actor } from './endpoint.declarations.ts'
import { HttpProblem } from './problem.ts'

/** The actor of the bearer token. 401 without one that is valid. */
export async function authenticate(request: IncomingMessage, authenticator: Authenticator): Promise<Actor> {
  const given = request.headers.authorization
  if (given === undefined) throw notSignedIn('token-missing', 'Send Authorization: Bearer with an access token.')
  const token = /^Bearer +([\w.~+/=-]{1,8000})$/i.exec(given)?.[1]
  if (token === undefined) throw notSignedIn('token-invalid', 'The Authorization header holds no bearer token.')
  const known = authenticator.actorOf(token)
  const actor = known instanceof Promise ? await known : known
  if ('invalid' in actor) throw notSignedIn('token-invalid', `The access token is not accepted: ${actor.invalid}.`)
  return actor
}

function notSignedIn(code: string, detail: string): HttpProblem {
  const error = code === 'token-missing' ? '' : ', error="invalid_token"'
  return new HttpProblem(401, code, detail, { headers: { 'WWW-Authenticate': `Bearer realm="stockline"${error}` } })
}

/** Has the actor the right? 403 names the one that is missing. */
export function checkRight(actor: Actor, right: string, mayDo: (actor: Actor, right: string) => boolean): void {
  if (right === 'signed-in') return
  const scope = right.startsWith('scope:') ? right.slice('scope:'.length) : undefined
  const may = scope === undefined ? mayDo(actor, right) : actor.scopes.includes(scope)
  if (!may)
    throw new HttpProblem(
      403,
      'right-missing',
      `You lack the ${scope === undefined ? 'right' : 'scope'} ${scope ?? right}.`,
    )
}
