/** Deliveries of which something is picked, or reserved, at a location that closes. Pure. */
import type { PlaceRules } from '../documents/document.reaction.actions.ts'
import { isOpenDelivery, isPicked, type Delivery } from './delivery.ts'

/** The rules of open deliveries about locations that close or open. */
export const deliveryPlaces: PlaceRules<Delivery> = {
  placesUsed: () => [],
  decide: (delivery, { code, isClosed }) => {
    if (!isOpenDelivery(delivery)) return 'already'
    const sentence = `Nothing can be taken at ${code}: it is closed.`
    const without = delivery.problem?.replace(sentence, '').replace('  ', ' ').trim() ?? ''
    const uses = delivery.lines.some(({ picks }) =>
      picks.some((pick) => pick.location === code && (pick.quantity > 0n || isPicked(pick))),
    )
    const problem = isClosed && uses ? `${sentence} ${without}`.trim() : without || null
    if (problem === delivery.problem) return 'already'
    return {
      document: { ...delivery, problem },
      notes: [{ what: isClosed ? 'place-wrong' : 'place-right', why: problem }],
    }
  },
}
