/** The six who ask: nobody, the four groups, and a service client with every scope. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { scopes } from '@stockline/contracts'
import { clientFor } from '@stockline/test-kit'
import type { Person, System } from '@stockline/test-kit/load/system'

export const roles = ['nobody', 'user', 'supervisor', 'manager', 'administrator', 'client'] as const
export type Role = (typeof roles)[number]

/** Who asks. */
export interface Callers {
  /** A token of the role that lives some minutes yet; undefined for nobody. */
  tokenOf(role: Role): Promise<string | undefined>
  /** The token is refused: its session may have been ended by another request. */
  forget(role: Role): void
  /** Ids that no request may name, since it could take its rights from a caller. */
  readonly untouchable: ReadonlySet<string>
}

const people: Readonly<Partial<Record<Role, Person>>> = {
  user: 'user',
  supervisor: 'supervisor',
  manager: 'manager',
  administrator: 'admin',
}
const usedForMs = 150_000

/** Makes the service client, and signs in. */
export async function openCallers(system: System): Promise<Callers> {
  const { origin, password } = system
  const admin = await system.login('admin')
  const clientId = `fuzzer-${randomUUID().slice(0, 8)}`
  const made = await admin.send<{ secret: string }>('POST', '/identity/v1/clients', {
    body: { id: clientId, name: 'Fuzzer', scopes },
  })
  if (made.status !== 201) throw new Error(`The service client cannot be made: ${JSON.stringify(made.body)}`)
  const users = await admin.get<{ items: { id: string }[] }>('/identity/v1/users?limit=200')
  const direct = identityOf(origin)

  const fetchToken = async (role: Role): Promise<string | undefined> => {
    const person = people[role]
    if (person !== undefined) return signIn(direct, person, password)
    return role === 'client' ? clientToken(direct, clientId, made.body.secret) : undefined
  }
  const known = new Map<Role, { readonly token: Promise<string | undefined>; readonly at: number }>()
  return {
    tokenOf(role) {
      const kept = known.get(role)
      if (kept !== undefined && performance.now() - kept.at < usedForMs) return kept.token
      const token = patiently(() => fetchToken(role))
      known.set(role, { token, at: performance.now() })
      token.catch(() => known.delete(role))
      return token
    },
    forget: (role) => void known.delete(role),
    untouchable: new Set([...users.body.items.map(({ id }) => id), clientId, 'erp']),
  }
}

/** A fault may have stopped identity just then: it is asked again until it is back. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + 60_000; ;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > end) throw error
      await delay(250)
    }
  }
}

/**
 * Identity itself, which listens on the port after the origin's. The requests' own wrong logins slow down the address
 * that the origin reports; the callers sign in from another.
 */
function identityOf(origin: string): string {
  const url = new URL(origin)
  url.port = String(Number(url.port) + 1)
  return url.origin
}

const elsewhere = { 'x-forwarded-for': '10.20.30.40' }

async function signIn(identity: string, username: string, password: string): Promise<string> {
  const answer = await clientFor(identity).send<{ accessToken: string }>('POST', '/v1/sessions', {
    body: { username, password },
    headers: elsewhere,
  })
  if (answer.status !== 201) throw new Error(`login of ${username}: ${JSON.stringify(answer.body)}`)
  return answer.body.accessToken
}

async function clientToken(identity: string, clientId: string, secret: string): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret })
  const answer = await clientFor(identity).send<{ access_token: string }>('POST', '/v1/tokens', {
    body: form.toString(),
    headers: { ...elsewhere, 'content-type': 'application/x-www-form-urlencoded' },
  })
  if (answer.status !== 200) throw new Error(`token of ${clientId}: ${JSON.stringify(answer.body)}`)
  return answer.body.access_token
}
