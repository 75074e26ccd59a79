/** Picks that were not suggested: stock confirms them, or refuses them; then they are as they were before. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { StockReserved } from '@stockline/contracts'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import { listed } from '../documents/document.text.ts'
import { beyondOf, isPicked, isSamePick, type Delivery, type DeliveryLine, type Pick } from './delivery.ts'

/** A pick that the ledger would not ship, with the reason. Quantities are in the base unit. */
export type PickFault = NonNullable<StockReserved['refusedPicks']>[number]

/**
 * The delivery after picks were entered. Picks of more than is reserved at their location and of their lot, or of a lot that may have
 * expired, need a confirmation by stock: the demand has a further revision, with what is picked reserved there. Other picks need none.
 *
 * @param now its day is by UTC; by the company's calendar, which stock has, it may be a day later
 */
export function needingConfirmation(before: Delivery, after: Delivery, now: Date): Delivery {
  const isOpen = (pick: Pick) => isDoubtful(pick, now) || pick.before !== undefined
  if (!after.lines.some(({ picks }) => picks.some(isOpen))) return after
  const unconfirmed: Pick[] = []
  const knownOn = picksByLine(before)
  const lines = after.lines.map((line): DeliveryLine => {
    const known = knownOn(line)
    const picks = line.picks.map((pick) => {
      const same = known.find((one) => isSamePick(one, pick))
      if (same !== undefined && same.picked === pick.picked) return pick
      if (!isDoubtful(pick, now)) return settled(pick)
      unconfirmed.push(pick)
      return { ...pick, before: pickedBefore(same) }
    })
    return { ...line, picks }
  })
  return unconfirmed.length > 0 ? demandedAnew(before, { ...after, lines }) : { ...after, lines }
}

function demandedAnew(before: Delivery, after: Delivery): Delivery {
  return { ...after, needRevision: Math.max(after.needRevision, before.needRevision + 1) }
}

/** The picks of a line in another state of its document. A document may have a thousand lines. */
function picksByLine<Each>({
  lines,
}: {
  readonly lines: readonly { readonly line: number; readonly picks: readonly Each[] }[]
}): (of: { readonly line: number }) => readonly Each[] {
  const byLine = new Map(lines.map(({ line, picks }) => [line, picks]))
  return ({ line }) => byLine.get(line) ?? []
}

/** What was picked before the first pick that is not confirmed yet. */
function pickedBefore(known: Pick | undefined): Pick['picked'] {
  if (known === undefined) return null
  return known.before === undefined ? known.picked : known.before
}

/**
 * The delivery after an answer. What was picked as suggested while another pick waited for its confirmation, and is reserved for that
 * one by now, needs a confirmation, too: no demand has named it yet.
 */
export function needingConfirmationOfMoved(before: Delivery, after: Delivery): Delivery {
  if (before.lines.every(({ picks }) => picks.every((pick) => pick.before === undefined))) return after
  const moved: Pick[] = []
  const knownOn = picksByLine(before)
  const lines = after.lines.map((line): DeliveryLine => {
    const known = knownOn(line)
    const picks = line.picks.map((pick) => {
      const same = known.find((one) => isSamePick(one, pick))
      if (same === undefined || same.before !== undefined) return pick
      if (beyondOf(same) > 0n || beyondOf(pick) === 0n) return pick
      moved.push(pick)
      return { ...pick, before: null }
    })
    return { ...line, picks }
  })
  return moved.length > 0 ? demandedAnew(before, { ...after, lines }) : after
}

/** A delivery as it is answered, as far as its picks need it. */
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

/** Does any pick wait for its confirmation? */
export function isUnconfirmed({ lines }: { readonly lines: Shown['lines'] }): boolean {
  return lines.some(({ picks }) => picks.some(({ confirmed }) => confirmed === false))
}

/** Does a pick that is not confirmed in this answer still wait for it? Other users may have picked more meanwhile. */
export function isStillUnconfirmed(before: Shown, now: Shown): boolean {
  const standingOn = picksByLine(now)
  return before.lines.some((line) => {
    const standing = standingOn(line)
    return line.picks.some(
      (pick) => pick.confirmed === false && standing.some((one) => one.confirmed === false && isSamePick(one, pick)),
    )
  })
}

