/** Picking says what is still to come by its receipts. */
import { pickingReceiptExpected } from '@stockline/contracts'
import { batchReaction, type Reaction } from '@stockline/service-kit'
import { lastStates } from '../floor/floor.ts'
import { expectedRows } from './expected.ts'
import { storeExpected } from './expected.store.ts'

/**
 * Keeps what picking says, whole states in their order. One of a receipt that is posted changes nothing that counts. The posting of a
 * receipt never waits behind one of these.
 */
export function expectedReaction<P>(): Reaction<P> {
  return batchReaction<P, [typeof pickingReceiptExpected]>({
    contracts: [pickingReceiptExpected],
    parkBy: ({ subject }) => `expected ${subject}`,
    react: async (tx, events) => {
      const last = lastStates(events.map(({ data }) => data))
      const documents = last.map(({ documentId }) => documentId)
      await storeExpected(
        tx,
        documents,
        last.flatMap((state) => expectedRows(state)),
        tx.now,
      )
    },
  })
}
