import { randomBytes } from 'node:crypto'
import { isRefusal, refuse, versionRefusal, type Origin, type Refusal } from '@stockline/service-kit'
import { recordAudit } from '../audit/audit.actions.ts'
import type { Database, Tx } from '../database.ts'
import { signAccessToken, type TokenSettings } from '../keys/signing-key.actions.ts'
import { hashPassword } from '../passwords/password.actions.ts'
import { checkSecret, forgetKnownOrigins } from '../sessions/login-throttle.actions.ts'
import { findClientWithHash, insertClient, lockClient, updateClient, updateSecretHash } from './client.store.ts'
import { changedClient, grantedScopes, type Client, type ClientChange } from './client.ts'

/** Nobody can be found under that id. */
export const unknownClient = refuse('client-unknown', 'unknown', 'There is no such service client.')
const wrongClient = refuse('invalid-client', 'unauthenticated', 'Client id or secret is wrong.')

/**
 * Makes a service client. Its secret is shown this once.
 *
 * @param given.secret chosen where a demonstration needs one; otherwise random
 */
export async function createClient(
  tx: Tx,
  given: Pick<Client, 'id' | 'name' | 'scopes'> & { readonly sources?: Client['sources']; readonly secret?: string },
): Promise<{ client: Client; secret: string } | Refusal> {
  const { secret = newSecret(), ...rest } = given
  const client: Client = { sources: null, ...rest, active: true, version: 1, createdAt: tx.now }
  if (!(await insertClient(tx, client, await hashPassword(secret))))
    return refuse('client-exists', 'state', `There is a service client ${given.id} already.`, [
      { pointer: '/id', message: 'is taken' },
    ])
  await recordAudit(tx, {
    action: 'client.created',
    subject: subjectOf(client),
    new: { scopes: client.scopes, sources: client.sources },
  })
  return { client, secret }
}

/** Renames a client, changes its scopes or sources, or stops it. Tokens it has live five minutes at most. */
export async function changeClient(
  tx: Tx,
  id: string,
  change: ClientChange,
  version: number | undefined,
): Promise<Client | Refusal> {
  const before = await lockClient(tx, id)
  if (before === null) return unknownClient
  const stale = versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const after = changedClient(before, change)
  await updateClient(tx, after)
  await recordAudit(tx, {
    action: 'client.changed',
    subject: subjectOf(after),
    old: auditedOf(before),
    new: auditedOf(after),
  })
  return after
}

/** A new secret in place of the old one, shown this once. */
export async function renewSecret(tx: Tx, id: string): Promise<{ client: Client; secret: string } | Refusal> {
  const client = await lockClient(tx, id)
  if (client === null) return unknownClient
  const secret = newSecret()
  await updateSecretHash(tx, id, await hashPassword(secret))
  await forgetKnownOrigins(tx, `client:${id}`)
  await recordAudit(tx, { action: 'client.secret-renewed', subject: subjectOf(client) })
  return { client, secret }
}

/** An access token for a client that proves itself by its secret. */
export async function issueClientToken(
  db: Database,
  settings: TokenSettings,
  given: {
    readonly id: string
    readonly secret: string
    readonly scope: string | undefined
    readonly address: string
  },
  origin: Origin,
): Promise<{ token: string; scope: string } | Refusal> {
  const checked = await checkSecret(
    db,
    { subject: `client:${given.id}`, address: given.address, secret: given.secret },
    async () => {
      const client = await findClientWithHash(db, given.id)
      return client === null ? null : { client, active: client.active, hash: client.secretHash }
    },
    wrongClient,
  )
  if (isRefusal(checked)) return checked
  const granted = grantedScopes(checked.client, given.scope)
  if (isRefusal(granted)) return granted
  const scope = granted.join(' ')
  const { id, name, sources } = checked.client
  const subject = { sub: id, name, scope, ...(sources === null ? {} : { sources }) }
  const token = await db.transaction(origin, (tx) => signAccessToken(tx, settings, subject))
  return { token, scope }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

function auditedOf({ name, scopes, sources, active }: Client) {
  return { name, scopes, sources, active }
}

function subjectOf(client: Client) {
  return { id: client.id, name: client.name }
}