/** What the history calls a refusal of picks. */
export const pickRefused = 'pick-refused'

/**
 * The refusal of picks that stock has refused since an answer; undefined where it has refused none of them. A pick that is larger by
 * now was not refused, nor one of which some was put back.
 */
export function pickRefusal(before: Shown, now: Shown): Refusal | undefined {
  const step = now.history.slice(before.history.length).find(({ what }) => what === pickRefused)
  if (step === undefined) return undefined
  const standingOn = picksByLine(now)
  const faults = before.lines.flatMap(({ line, picks }) => {
    const standing = standingOn({ line })
    return picks.flatMap((pick): readonly FieldError[] => {
      const same = standing.find((one) => isSamePick(one, pick))
      if (pick.confirmed === undefined || pickedAt(same) >= pickedAt(pick)) return []
      const lot = pick.lot === null ? '' : ` of lot ${pick.lot}`
      return [{ pointer: `/lines/${line}`, message: `${pick.picked}${lot} cannot be taken at ${pick.location}` }]
    })
  })
  if (faults.length === 0) return undefined
  return refuse(
    'picks-refused',
    'state',
    step.why ?? `${before.number}: what was picked cannot be taken there.`,
    faults,
  )
}

function pickedAt(pick: Shown['lines'][number]['picks'][number] | undefined): bigint {
  return pick === undefined ? 0n : parseQuantity(pick.picked)
}

/** A line's picks after stock's answer: a refused one is as it was before it was entered. */
export function confirmedPicks(line: number, picks: readonly Pick[], refused: readonly PickFault[]): readonly Pick[] {
  return picks.flatMap((pick): readonly Pick[] => {
    const { before } = pick
    if (before === undefined) return [pick]
    const now = isRefusedPick(refused, line, pick) ? { ...settled(pick), picked: before } : settled(pick)
    return now.quantity > 0n || isPicked(now) ? [now] : []
  })
}

/** Those of the refused picks that the delivery still has. */
export function refusedNow(
  { lines }: { readonly lines: readonly DeliveryLine[] },
  refused: readonly PickFault[],
): readonly PickFault[] {
  const picksOf = new Map(lines.map(({ line, picks }) => [line, picks]))
  const standing = refused.flatMap((one) => {
    const pick = picksOf.get(one.line)?.find((each) => isSamePick(each, { ...one, lot: one.lot ?? null }))
    return pick !== undefined && isPicked(pick) ? [{ one, waits: pick.before !== undefined }] : []
  })
  // What was confirmed before stays picked: it is named only where no other pick is refused.
  const unconfirmed = standing.filter(({ waits }) => waits)
  return (unconfirmed.length > 0 ? unconfirmed : standing).map(({ one }) => one)
}

const refusalBegins = 'Stock refused what was picked: '

/** Is the problem a refusal of picks by stock? */
export function tellsOfRefusal(problem: string | null): boolean {
  return problem?.startsWith(refusalBegins) === true
}

/** Would stock not ship what is picked there? */
export function isRefusedPick(refused: readonly PickFault[], line: number, pick: Pick): boolean {
  return refused.some((one) => one.line === line && isSamePick(pick, { ...one, lot: one.lot ?? null }))
}

/** The refused picks in a sentence; null where there are none. */
export function refusalText(refused: readonly PickFault[]): string | null {
  if (refused.length === 0) return null
  const reasons = refused.map(({ line, message }) => `line ${line}: ${message.replace(/\.$/, '')}`)
  return `${refusalBegins}${listed(reasons, 5, '; ', (more) => `; and ${more} more`)}.`
}

/** The pick, which waits for no confirmation any more. */
export function settled(pick: Pick): Pick {
  const { before: _before, ...rest } = pick
  return rest
}

function isDoubtful(pick: Pick, now: Date): boolean {
  const { expiresOn } = pick
  return beyondOf(pick) > 0n || (isPicked(pick) && expiresOn !== null && new Date(expiresOn) <= now)
}
