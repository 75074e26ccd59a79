/** The service's database as its slices see it. */
import type {
  Database as KitDatabase,
  Reaction as KitReaction,
  Route as KitRoute,
  ServiceOptions,
  Tx as KitTx,
} from '@stockline/service-kit'
import type { z } from 'zod'
import { PrismaClient } from './generated/client.ts'

/** A running transaction. */
export type Tx = KitTx<PrismaClient>
/** The database outside a transaction. */
export type Database = KitDatabase<PrismaClient>
/** Both, for reads. */
export type Reader = Tx | Database
/** An endpoint of this service. */
export type Route = KitRoute<PrismaClient>
/** A way in which this service reacts to events. */
export type Reaction = KitReaction<PrismaClient>
/** What this service is made of. @template Own the shape of its own variables */
export type Options<Own extends Readonly<Record<string, z.ZodType>>> = ServiceOptions<PrismaClient, Own>

/** Makes the Prisma client over the kit's adapter, so that both share connections. */
export const prismaClient: ServiceOptions<PrismaClient>['prisma'] = (adapter) => new PrismaClient({ adapter })
