import { scopes, values } from '@stockline/contracts'
import {
  command,
  decodeCursor,
  decodedTextError,
  encodeCursor,
  isRefusal,
  listQuery,
  operation,
  page,
  pageOf,
  query,
  refuse,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { TokenSettings } from '../keys/signing-key.actions.ts'
import { accessTokenSeconds } from '../keys/signing-key.ts'
import { changeClient, createClient, issueClientToken, renewSecret, unknownClient } from './client.actions.ts'
import { findClient, findClients } from './client.store.ts'
import { basicCredentials, oauthError, oauthErrors, type Client } from './client.ts'

const clientId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 small letters, digits, ".", "_" or "-"')
const clientName = z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters')
const clientScopes = z
  .array(z.enum(scopes, `must be one of ${scopes.join(', ')}`))
  .max(scopes.length)
  .refine((given) => new Set(given).size === given.length, 'must name each scope once')
const clientSources = z
  .array(values.textUpTo(200))
  .min(1, 'must name at least one; null is all')
  .max(50, 'must name at most 50')
  .refine((given) => new Set(given).size === given.length, 'must name each source once')
  .nullable()
  .meta({ description: 'The systems that it speaks for, as `source` of their events names them; null is all of them.' })
const clientParams = z.object({ id: z.string().max(64) })

const clientAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    sources: z.array(z.string()).nullable(),
    active: z.boolean(),
    version: z.int(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Client' })
const clientWithSecret = clientAnswer
  .extend({ secret: z.string().meta({ description: 'Shown this once and kept as a hash only.' }) })
  .meta({ id: 'ClientWithSecret' })

function answerOf({ createdAt, scopes: granted, sources, ...client }: Client) {
  return { ...client, scopes: [...granted], sources: sources && [...sources], createdAt: createdAt.toISOString() }
}

const withSecret = (made: { client: Client; secret: string } | Refusal) =>
  isRefusal(made) ? made : { ...answerOf(made.client), secret: made.secret }

const listClients = query({
  path: '/v1/clients',
  right: 'client.read',
  summary: 'Lists service clients by id',
  query: listQuery({}),
  answers: pageOf(clientAnswer),
  run: async (db: Database, { query: { limit, cursor } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    return page((await findClients(db, after, limit)).map(answerOf), limit, (last) => encodeCursor(last.id))
  },
})

const readClient = query({
  path: '/v1/clients/:id',
  right: 'client.read',
  summary: 'Reads a service client',
  params: clientParams,
  answers: clientAnswer,
  run: async (db: Database, { params }) => {
    const client = await findClient(db, params.id)
    return client === null ? unknownClient : answerOf(client)
  },
})

// No idempotency key here and below: a kept answer would keep the secret readable. The id makes a repeat harmless.
const createClientRoute = command({
  method: 'post',
  path: '/v1/clients',
  right: 'client.create',
  summary: 'Makes a service client and shows its secret, this once',
  alsoAnswers: [429],
  idempotency: 'none',
  body: z.object({ id: clientId, name: clientName, scopes: clientScopes, sources: clientSources.default(null) }),
  answers: clientWithSecret,
  status: 201,
  location: (client) => `/v1/clients/${client.id}`,
  run: async (tx: Tx, { body }) => withSecret(await createClient(tx, body)),
})

const renewSecretRoute = command({
  method: 'post',
  path: '/v1/clients/:id/secret',
  right: 'client.write',
  summary: 'Gives a service client a new secret and shows it, this once',
  alsoAnswers: [429],
  idempotency: 'none',
  params: clientParams,
  answers: clientWithSecret,
  run: async (tx: Tx, { params }) => withSecret(await renewSecret(tx, params.id)),
})

const changeClientRoute = command({
  method: 'patch',
  path: '/v1/clients/:id',
  right: 'client.write',
  summary: 'Renames a service client, changes its scopes or sources, starts or stops it',
  description: 'Tokens that it holds keep their scopes and sources until they expire, five minutes at most.',
  params: clientParams,
  version: 'required',
  body: z.object({
    name: clientName.optional(),
    scopes: clientScopes.optional(),
    sources: clientSources.optional(),
    active: z.boolean().optional(),
  }),
  answers: clientAnswer,
  run: async (tx: Tx, { params, body, version }) => {
    const client = await changeClient(tx, params.id, body, version)
    return isRefusal(client) ? client : answerOf(client)
  },
})

const tokenAnswer = z
  .object({ access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int(), scope: z.string() })
  .meta({ id: 'ClientToken' })

const clientCredentials = {
  client_id: z.string().max(64).optional(),
  client_secret: z.string().max(200).optional(),
  scope: z.string().max(1000).optional().meta({ description: 'Words separated by spaces; all scopes without it.' }),
}

const tokenProblem = z
  .object({
    error: z.enum(oauthErrors).meta({ description: 'As OAuth 2 has it (RFC 6749, 5.2).' }),
    error_description: z.string(),
  })
  .meta({ id: 'TokenProblem' })

/** Routes of service clients. */
export function clientRoutes(settings: TokenSettings) {
  const tokenRoute = operation({
    method: 'post',
    path: '/v1/tokens',
    right: 'public',
    summary: 'Gives a service client an access token (OAuth 2, client credentials)',
    alsoAnswers: [429],
    description: 'Id and secret stand in the form, or in the Authorization header as HTTP Basic.',
    accepts: 'application/x-www-form-urlencoded',
    // What is missing is refused in the standard's own words, by the action.
    body: z.looseObject({ grant_type: z.string().max(200).optional(), ...clientCredentials }),
    bodyShown: z.object({ grant_type: z.literal('client_credentials'), ...clientCredentials }),
    answers: tokenAnswer,
    problemMembers: tokenProblem,
    problemExtras: (problem) => ({
      members: oauthError(problem),
      headers: problem.status === 401 ? { 'WWW-Authenticate': 'Basic realm="stockline", charset="UTF-8"' } : {},
    }),
    run: async (db: Database, { body, headers, address, origin }) => {
      if (body.grant_type === undefined || body.grant_type === '') return grantMissing
      if (body.grant_type !== 'client_credentials') return grantUnsupported
      const basic = basicCredentials(headers.authorization)
      if (basic !== undefined && basicFault(basic) !== undefined) return basicUnreadable(basicFault(basic))
      const given = basic ?? formCredentials(body.client_id, body.client_secret)
      if (given === undefined) return credentialsMissing
      const issued = await issueClientToken(db, settings, { ...given, scope: body.scope, address }, origin)
      if (isRefusal(issued)) return issued
      const { token, scope } = issued
      return { access_token: token, token_type: 'Bearer' as const, expires_in: accessTokenSeconds, scope }
    },
  })
  return [tokenRoute, listClients, readClient, createClientRoute, changeClientRoute, renewSecretRoute]
}

const grantMissing = refuse('invalid-request', 'content', 'Send grant_type=client_credentials in the form.', [
  { pointer: '/grant_type', message: 'is missing' },
])
const grantUnsupported = refuse('unsupported-grant-type', 'content', 'The only grant is client_credentials.', [
  { pointer: '/grant_type', message: 'must be client_credentials' },
])
const credentialsMissing = refuse(
  'invalid-client',
  'unauthenticated',
  'Send client_id and client_secret in the form, or as HTTP Basic.',
)

const longestId = 64
const longestSecret = 200

/** What the form's fields are asked as well. */
function basicFault({ id, secret }: { readonly id: string; readonly secret: string }): string | undefined {
  if (id.length > longestId || secret.length > longestSecret)
    return `must hold an id of at most ${String(longestId)} and a secret of at most ${String(longestSecret)} characters`
  return decodedTextError(id) ?? decodedTextError(secret)
}

function basicUnreadable(message = ''): Refusal {
  return refuse('invalid-request', 'content', `The Authorization header is not readable: it ${message}.`, [
    { pointer: 'header:Authorization', message },
  ])
}

function formCredentials(id: string | undefined, secret: string | undefined) {
  return id === undefined || secret === undefined ? undefined : { id, secret }
}
