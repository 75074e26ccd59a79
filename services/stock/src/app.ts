/** Stock, wired. */
import { lowestBeside, mayDo } from '@stockline/contracts'
import { eventsEndpoint, timeOfDay, type ServiceParts, type Route, type ServiceOptions } from '@stockline/service-kit'
import { adjustmentRoutes } from './adjustments/adjustment.api.ts'
import { assignmentRoutes } from './assignments/assignment.api.ts'
import { busTopics, publishes, reactions, takenByHttp } from './bus.ts'
import { abcRoutes } from './counts/abc.api.ts'
import { countRoutes } from './counts/count.api.ts'
import { planRoutes } from './counts/plan.api.ts'
import { suggestionRoutes } from './counts/suggestion.api.ts'
import { startCounting } from './counts/timer.actions.ts'
import { dispositionRoutes } from './dispositions/disposition.api.ts'
import { newPrisma, type PrismaClient } from './database.ts'
import { incomingRoutes } from './incoming/incoming.api.ts'
import { invariants } from './invariants.ts'
import { lastPosition } from './ledger/ledger.read.store.ts'
import { ledgerRoutes } from './ledger/ledger.api.ts'
import { locationRoutes } from './locations/location.api.ts'
import { lotRoutes } from './lots/lot.api.ts'
import { watchExpiry } from './lots/lot.expiry.actions.ts'
import { stockModelRoutes } from './models/model.api.ts'
import { openingRoutes } from './opening/opening.api.ts'
import { productRoutes } from './products/product.api.ts'
import { watchReserveUntil } from './reservations/hold.timer.actions.ts'
import { removalRoutes } from './reservations/removal.api.ts'
import { reservationRoutes } from './reservations/reservation.api.ts'
import { scanRoutes } from './scans/scan.api.ts'
import { unitRoutes } from './units/unit.api.ts'

/** The service, for its process and for its tests. */
export const stock: ServiceOptions<PrismaClient> = {
  name: 'stock',
  title: 'Stockline stock',
  description: 'What is where: products, units, locations, lots, the ledger of moves, quants and reservations.',
  prisma: newPrisma,
  migrations: new URL('../prisma/migrations', import.meta.url),
  lowestBeside,
  topics: busTopics,
  publishes,
  mayDo,
  invariants,
  reactions: ({ config }) => reactions(config),
  routes: routesOf,
  started: (parts) => {
    const { db, config, log, metrics } = parts
    metrics.gauge('stockline_ledger_position', 'Position of the last document that the ledger posted.', () =>
      lastPosition(db),
    )
    const ends = [
      watchExpiry(db, config, log, () => new Date(timeOfDay())),
      watchReserveUntil(db, config, log),
      startCounting(parts),
    ]
    return async () => {
      await Promise.all(ends.map((end) => end()))
    }
  },
}

function routesOf(parts: ServiceParts<PrismaClient>): readonly Route<PrismaClient>[] {
  const { config } = parts
  return [
    ...productRoutes,
    ...unitRoutes,
    ...locationRoutes(config),
    ...lotRoutes(config),
    ...assignmentRoutes,
    ...ledgerRoutes(config),
    ...removalRoutes,
    ...reservationRoutes(config),
    ...stockModelRoutes(config),
    ...scanRoutes,
    ...incomingRoutes,
    ...abcRoutes(config),
    ...planRoutes(config),
    ...countRoutes(config),
    ...suggestionRoutes,
    ...openingRoutes(config),
    ...adjustmentRoutes(config),
    ...dispositionRoutes(config),
    eventsEndpoint(parts, {
      right: 'scope:products:publish',
      contracts: takenByHttp,
      reactions: reactions(config),
    }),
  ]
}
