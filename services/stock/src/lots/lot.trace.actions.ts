import type { Actor, Refusal } from '@stockline/service-kit'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, Tx } from '../database.ts'
import { unknownLot } from './lot.actions.ts'
import type { Trace, TracedMove } from './lot.trace.api.ts'
import { findGenealogy, findMovesOfLots, isCutShort, type LotMove } from './lot.trace.store.ts'
import { directions, movesWithin } from './lot.trace.ts'

/** An answer holds no more moves. */
const mostMoves = 2000

/** Where a lot came from, and what became of it, as far as the actor may see it. */
export async function traceLot(
  db: Database | Tx,
  id: string,
  direction: keyof typeof directions,
  actor: Actor,
): Promise<Trace | Refusal> {
  const lots = await findGenealogy(db, id, directions[direction])
  const [lot] = lots
  if (lot === undefined) return unknownLot
  const all = await findMovesOfLots(db, lots, mostMoves + 1)
  const { moves, elsewhere } = movesWithin(all.slice(0, mostMoves), await scopeOf(db, actor))
  return {
    id,
    sku: lot.sku,
    code: lot.code,
    direction,
    lots: lots.map(({ id: lotId, sku, code, held, up, down }) => ({ id: lotId, sku, code, held, up, down })),
    moves: moves.map(answeredMove),
    more: all.length > mostMoves || isCutShort(lots),
    elsewhere,
  }
}

/** A move as it is answered: without its order and partner, which recalls name. */
export function answeredMove({ position, from, fromType, to, toType, ...move }: LotMove): TracedMove {
  const { document, documentId, kind, line, sku, unit, lot, toLot, quantity, status, toStatus } = move
  return {
    ...{ position: String(position), document, documentId, kind, line, sku, unit, lot, toLot, quantity },
    from: { location: from, type: fromType },
    to: { location: to, type: toType },
    ...{ status, toStatus },
    recordedAt: move.recordedAt.toISOString(),
    effectiveAt: move.effectiveAt.toISOString(),
  }
}
