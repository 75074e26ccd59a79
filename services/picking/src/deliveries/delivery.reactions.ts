/** Stock's answers to what deliveries need: reserved, or released. Runs of them are applied in one go. */
import { parseQuantity } from '@stockline/amounts'
import { stockReservationReleased, stockStockReserved } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { batchReaction } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Reaction, Tx } from '../database.ts'
import type { Note } from '../history/history.ts'
import { save, type DeliveryChange } from './delivery.actions.ts'
import { pickRefused, tellsOfRefusal } from './delivery.confirm.ts'
import { releasedDelivery, reservedDelivery, type Reserved } from './delivery.reserve.ts'
import { storedDeliveries } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

type Answer = Event<z.output<typeof stockStockReserved.data> | z.output<typeof stockReservationReleased.data>>

export const reservationReactions: readonly Reaction[] = [
  batchReaction({
    contracts: [stockStockReserved, stockReservationReleased],
    parkBy: (event) => event.data.documentId,
    react: applyAnswers,
  }),
]

/** Of several answers for one delivery each is applied, in order. */
async function applyAnswers(tx: Tx, events: readonly Answer[]): Promise<void> {
  const byId = Map.groupBy(events, (event) => event.data.documentId)
  const changes = (await storedDeliveries.lock(tx, [...byId.keys()])).flatMap((stored): readonly DeliveryChange[] => {
    const own = byId.get(stored.document.id) ?? []
    const notes: Note[] = []
    let now = stored.document
    for (const event of own) {
      const after = applied(now, event) ?? now
      const isRefused = 'refusedPicks' in event.data && after !== now && tellsOfRefusal(after.problem)
      const why = isRefused ? null : after.problem
      if (after.status !== now.status) notes.push({ what: after.status, why, who: null })
      if (isRefused) notes.push({ what: pickRefused, why: after.problem, who: null })
      now = after
    }
    return now === stored.document ? [] : [{ stored, after: now, notes, causedBy: own.at(-1) }]
  })
  await save(tx, { changes })
}

function applied(delivery: Delivery, { data }: Answer): Delivery | undefined {
  if ('code' in data) return releasedDelivery(delivery, data.revision, data.detail, data.shortages)
  const picks: Reserved['picks'] = new Map(
    data.lines.map((line) => [
      line.line,
      line.picks.map((pick) => ({ ...pick, quantity: parseQuantity(pick.quantity) })),
    ]),
  )
  const { revision, shortages, refusedPicks } = data
  return reservedDelivery(delivery, { revision, picks, shortages, refusedPicks })
}
