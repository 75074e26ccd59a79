import { decodedTextFault, timeOfDay } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import { findKnownByText } from './scan.store.ts'
import { meaningOf, readScans, textsOf, type ScanMeaning } from './scan.ts'

/** What each of the codes means, in their order. Nothing is changed by it. */
export async function meaningsOf(db: Database | Tx, codes: readonly string[]): Promise<readonly ScanMeaning[]> {
  const scanned = readScans(codes, new Date(timeOfDay()).getUTCFullYear())
  // What a database cannot hold is nobody's name.
  const texts = textsOf(scanned).filter((text) => decodedTextFault(text) === undefined)
  const known = await findKnownByText(db, texts)
  return scanned.map((one) => meaningOf(one, known))
}
