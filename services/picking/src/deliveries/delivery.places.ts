/** A delivery some of which is picked, or reserved, at a location that closes. Pure. */
import { isOpen, type Delivery } from './delivery.ts'

/** The delivery with what that means for it said, or taken back; undefined where it does not concern it, or is said already. */
export function afterPlaceChange(delivery: Delivery, code: string, isClosed: boolean): Delivery | undefined {
  if (!isOpen(delivery.status)) return undefined
  const said = `Nothing can be taken at ${code}: it is closed.`
  const without = delivery.problem?.replace(said, '').replace('  ', ' ').trim() ?? ''
  const uses = delivery.lines.some(({ picks }) =>
    picks.some(({ location, quantity, picked }) => location === code && (quantity > 0n || (picked ?? 0n) > 0n)),
  )
  const problem = isClosed && uses ? `${said} ${without}`.trim() : without || null
  return problem === delivery.problem ? undefined : { ...delivery, problem }
}
