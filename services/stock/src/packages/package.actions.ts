/** Packages, for those who show what is in one, or in which one goods were shipped. */
import type { Tx } from '@stockline/service-kit'
import { lastTold, type PackageTold } from './package.ts'
import { storePackages } from './package.store.ts'

export { findScanned, mostSsccs, shippedInSql } from './package.store.ts'

/** Keeps what picking says of packages. What comes twice, or late, changes nothing. */
export async function keepPackages(tx: Omit<Tx, 'prisma'>, told: readonly PackageTold[]): Promise<void> {
  await storePackages(tx, lastTold(told))
}
