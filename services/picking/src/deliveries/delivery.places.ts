/** A delivery some of which is picked, or reserved, at a location that closes. Pure. */
import type { PlaceRules } from '../documents/document.reaction.actions.ts'
import { isOpen, type Delivery } from './delivery.ts'

/** An open delivery says that nothing can be taken at a place, or takes it back. */
export const deliveryPlaces: PlaceRules<Delivery> = {
  placesUsed: () => [],
  decide: (delivery, { code, isClosed }) => {
    if (!isOpen(delivery.status)) return 'already'
    const said = `Nothing can be taken at ${code}: it is closed.`
    const without = delivery.problem?.replace(said, '').replace('  ', ' ').trim() ?? ''
    const uses = delivery.lines.some(({ picks }) =>
      picks.some(({ location, quantity, picked }) => location === code && (quantity > 0n || (picked ?? 0n) > 0n)),
    )
    const problem = isClosed && uses ? `${said} ${without}`.trim() : without || null
    if (problem === delivery.problem) return 'already'
    return {
      document: { ...delivery, problem },
      notes: [{ what: isClosed ? 'place-wrong' : 'place-right', why: problem }],
    }
  },
}
