import { isWithin, scopedCode } from '@stockline/contracts/locations'
import { refuse, type Actor, type Refusal } from '@stockline/service-kit'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database } from '../database.ts'
import { findPlacesOfLots } from './lot.recall.store.ts'
import type { Serials } from './lot.serial.api.ts'
import { findSerials } from './lot.serial.store.ts'
import { answeredMove } from './lot.trace.actions.ts'
import { findMovesOfLots } from './lot.trace.store.ts'
import { movesWithin, wholeLife } from './lot.trace.ts'

/** Moves of all that have the number. */
const mostMoves = 2000

/** Where the pieces are that have this serial number, one of each product at most, and what became of them. */
export async function showSerials(db: Database, code: string, actor: Actor): Promise<Serials | Refusal> {
  const serials = await findSerials(db, code)
  if (serials.length === 0)
    return refuse('serial-unknown', 'unknown', `No product that is tracked by serial number has ${code}.`)
  const scope = await scopeOf(db, actor)
  const [places, all] = await Promise.all([
    findPlacesOfLots(
      db,
      serials.map(({ id }) => id),
    ),
    findMovesOfLots(
      db,
      serials.map((one) => ({ ...one, ...wholeLife, held: one.held !== null })),
      mostMoves + 1,
    ),
  ])
  const { moves, elsewhere } = movesWithin(all.slice(0, mostMoves), scope)
  const items = serials.map(({ id, sku, expiresOn, held }) => {
    const at = places.find((place) => place.sku === sku)
    const seen = at !== undefined && isWithin(scope, scopedCode(at.location)) ? at : undefined
    return {
      ...{ id, sku, expiresOn, held: held !== null, heldFor: held },
      place: seen === undefined ? null : { location: seen.location, status: seen.status, reserved: seen.reserved !== '0' }, // prettier-ignore
      elsewhere: at !== undefined && seen === undefined,
      moves: moves.filter((move) => move.sku === sku).map(answeredMove),
    }
  })
  return { code, items, more: all.length > mostMoves, elsewhere: elsewhere || items.some((one) => one.elsewhere) }
}
