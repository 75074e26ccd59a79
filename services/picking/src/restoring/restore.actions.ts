/** What picking can bring back after its database fell back, and what a person must see to. */
import type { Restore } from '@stockline/service-kit'
import type { Tx } from '../database.ts'

/** Names what is lost, a sentence for each document. */
export function restorePicking(): Restore<Tx['prisma']> {
  return (_tx, { missing, superseded }) => {
    const lost = [...missing, ...superseded].map(
      ({ type, subject }) => `document ${subject}: ${type} is told and not in its state.`,
    )
    return Promise.resolve({ taken: [], done: [], open: [...new Set(lost)] })
  }
}
