/** Recalls: a lot and all that was made of it is held, and what came, lies, is wanted and went of it is listed. */
import { formatQuantity, parseQuantity, plus, zero } from '@stockline/amounts'
import { isAtOrBelow, isWithin, maySee, scopedCode, type LocationScope } from '@stockline/contracts/locations'
import { versionRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger, reconsiderLots } from '../ledger/ledger.offer.actions.ts'
import { unknownLot, type LotRequest } from './lot.actions.ts'
import type { Recall, RecalledGoods } from './lot.recall.api.ts'
import {
  findOpenDocuments,
  findOpenTransfers,
  findPlacesOfLots,
  keepReservedDocuments,
  type OpenRow,
} from './lot.recall.store.ts'
import { findLotSteps, lockLot, updateLot } from './lot.store.ts'
import { tellStep } from './lot.told.actions.ts'
import {
  findGenealogy,
  findLotsToHold,
  findMovesOfLots,
  isCutShort,
  type LotMove,
  type LotOfGenealogy,
} from './lot.trace.store.ts'
import { directions, movesWithin } from './lot.trace.ts'

/** A recall lists no more moves. */
const mostMoves = 20_000

/**
 * Holds a lot and all that was made of it, wherever they are, and lists them. A lot that is recalled already is listed again, and what was
 * made of it since is held.
 */
export async function recallLot(
  tx: Tx,
  company: LedgerCompany,
  { id, version, actor }: LotRequest,
  reason: string,
): Promise<Recall | Refusal> {
  await holdLedger(tx, company)
  const lot = await lockLot(tx, id)
  if (lot === null) return unknownLot
  const recalled = await isRecalled(tx, id)
  const toHold = await findLotsToHold(tx, id)
  if (!recalled || toHold.length > 0) {
    const stale = version === undefined ? undefined : versionRefusal(lot.version, version)
    if (stale !== undefined) return stale
    await keepReservedDocuments(tx, toHold)
    for (const lotId of toHold) await holdForRecall(tx, lotId, reason)
    if (!toHold.includes(id)) await tellStep(tx, id, 'recalled', reason)
    await reconsiderLots(tx, company, toHold)
  }
  return recallOf(tx, id, actor)
}

async function holdForRecall(tx: Tx, lotId: string, reason: string): Promise<void> {
  const lot = await lockLot(tx, lotId)
  if (lot === null) return
  await updateLot(tx, { ...lot, heldFor: reason, version: lot.version + 1 })
  await tellStep(tx, lotId, 'recalled', reason)
}

/** Was it recalled since it was last released? */
async function isRecalled(tx: Tx, lotId: string): Promise<boolean> {
  const steps = (await findLotSteps(tx, lotId)).map(({ what }) => what)
  return steps.lastIndexOf('recalled') > steps.lastIndexOf('released')
}

/** What a recall of the lot lists, as far as the actor may see it. */
export async function recallOf(db: Database | Tx, id: string, actor: Actor): Promise<Recall | Refusal> {
  const scope = await scopeOf(db, actor)
  const lots = await findGenealogy(db, id, directions.both)
  const [lot] = lots
  if (lot === undefined) return unknownLot
  const affected = lots.filter(({ down }) => down)
  const ids = affected.map((one) => one.id)
  const [all, balances, deliveries, transfers] = await Promise.all([
    findMovesOfLots(db, lots, mostMoves + 1),
    findPlacesOfLots(db, ids),
    findOpenDocuments(db, ids),
    findOpenTransfers(db, ids),
  ])
  const { moves, elsewhere } = movesWithin(all.slice(0, mostMoves), scope)
  const places = balances.filter(({ location }) => isWithin(scope, scopedCode(location)))
  const openDocuments = [
    ...deliveries
      .filter((one) => mayBeSeen(one, scope))
      .map(({ warehouse: _warehouse, ...one }) => ({ kind: 'delivery' as const, ...one })),
    ...transfers
      .filter(({ source, destination }) => maySee(scope, [source, destination]))
      .map(({ source: _source, destination: _destination, ...one }) => ({ kind: 'transfer' as const, ...one })),
  ]
  const shipments = moves.filter(({ toType }) => toType === 'customer')
  return {
    id,
    sku: lot.sku,
    code: lot.code,
    unit: moves[0]?.unit ?? '',
    lots: affected.map((one) => lotIn(one, places)),
    receipts: moves.filter(({ fromType }) => fromType === 'vendor' || fromType === 'opening').map(goods('to')),
    places: places.map(({ type: _type, ...place }) => place),
    openDocuments,
    shipments: shipments.map(goods('from')),
    customers: customersOf(shipments.map(goods('from'))),
    more: all.length > mostMoves || isCutShort(lots),
    elsewhere:
      elsewhere || places.length < balances.length || openDocuments.length < deliveries.length + transfers.length,
  }
}

/** By its place; until something is reserved, by its warehouse, of which one place must be one's own. */
function mayBeSeen({ location, warehouse }: OpenRow, scope: LocationScope): boolean {
  if (scope === null || isWithin(scope, location ?? warehouse)) return true
  return location === null && scope.some((top) => isAtOrBelow(top, warehouse))
}

function lotIn({ id, sku, code, held }: LotOfGenealogy, places: readonly { lot: string; onHand: string }[]) {
  const own = places.filter(({ lot }) => lot === code)
  const onHand = own.reduce((sum, place) => plus(sum, parseQuantity(place.onHand)), zero.quantity)
  return { id, sku, code, held, onHand: formatQuantity(onHand) }
}

/** A receipt or a shipment: at our side of it. */
function goods(side: 'from' | 'to') {
  return (move: LotMove): RecalledGoods => ({
    document: move.document,
    documentId: move.documentId,
    sku: move.sku,
    lot: move.lot,
    quantity: move.quantity,
    unit: move.unit,
    location: move[side],
    at: move.effectiveAt.toISOString(),
    sourceSystem: move.sourceSystem,
    order: move.order,
    orderLine: move.orderLine,
    partner: move.partnerCode === null ? null : { code: move.partnerCode, name: move.partnerName ?? move.partnerCode },
  })
}

/** Who got how much of which lot, by the name that they had last. Documents without a partner are among the shipments alone. */
function customersOf(shipments: readonly RecalledGoods[]): Recall['customers'] {
  const named = shipments.flatMap(({ partner, ...one }) => (partner === null ? [] : [{ ...one, ...partner }]))
  const byCustomer = Map.groupBy(named, ({ code, lot }) => JSON.stringify([code, lot]))
  return [...byCustomer.values()].flatMap((all) => {
    const quantity = all.reduce((sum, one) => plus(sum, parseQuantity(one.quantity)), zero.quantity)
    return all.slice(-1).map(({ code, name, lot }) => ({ code, name, lot, quantity: formatQuantity(quantity) }))
  })
}
