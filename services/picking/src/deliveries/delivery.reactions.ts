/** Stock's answers to what deliveries need: reserved, or released. Runs of them are applied in one go. */
import { stockReservationReleased, stockStockReserved } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { batchReaction } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import { lookAgain } from '../documents/document.reaction.actions.ts'
import { deliveries } from './delivery.actions.ts'
import { afterAnswers, type StockAnswer } from './delivery.reserve.ts'

export const reservationReactions: readonly Reaction[] = [
  batchReaction({
    contracts: [stockStockReserved, stockReservationReleased],
    parkBy: (event) => event.data.documentId,
    react: applyAnswers,
  }),
]

async function applyAnswers(tx: Tx, events: readonly Event<StockAnswer>[]): Promise<void> {
  const byId = Map.groupBy(events, (event) => event.data.documentId)
  await lookAgain(tx, deliveries, [...byId.keys()], {
    load: () => Promise.resolve({}),
    decide: (delivery) => {
      const own = byId.get(delivery.id) ?? []
      const led = afterAnswers(
        delivery,
        own.map(({ data }) => data),
      )
      return led === 'already' ? led : { ...led, causedBy: own.at(-1) }
    },
  })
}
