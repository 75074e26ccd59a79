/** What of a delivery is picked and not shipped yet, also where it is to be put back. Pure. */
import { floorState } from '../documents/document.floor.ts'
import type { DocumentStates } from '../documents/document.state.ts'
import { isBegun, isPicked, type Delivery } from './delivery.ts'

/** The states of deliveries. */
export const deliveryStates: DocumentStates<Delivery> = {
  mayHave: isBegun,
  candidates: `d.picked_by <> '{}' AND (d.open OR d.puts_back)`,
  of: (delivery, at) => [
    floorState(
      delivery,
      'delivery',
      at,
      delivery.lines.flatMap(({ sku, picks }) =>
        picks.filter(isPicked).map(({ location, lot, picked: quantity }) => ({ location, sku, lot, quantity })),
      ),
    ),
  ],
}
