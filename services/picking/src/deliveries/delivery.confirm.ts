/** Picks that nobody suggested: stock is asked whether they can be taken there, and what it refuses is taken off again. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { StockReserved } from '@stockline/contracts'
import { refuse, type FieldFault, type Refusal } from '@stockline/service-kit/refusal'
import { isSamePick, nothing, type Delivery, type DeliveryLine, type Pick } from './delivery.ts'

/** A pick that the ledger would not ship, and why. Quantities are in the base unit. */
export type PickFault = NonNullable<StockReserved['refusedPicks']>[number]

/**
 * The delivery after picks were entered, asking stock about those that are more than is reserved at their place and of their lot, or
 * of a lot that may have expired: it needs what it needed, with what is picked reserved there. Any other pick of what was suggested
 * asks nothing.
 *
 * @param today by UTC; by the company's calendar, which stock knows, it may be a day later
 */
export function askingStock(before: Delivery, after: Delivery, today: string): Delivery {
  const isOpen = (pick: Pick) => isDoubtful(pick, today) || pick.before !== undefined
  if (!after.lines.some(({ picks }) => picks.some(isOpen))) return after
  let asked = 0
  const lines = after.lines.map((line): DeliveryLine => {
    const known = before.lines.find((one) => one.line === line.line)?.picks ?? []
    const picks = line.picks.map((pick) => {
      const same = known.find((one) => isSamePick(one, pick))
      if (same !== undefined && same.picked === pick.picked) return pick
      if (!isDoubtful(pick, today)) return settled(pick)
      asked += 1
      return { ...pick, before: beforeAsking(same) }
    })
    return { ...line, picks }
  })
  const needRevision = asked > 0 ? Math.max(after.needRevision, before.needRevision + 1) : after.needRevision
  return { ...after, lines, needRevision }
}

/** What stood at a place before stock was asked of it the first time. */
function beforeAsking(known: Pick | undefined): Pick['picked'] {
  if (known === undefined) return null
  return known.before === undefined ? known.picked : known.before
}

/**
 * The delivery after an answer, asking stock about what was picked as suggested while it was asked of something else, and is reserved
 * for that by now: nothing of it was told yet.
 */
export function askingForMoved(before: Delivery, after: Delivery): Delivery {
  if (before.lines.every(({ picks }) => picks.every((pick) => pick.before === undefined))) return after
  let moved = 0
  const lines = after.lines.map((line): DeliveryLine => {
    const known = before.lines.find((one) => one.line === line.line)?.picks ?? []
    const picks = line.picks.map((pick) => {
      const same = known.find((one) => isSamePick(one, pick))
      const was = same?.before === undefined ? (same?.picked ?? nothing) : nothing
      if (was === nothing || was > (same?.quantity ?? nothing) || (pick.picked ?? nothing) <= pick.quantity) return pick
      moved += 1
      return { ...pick, before: null }
    })
    return { ...line, picks }
  })
  if (moved === 0) return after
  return { ...after, lines, needRevision: Math.max(after.needRevision, before.needRevision + 1) }
}

/** A delivery as it is answered, as far as it concerns what is picked. */
interface Shown {
  readonly number: string
  readonly lines: readonly {
    readonly line: number
    readonly picks: readonly {
      readonly location: string
      readonly lot: string | null
      readonly picked: string
      readonly confirmed?: false | undefined
    }[]
  }[]
  /** Only ever added to. */
  readonly history: readonly { readonly what: string; readonly why: string | null }[]
}

/** Is stock still to say whether something picked can be taken where it was? */
export function isUnconfirmed({ lines }: { readonly lines: Shown['lines'] }): boolean {
  return lines.some(({ picks }) => picks.some(({ confirmed }) => confirmed === false))
}

/** Is stock still to say it of a pick that is not confirmed in this answer? Others may have picked more meanwhile. */
export function isStillAsked(asked: Shown, now: Shown): boolean {
  return asked.lines.some(({ line, picks }) => {
    const standing = now.lines.find((one) => one.line === line)?.picks ?? []
    return picks.some(
      (pick) => pick.confirmed === false && standing.some((one) => one.confirmed === false && isSamePick(one, pick)),
    )
  })
}

