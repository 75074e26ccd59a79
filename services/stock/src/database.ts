/** Stock's database, with its own models. */
import type { Database as KitDatabase, Tx as KitTx } from '@stockline/service-kit'
import type { PrismaClient } from './generated/client.ts'

export type Database = KitDatabase<PrismaClient>
export type Tx = KitTx<PrismaClient>
