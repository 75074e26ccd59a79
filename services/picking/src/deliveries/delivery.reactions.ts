/** Stock's answers to what deliveries need: reserved, or released; and to transfers that wait. Runs of them are applied in one go. */
import { stockReservationReleased, stockStockReserved, type StockReserved } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { batchReaction } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import { lookAgain } from '../documents/document.reaction.actions.ts'
import { deliveries } from './delivery.actions.ts'
import { afterAnswers, type StockAnswer } from './delivery.reserve.ts'

/** @param tellWaiting takes what is of transfers: nothing is reserved for them, and nothing released */
export const reservationReactions = (
  tellWaiting: (tx: Tx, events: readonly Event<StockReserved>[]) => Promise<void>,
): readonly Reaction[] => [
  batchReaction({
    contracts: [stockStockReserved, stockReservationReleased],
    parkBy: (event) => event.data.documentId,
    react: async (tx: Tx, events: readonly Event<StockAnswer>[]) => {
      const waiting = events.filter(isOfTransfer)
      if (waiting.length > 0) await tellWaiting(tx, waiting)
      const others = waiting.length === 0 ? events : events.filter((event) => !isOfTransfer(event))
      if (others.length > 0) await applyAnswers(tx, others)
    },
  }),
]

/** These events do not say of what kind their document is: its number does. */
function isOfTransfer(event: Event<StockAnswer>): event is Event<StockReserved> {
  return event.data.number.includes('/INT/') && 'complete' in event.data
}

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