/** What the history calls a refusal of picks. */
export const pickRefused = 'pick-refused'

/**
 * The refusal of what was picked and was taken off since; undefined where all of it stood. Where somebody has picked more there
 * since, it stands, too; where somebody has put some of it back, nobody refused it.
 */
export function pickRefusal(asked: Shown, now: Shown): Refusal | undefined {
  const told = now.history.slice(asked.history.length).find(({ what }) => what === pickRefused)
  if (told === undefined) return undefined
  const faults = asked.lines.flatMap(({ line, picks }) => {
    const standing = now.lines.find((one) => one.line === line)?.picks ?? []
    return picks.flatMap((pick): readonly FieldFault[] => {
      const same = standing.find((one) => isSamePick(one, pick))
      if (pick.confirmed === undefined || pickedAt(same) >= pickedAt(pick)) return []
      const lot = pick.lot === null ? '' : ` of lot ${pick.lot}`
      return [{ pointer: `/lines/${line}`, message: `${pick.picked}${lot} cannot be taken at ${pick.location}` }]
    })
  })
  if (faults.length === 0) return undefined
  return refuse('picks-refused', 'state', told.why ?? `${asked.number}: what was picked cannot be taken there.`, faults)
}

function pickedAt(pick: Shown['lines'][number]['picks'][number] | undefined): bigint {
  return pick === undefined ? 0n : parseQuantity(pick.picked)
}

/** A line's picks once stock has answered: what was refused is as it was before it was entered. */
export function confirmedPicks(line: number, picks: readonly Pick[], refused: readonly PickFault[]): readonly Pick[] {
  if (picks.every(({ before }) => before === undefined)) return picks
  return picks.flatMap((pick): readonly Pick[] => {
    const { before } = pick
    if (before === undefined) return [pick]
    const now = isRefusedPick(refused, line, pick) ? { ...settled(pick), picked: before } : settled(pick)
    return now.quantity > 0n || (now.picked ?? nothing) > 0n ? [now] : []
  })
}

/** Those of the refused picks that stand on the delivery. What somebody has taken back meanwhile is nobody's concern. */
export function refusedNow(
  { lines }: { readonly lines: readonly DeliveryLine[] },
  refused: readonly PickFault[],
): readonly PickFault[] {
  const picksOf = new Map(lines.map(({ line, picks }) => [line, picks]))
  const standing = refused.flatMap((one) => {
    const pick = picksOf.get(one.line)?.find((each) => isSamePick(each, { ...one, lot: one.lot ?? null }))
    return (pick?.picked ?? nothing) > 0n ? [{ one, isAsked: pick?.before !== undefined }] : []
  })
  // What was confirmed before stays picked: it is named where nothing else is the matter.
  const asked = standing.filter(({ isAsked }) => isAsked)
  return (asked.length > 0 ? asked : standing).map(({ one }) => one)
}

const refusalBegins = 'Stock refused what was picked: '

/** Does a problem say that stock refused what was picked? */
export function tellsOfRefusal(problem: string | null): boolean {
  return problem?.startsWith(refusalBegins) === true
}

/** Would stock not ship what is picked there? */
export function isRefusedPick(refused: readonly PickFault[], line: number, pick: Pick): boolean {
  return refused.some((one) => one.line === line && isSamePick(pick, { ...one, lot: one.lot ?? null }))
}

/** What cannot be taken where it was picked, for people; null where all can. */
export function refusalText(refused: readonly PickFault[]): string | null {
  if (refused.length === 0) return null
  const shown = refused.slice(0, 5).map(({ line, message }) => `line ${line}: ${message.replace(/\.$/, '')}`)
  const more = refused.length > 5 ? `; and ${refused.length - 5} more` : ''
  return `${refusalBegins}${shown.join('; ')}${more}.`
}

/** The pick as it stands, with nothing left to ask. */
export function settled(pick: Pick): Pick {
  const { before: _before, ...rest } = pick
  return rest
}

function isDoubtful({ quantity, picked, expiresOn }: Pick, today: string): boolean {
  if (picked === null || picked === 0n) return false
  return picked > quantity || (expiresOn !== null && expiresOn <= today)
}
