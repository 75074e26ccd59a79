/** Is approval needed? What somebody submitted lately stands against the limit of their group. */
import { distance, parseQuantity, parseUnitPrice, plus, zero } from '@stockline/amounts'
import { groups, mayDo } from '@stockline/contracts'
import type { Actor } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger } from '../ledger/ledger.offer.actions.ts'
import { aboveLimit, limitGroups, type Corrected, type Limit, type LimitGroup } from './adjustment.limits.ts'
import type { Adjustment } from './adjustment.ts'
import { findLimit, findSubmitted, findUnitCosts, type LimitRow } from './limit.store.ts'

/** A document that corrects stock, as far as a limit looks at it. */
interface Correction extends Pick<Adjustment, 'id' | 'warehouse'> {
  readonly lines: readonly Pick<Adjustment['lines'][number], 'sku' | 'counted' | 'expected'>[]
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * Why approval is needed of what is about to be submitted; undefined where the limit allows it. Holds the ledger's head where a limit
 * is set, so that what the same person submits elsewhere at the same moment is seen.
 */
export async function whyApproval(
  tx: Tx,
  company: LedgerCompany,
  { id, warehouse, lines }: Correction,
  actor: Actor,
): Promise<string | undefined> {
  const group = groupOf(actor)
  const row = group === undefined ? undefined : await findLimit(tx, group)
  if (row === undefined) return 'No limit is set.'
  await holdLedger(tx, company)
  const bySku = Map.groupBy(lines, ({ sku }) => sku)
  const skus = [...bySku.keys()]
  const [submitted, costs] = await Promise.all([
    findSubmitted(tx, actor.id, new Date(tx.now.getTime() - dayMs), { id, warehouse }, skus),
    findUnitCosts(tx, skus),
  ])
  const earlier = new Map(submitted.map(({ sku, quantity }) => [sku, parseQuantity(quantity)]))
  const costOf = new Map(costs.map(({ sku, unitCost }) => [sku, parseUnitPrice(unitCost)]))
  const corrected = [...bySku].map(([sku, own]): Corrected => {
    const sum = own.reduce((sofar, line) => plus(sofar, distance(line.counted, line.expected)), zero.quantity)
    return {
      sku,
      quantity: sum === 0n ? sum : plus(sum, earlier.get(sku) ?? zero.quantity),
      expected: own.reduce((sofar, { expected }) => plus(sofar, expected), zero.quantity),
      unitCost: costOf.get(sku) ?? null,
    }
  })
  return aboveLimit(limitOf(row), corrected)
}

/**
 * Why somebody may not post a scrap or a change of status: it is above the limit of their group. One that is zero in all is none here:
 * nobody could approve what is above it. Who may correct by force has none.
 */
export async function whyAboveLimit(
  tx: Tx,
  company: LedgerCompany,
  correction: Correction,
  actor: Actor,
): Promise<string | undefined> {
  if (mayDo(actor, 'stock.force-correct')) return undefined
  const group = groupOf(actor)
  const own = group === undefined ? undefined : await findLimit(tx, group)
  const isSet = own !== undefined && [own.quantity, own.percent, own.value].some((measure) => measure !== '0')
  return isSet ? whyApproval(tx, company, correction, actor) : undefined
}

function groupOf(actor: Actor): LimitGroup | undefined {
  return limitGroups.findLast((name) => actor.groups.includes(groups[name]))
}

function limitOf({ quantity, percent, value }: LimitRow): Limit {
  return {
    quantity: quantity === null ? null : parseQuantity(quantity),
    percent: percent === null ? null : parseQuantity(percent),
    value: value === null ? null : parseUnitPrice(value),
  }
}
