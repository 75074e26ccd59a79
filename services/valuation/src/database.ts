/** Valuation's database, with its own models. */
import type { Database as KitDatabase, Tx as KitTx } from '@stockline/service-kit'
import { PrismaClient } from './generated/client.ts'

export type Client = PrismaClient
export type Database = KitDatabase<PrismaClient>
export type Tx = KitTx<PrismaClient>

type Adapter = ConstructorParameters<typeof PrismaClient>[0]['adapter']

/** Prisma over the kit's connections. */
export function prismaClient(adapter: NonNullable<Adapter>): PrismaClient {
  return new PrismaClient({ adapter })
}
