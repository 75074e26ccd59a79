/** The service's database as its slices see it. */
import type { Database as KitDatabase, Tx as KitTx } from '@stockline/service-kit'
import type { PrismaClient } from './generated/client.ts'

/** A running transaction. */
export type Tx = KitTx<PrismaClient>
/** The database outside a transaction. */
export type Database = KitDatabase<PrismaClient>
/** Both, for reads. */
export type Reader = Tx | Database
