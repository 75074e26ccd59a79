/** Is approval needed? What somebody submitted lately stands against the limit of their group. */
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { groups, mayDo } from '@stockline/contracts'
import type { Actor, Tx } from '@stockline/service-kit'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger } from '../ledger/ledger.offer.actions.ts'
import {
  aboveLimit,
  correctedOf,
  limitGroups,
  type CorrectedLine,
  type Limit,
  type LimitGroup,
} from './adjustment.limits.ts'
import { deleteDropped } from './adjustment.store.ts'
import type { Adjustment } from './adjustment.ts'
import { findLimit, findSubmitted, findUnitCosts, type LimitRow } from './limit.store.ts'

/** A document that corrects stock, as far as a limit looks at it. */
interface Correction extends Pick<Adjustment, 'id' | 'warehouse'> {
  readonly lines: readonly CorrectedLine[]
}

/** What somebody did since then stands against their limit, and what they counted against what they post. */
export function dayBefore(now: Date): Date {
  return new Date(now.getTime() - 24 * 60 * 60 * 1000)
}

/** Forgets counts that were given up a day ago or longer. */
export async function forgetGivenUp(tx: Tx): Promise<void> {
  await deleteDropped(tx, dayBefore(tx.now))
}

/**
 * Why approval is needed of what is about to be submitted; undefined where the limit allows it. Holds the ledger's head where a limit
 * is set, so that what the same person submits elsewhere at the same moment is seen.
 */
export async function whyApproval(
  tx: Tx,
  company: LedgerCompany,
  correction: Correction,
  actor: Actor,
): Promise<string | undefined> {
  const group = groupOf(actor)
  const row = group === undefined ? undefined : await findLimit(tx, group)
  if (row === undefined) return 'No limit is set.'
  return whyAbove(tx, company, row, correction, actor.id)
}

/**
 * Why somebody may not post what nobody approves: a scrap, a change of status or a loss in transit above the limit of their group. Until a manager
 * has set the group's limit, there is none here: zero would forbid all. Who may correct by force has none.
 */
export async function whyAboveLimit(
  tx: Tx,
  company: LedgerCompany,
  correction: Correction,
  actor: Actor,
): Promise<string | undefined> {
  if (mayDo(actor, 'stock.force-correct')) return undefined
  const group = groupOf(actor)
  const row = group === undefined ? undefined : await findLimit(tx, group)
  return row?.set === true ? whyAbove(tx, company, row, correction, actor.id) : undefined
}

async function whyAbove(
  tx: Tx,
  company: LedgerCompany,
  limit: LimitRow,
  { id, warehouse, lines }: Correction,
  by: string,
): Promise<string | undefined> {
  await holdLedger(tx, company)
  const skus = [...new Set(lines.map(({ sku }) => sku))]
  const [submitted, costs] = await Promise.all([
    findSubmitted(tx, by, dayBefore(tx.now), { id, warehouse }, skus),
    findUnitCosts(tx, skus),
  ])
  const earlier = submitted.map((one) => ({ ...one, quantity: parseQuantity(one.quantity) }))
  const costOf = new Map(costs.map(({ sku, unitCost }) => [sku, parseUnitPrice(unitCost)]))
  return aboveLimit(limitOf(limit), correctedOf(lines, earlier, costOf))
}

function groupOf(actor: Pick<Actor, 'groups'>): LimitGroup | undefined {
  return limitGroups.findLast((name) => actor.groups.includes(groups[name]))
}

function limitOf({ quantity, percent, value }: LimitRow): Limit {
  return {
    quantity: quantity === null ? null : parseQuantity(quantity),
    percent: percent === null ? null : parseQuantity(percent),
    value: value === null ? null : parseUnitPrice(value),
  }
}
