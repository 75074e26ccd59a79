/** Picking, wired. */
import { mayDo, requireKnownRight } from '@stockline/contracts'
import { eventsEndpoint } from '@stockline/service-kit'
import { busTopics, publishes, reactions, takenByHttp } from './bus.ts'
import { deliveryRoutes } from './deliveries/delivery.api.ts'
import { prismaClient, type Options, type Route } from './database.ts'
import { invariants } from './invariants.ts'
import { queueRoutes } from './queue/queue.api.ts'
import { receiptRoutes } from './receipts/receipt.api.ts'

/** The service, for its process and for its tests. */
export const picking: Options = {
  name: 'picking',
  title: 'Stockline picking',
  description: 'Work on the floor: receipts and deliveries, their lines, scans and backorders.',
  prisma: prismaClient,
  migrations: new URL('../prisma/migrations', import.meta.url),
  topics: busTopics,
  publishes,
  mayDo,
  invariants,
  reactions: ({ config }) => reactions(config.currency),
  routes: routesOf,
}

function routesOf({ config, log }: Parameters<Options['routes']>[0]): readonly Route[] {
  const routes = [
    queueRoutes,
    receiptRoutes(config.currency),
    deliveryRoutes,
    eventsEndpoint({
      right: 'scope:orders:publish',
      contracts: takenByHttp,
      reactions: reactions(config.currency),
      log,
    }),
  ].flat()
  for (const route of routes) requireKnownRight(route.right)
  return routes
}
