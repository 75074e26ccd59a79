/** Identity, wired. */
import { groups, lowestBeside, mayDo, modelOwners, scopes } from '@stockline/contracts'
import {
  foundElsewhere,
  orThrow,
  type Origin,
  type ServiceParts,
  type Route,
  type ServiceConfig,
  type ServiceOptions,
} from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { z } from 'zod'
import { auditRoutes } from './audit/audit.api.ts'
import { busTopics, publishes } from './bus.ts'
import { createClient } from './clients/client.actions.ts'
import { clientRoutes } from './clients/client.api.ts'
import { identityVariables } from './config.ts'
import { newPrisma, type PrismaClient } from './database.ts'
import { groupRoutes } from './groups/group.api.ts'
import { invariants } from './invariants.ts'
import { currentKey, type TokenSettings } from './keys/signing-key.actions.ts'
import { ownKeys, signingKeyRoutes } from './keys/signing-key.api.ts'
import { forgetOldSessions } from './sessions/session.actions.ts'
import { sessionRoutes } from './sessions/session.api.ts'
import { userRoutes } from './users/user.api.ts'
import { createDemoUsers } from './users/user.first.actions.ts'
import { firstAdministratorRoute } from './users/user.first.api.ts'

type Config = ServiceConfig & z.output<z.ZodObject<typeof identityVariables>>
type IdentityParts = ServiceParts<PrismaClient, Config>

/** The service, for its process and for its tests. */
export const identity: ServiceOptions<PrismaClient, typeof identityVariables> = {
  name: 'identity',
  title: 'Stockline identity',
  description: 'Who may do what: users, inventory groups, sessions, signing keys, service clients.',
  config: identityVariables,
  prisma: newPrisma,
  migrations: new URL('../prisma/migrations', import.meta.url),
  lowestBeside,
  topics: busTopics,
  publishes,
  mayDo,
  invariants,
  keys: ({ db, log }) => ownKeys(db, log),
  routes: ({ config }) => routesOf(config),
  started: begin,
}

function routesOf(config: Config): readonly Route<PrismaClient>[] {
  const settings = settingsOf(config)
  return [
    ...sessionRoutes(settings),
    firstAdministratorRoute(config.FIRST_ADMINISTRATOR_CODE),
    ...userRoutes,
    ...groupRoutes,
    ...clientRoutes(settings),
    ...signingKeyRoutes(settings),
    ...auditRoutes,
    foundElsewhere('/v1/models/:name', { what: 'model', owners: modelOwners }),
  ]
}

function settingsOf(config: Config): TokenSettings {
  return { issuer: config.tokenIssuer, audience: config.tokenAudience, keySecret: config.KEY_ENCRYPTION_SECRET }
}

const sweepEveryMs = 60 * 60 * 1000

/** Makes a signing key and, where configured, the demo data; deletes old sessions every hour. */
async function begin({ db, config, log }: IdentityParts): Promise<() => Promise<void>> {
  await db.transaction(systemOrigin(), (tx) => currentKey(tx, settingsOf(config)))
  if (config.SEED === 'demo') await seedDemo({ db, config, log })
  const timer = setInterval(() => {
    db.transaction(systemOrigin(), forgetOldSessions).catch((error: unknown) => {
      log.warn({ err: error }, 'old sessions could not be forgotten; the next hour tries again')
    })
  }, sweepEveryMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    return Promise.resolve()
  }
}

async function seedDemo({ db, config, log }: Pick<IdentityParts, 'db' | 'config' | 'log'>): Promise<void> {
  const { DEMO_PASSWORD: password, DEMO_CLIENT_SECRET: secret } = config
  if (password === undefined || secret === undefined)
    throw new Error('SEED=demo needs DEMO_PASSWORD and DEMO_CLIENT_SECRET.')
  const seeded = await db.transaction(systemOrigin(), async (tx) => {
    if (!(await createDemoUsers(tx, password))) return false
    orThrow(await createClient(tx, { id: 'erp', name: 'ERP', scopes, secret }))
    return true
  })
  if (seeded) log.info({ groups: Object.values(groups) }, 'demo users and the client erp are made')
}

function systemOrigin(): Origin {
  return { actor: null, correlationId: uuid() }
}
