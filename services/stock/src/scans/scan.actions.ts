import type { LocationScope } from '@stockline/contracts/locations'
import { decodedTextError, timeOfDay } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import { findScanned } from '../packages/package.actions.ts'
import { findKnownByText } from './scan.store.ts'
import type { ScanMeaning } from './scan.api.ts'
import { meaningOfScan, readScans, ssccsOf, textsOf } from './scan.ts'

/**
 * What each of the codes means, in their order. Nothing is changed by it.
 *
 * @param scope packages elsewhere are not known
 */
export async function meaningsOf(
  db: Database | Tx,
  codes: readonly string[],
  scope: LocationScope,
): Promise<readonly ScanMeaning[]> {
  const scanned = readScans(codes, new Date(timeOfDay()).getUTCFullYear())
  // A text that a database cannot hold names nothing.
  const texts = textsOf(scanned).filter((text) => decodedTextError(text) === undefined)
  const known = {
    ...(await findKnownByText(db, texts)),
    packages: await findScanned(db, ssccsOf(scanned), scope),
  }
  return scanned.map((one) => meaningOfScan(one, known))
}
