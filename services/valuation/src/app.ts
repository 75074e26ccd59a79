/** Valuation, wired. */
import { lowestBeside, mayDo, modelOwners } from '@stockline/contracts'
import { foundElsewhere, type Route, type ServiceOptions } from '@stockline/service-kit'
import { accountRoutes } from './accounts/account.api.ts'
import { busTopics, publishes, reactions } from './bus.ts'
import { companyOf } from './config.ts'
import { layerRoutes } from './costing/layer.api.ts'
import { lastLoggedPosition } from './costing/layer.store.ts'
import { parkingRoutes } from './costing/parking.api.ts'
import { parkedByReason, parkedOldest } from './costing/parking.store.ts'
import { newPrisma, type PrismaClient } from './database.ts'
import { invariants } from './invariants.ts'
import { entryRoutes } from './journal/entry.api.ts'
import type { Company } from './journal/entry.ts'
import { costMethodRoutes } from './methods/cost-method.api.ts'

/** The service, for its process and for its tests. */
export const valuation: ServiceOptions<PrismaClient> = {
  name: 'valuation',
  title: 'Stockline valuation',
  description: 'What it is worth: cost methods, cost layers, journal entries.',
  prisma: newPrisma,
  migrations: new URL('../prisma/migrations', import.meta.url),
  lowestBeside,
  topics: busTopics,
  publishes,
  mayDo,
  routes: ({ config }) => routesOf(companyOf(config)),
  reactions: ({ config }) => reactions(companyOf(config)),
  invariants,
  started: ({ db, metrics }) => {
    const help = 'Documents that cannot be valued yet, by reason; `waiting` ones are behind another.'
    metrics.gaugeBy('stockline_valuation_parked_documents', help, 'reason', () => parkedByReason(db))
    metrics.gaugeBy(
      'stockline_valuation_parked_oldest_seconds',
      'Age of the document that has been without a value longest, by reason.',
      'reason',
      () => parkedOldest(db),
    )
    metrics.gauge('stockline_valuation_position', 'Position of the last ledger document in the input log.', () =>
      lastLoggedPosition(db),
    )
    return () => Promise.resolve()
  },
}

function routesOf(company: Company): readonly Route<PrismaClient>[] {
  return [
    ...costMethodRoutes(company),
    ...accountRoutes(company),
    ...entryRoutes(company),
    ...layerRoutes(company),
    ...parkingRoutes(company),
    foundElsewhere('/v1/models/:name', { what: 'model', owners: modelOwners }),
  ] as readonly Route<PrismaClient>[]
}
