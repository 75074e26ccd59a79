/** A running identity service on databases of its own, with a logged-in client. */
import { startService, type RunningService } from '@stockline/service-kit'
import { clientFor, testDatabase, type Client, type Reply } from '@stockline/test-kit'
import { identity } from '../src/app.ts'
import type { PrismaClient } from '../src/generated/client.ts'

export const password = 'a demo password'
export const clientSecret = 'a demo client secret'

/** A token pair with its user. */
export interface Session {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresIn: number
  readonly user: { readonly id: string; readonly username: string; readonly groups: readonly string[] }
}

export interface RunningIdentity {
  readonly service: RunningService<PrismaClient>
  readonly nobody: Client
  /** Logs in and returns a client with the token. */
  login(username: string, given?: string): Promise<{ readonly client: Client; readonly session: Session }>
  /** Another process on the same databases. */
  another(environment?: Readonly<Record<string, string>>): Promise<RunningService<PrismaClient>>
  stop(): Promise<void>
}

/** Starts identity; without variables, with the demo data. */
export async function runIdentity(
  environment: Readonly<Record<string, string>> = {
    SEED: 'demo',
    DEMO_PASSWORD: password,
    DEMO_CLIENT_SECRET: clientSecret,
  },
): Promise<RunningIdentity> {
  const [database, bus] = await Promise.all([testDatabase('identity'), testDatabase('bus')])
  const begin = (more: Readonly<Record<string, string>>) =>
    startService(identity, {
      PORT: '0',
      IDENTITY_DATABASE_URL: database.url,
      BUS_DATABASE_URL: bus.url,
      LOG_LEVEL: 'fatal',
      ...more,
    })
  const service = await begin(environment)
  const others: RunningService<PrismaClient>[] = []
  const nobody = clientFor(service.url)
  return {
    service,
    nobody,
    login: async (username, given = password) => {
      const reply = await logIn(nobody, username, given)
      if (reply.status !== 201) throw new Error(`${username} could not log in: ${JSON.stringify(reply.body)}`)
      return { client: nobody.as(reply.body.accessToken), session: reply.body }
    },
    another: async (more = environment) => {
      const other = await begin(more)
      others.push(other)
      return other
    },
    stop: async () => {
      await Promise.all([service, ...others].map((each) => each.stop()))
      await Promise.all([database.drop(), bus.drop()])
    },
  }
}

/** One try to log in, from an address of the caller's choice. */
export function logIn(client: Client, username: string, given: string, from?: string): Promise<Reply<Session>> {
  return client.send<Session>('POST', '/v1/sessions', {
    body: { username, password: given },
    ...(from === undefined ? {} : { headers: { 'x-forwarded-for': from } }),
  })
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
