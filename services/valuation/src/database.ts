/** Valuation's database, with its own models. */
import type { Database as KitDatabase, ServiceOptions, Tx as KitTx } from '@stockline/service-kit'
import { PrismaClient } from './generated/client.ts'

export type Database = KitDatabase<PrismaClient>
export type Tx = KitTx<PrismaClient>
export type { PrismaClient }

/** Makes Prisma's client over the kit's connections. */
export const newPrisma: ServiceOptions<PrismaClient>['prisma'] = (adapter) => new PrismaClient({ adapter })
