/** Picking, wired. */
import { lowestBeside, mayDo } from '@stockline/contracts'
import { eventsEndpoint, type Metrics } from '@stockline/service-kit'
import { z } from 'zod'
import {
  busTopics,
  referenceDataListeners,
  orderDocuments,
  publishes,
  reactions,
  takenByHttp,
  withStates,
} from './bus.ts'
import { deliveryRoutes } from './deliveries/delivery.api.ts'
import { prismaClient, type Database, type Options, type Route } from './database.ts'
import { startStates } from './documents/document.states.actions.ts'
import { invariants } from './invariants.ts'
import { pickingModelRoutes } from './models/model.api.ts'
import { orderRoutes } from './orders/order.api.ts'
import { incomingOrderChangeOfKept } from './orders/order.reactions.ts'
import { packageRoutes } from './packages/package.api.ts'
import { companyPrefix } from './packages/package.sscc.ts'
import { partnerRoutes } from './partners/partners.api.ts'
import { documentsPosting } from './postings/posting.store.ts'
import { queueRoutes } from './queue/queue.api.ts'
import { receiptRoutes } from './receipts/receipt.api.ts'
import { transferRoutes } from './transfers/transfer.api.ts'

/** Variables of picking alone. */
const ownConfig = {
  /** The company prefix of GS1, with which SSCCs begin. Without it no packages are made. */
  GS1_COMPANY_PREFIX: z
    .string()
    .regex(companyPrefix, 'must be the 4 to 12 digits that GS1 gave the company')
    .optional(),
}

/** The service, for its process and for its tests. */
export const picking: Options<typeof ownConfig> = {
  name: 'picking',
  title: 'Stockline picking',
  description: 'Work on the floor: receipts, deliveries and transfers, their lines, scans and backorders.',
  config: ownConfig,
  prisma: prismaClient,
  migrations: new URL('../prisma/migrations', import.meta.url),
  lowestBeside,
  topics: busTopics,
  publishes,
  mayDo,
  invariants,
  reactions: ({ config }) => reactions(config.currency),
  routes: routesOf,
  started: ({ db, metrics, log }) => {
    measurePostings(db, metrics)
    return startStates(db, log, withStates)
  },
}

/** Documents that have been `posting`: how many, and for how long. */
function measurePostings(db: Database, metrics: Metrics): void {
  const by = async (which: 'documents' | 'oldestSeconds') =>
    new Map((await documentsPosting(db)).map((waiting) => [waiting.kind, waiting[which]]))
  metrics.gaugeBy('stockline_posting_documents', 'Documents that wait for the ledger, by kind.', 'kind', () =>
    by('documents'),
  )
  metrics.gaugeBy(
    'stockline_posting_oldest_seconds',
    'Since when the document that has waited longest for the ledger does so, by kind; zero where none waits.',
    'kind',
    () => by('oldestSeconds'),
  )
}

function routesOf(parts: Parameters<(typeof picking)['routes']>[0]): readonly Route[] {
  const { config } = parts
  return [
    queueRoutes,
    receiptRoutes(config.currency),
    deliveryRoutes,
    transferRoutes,
    packageRoutes(config.GS1_COMPANY_PREFIX),
    pickingModelRoutes,
    partnerRoutes(referenceDataListeners),
    orderRoutes(orderDocuments(config.currency), incomingOrderChangeOfKept),
    eventsEndpoint(parts, {
      right: 'scope:orders:publish',
      contracts: takenByHttp,
      reactions: reactions(config.currency),
    }),
  ].flat()
}
