/** Losses in transit: nobody approves them, so the ledger refuses what is above the limit of who says that goods are lost. */
import { parseQuantity, plus, zero } from '@stockline/amounts'
import { groups } from '@stockline/contracts'
import type { Tx } from '@stockline/service-kit'
import { whyAboveLimit } from '../adjustments/limit.actions.ts'
import type { LedgerCommand, LedgerCompany } from '../ledger/ledger.actions.ts'
import { virtualLocations } from '../ledger/reference.ts'
import type { Posting } from '../ledger/request.ts'
import { findGroups, findInTransit } from './transfer.loss.store.ts'

/** Commands in their order, in parts with one loss at most, at the end: it is judged when those before are posted. */
export function lossesApart(commands: readonly LedgerCommand[]): readonly (readonly LedgerCommand[])[] {
  const ends = commands.flatMap((command, index) => (lossOf(command) === undefined ? [] : [index + 1]))
  const cuts = [...ends.filter((end) => end < commands.length), commands.length]
  return cuts.map((end, index) => commands.slice(cuts[index - 1] ?? 0, end))
}

/** The same commands, the loss among them forbidden where it is above the limit. Without a loss nothing is asked. */
export async function judgedLoss(
  tx: Tx,
  company: LedgerCompany,
  commands: readonly LedgerCommand[],
): Promise<readonly LedgerCommand[]> {
  const last = commands.at(-1)
  const posting = last && lossOf(last)
  if (last === undefined || posting === undefined) return commands
  const above = await whyAbove(tx, company, posting, last.actor)
  if (above === undefined) return commands
  const message = `${above} Nothing was posted: a manager can say that it is lost.`
  return [...commands.slice(0, -1), { ...last, request: { ...posting, forbidden: { code: 'above-limit', message } } }]
}

function lossOf({ request }: LedgerCommand): Posting | undefined {
  if (request.action !== 'post' || request.kind !== 'transfer') return undefined
  return request.lines.some(({ to }) => to === virtualLocations.loss) ? request : undefined
}

async function whyAbove(
  tx: Tx,
  company: LedgerCompany,
  { documentId, warehouse, lines }: Posting,
  actor: LedgerCommand['actor'],
): Promise<string | undefined> {
  if (actor === null || warehouse === null) return undefined
  const [known, inTransit] = [await findGroups(tx, actor.id), await findInTransit(tx, documentId)]
  const expected = new Map(inTransit.map(({ sku, quantity }) => [sku, parseQuantity(quantity)]))
  const lost = Map.groupBy(
    lines.filter(({ to }) => to === virtualLocations.loss),
    ({ sku }) => sku,
  )
  const corrected = [...lost].map(([sku, of]) => ({
    ...{ sku, location: virtualLocations.transit, lot: null, status: 'available' as const },
    quantity: of.reduce((sum, { quantity }) => plus(sum, quantity), zero.quantity),
    expected: expected.get(sku) ?? zero.quantity,
  }))
  // Of somebody whom identity has not told yet, this much is known: it takes a supervisor to say so.
  const who = { ...actor, groups: known ?? [groups.supervisor], scopes: [], kind: 'user' as const }
  return whyAboveLimit(tx, company, { id: documentId, warehouse, lines: corrected }, who)
}
