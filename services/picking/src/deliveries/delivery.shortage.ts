/** What a delivery is short of, in a sentence: what is missing, and where stock is that it cannot have. Pure. */
import { formatQuantity, least, minus, parseQuantity, quantity } from '@stockline/amounts'
import type { RemainingLife } from '@stockline/contracts'
import { listed } from '../documents/document.text.ts'
import { beyondOf, nothing, type DeliveryLine, type Pick } from './delivery.ts'

/** What is missing of a product, or of one lot of it, as stock sends it. Quantities are in the base unit. */
export interface Shortage {
  readonly sku: string
  readonly lot?: string | undefined
  /** Only what has so much of its life left. */
  readonly minimumRemainingLife?: RemainingLife | undefined
  readonly missing: string
  readonly available: string
  readonly outOfReach: readonly OutOfReach[]
  readonly more: number
}

/** Stock of it that the delivery cannot have, and why not. */
export interface OutOfReach {
  readonly quantity: string
  readonly why: string
  /** More of it in words. */
  readonly detail?: string | undefined
  readonly location?: string | undefined
  readonly lot?: string | undefined
  readonly expiresOn?: string | undefined
  readonly status?: string | undefined
  readonly warehouse?: string | undefined
  readonly number?: string | undefined
}

/** How the sentence begins, where nothing and where something is reserved. */
const begins = { nothing: 'Waits for stock: ', some: 'Short of stock: ' } as const
/** Products, and places of each. */
const mostShown = 5

/**
 * What is missing, and where stock of it is; null where nothing is missing.
 *
 * @param has what the delivery has reserved
 * @param shortages as stock sends them; undefined from a version that does not: then what is missing follows from the lines alone
 */
export function shortText(
  lines: readonly DeliveryLine[],
  has: keyof typeof begins,
  shortages: readonly Shortage[] | undefined,
): string | null {
  const short = shortages ?? missingOn(lines)
  if (short.length === 0) return null
  const shown = short.slice(0, mostShown)
  const missing = short.map(
    (one) => `${one.sku} ${one.missing}${one.lot === undefined ? '' : ` of lot ${one.lot}`}${lifeText(one)}`,
  )
  return [
    `${begins[has]}${listed(missing, mostShown, ', ', (more) => `, and ${more} more`)}.`,
    ...shown.flatMap(whereText),
  ].join(' ')
}

/**
 * What is missing, less what is picked beyond its reservation.
 *
 * @param isHad false of a pick that stock would not ship
 */
export function lessPicked(
  shortages: readonly Shortage[],
  lines: readonly DeliveryLine[],
  isHad: (line: number, pick: Pick) => boolean,
): readonly Shortage[] {
  const left = lines.flatMap(({ line, sku, picks }) =>
    picks.map((pick) => ({ sku, lot: pick.lot, over: isHad(line, pick) ? beyondOf(pick) : nothing })),
  )
  return shortages.flatMap((one): readonly Shortage[] => {
    let lacks = parseQuantity(one.missing)
    for (const had of left) {
      if (had.sku !== one.sku || (one.lot !== undefined && had.lot !== one.lot)) continue
      const part = least(had.over, lacks)
      lacks = minus(lacks, part)
      had.over = minus(had.over, part)
    }
    return lacks > 0n ? [{ ...one, missing: formatQuantity(lacks) }] : []
  })
}

/** The sentences of a problem about a shortage; null where it has none. */
export function shortageIn(problem: string | null): string | null {
  return problem?.replace(reasonAndShortage, '$2') || null
}

/** A problem without its sentences about a shortage; null where nothing is left. */
export function reasonOf(problem: string | null): string | null {
  return problem?.replace(reasonAndShortage, '$1') || null
}

const reasonAndShortage = new RegExp(`^(.*?)\\s*((?:${Object.values(begins).join('|')}).*)?$`, 's')

/** What is neither reserved nor picked, by product. */
function missingOn(lines: readonly DeliveryLine[]): readonly Shortage[] {
  const missing = new Map<string, bigint>()
  for (const { sku, needed, picks } of lines) {
    const had = picks.reduce((sum, pick) => sum + pick.quantity + beyondOf(pick), 0n)
    const lacks = (needed ?? 0n) - had
    if (lacks > 0n) missing.set(sku, (missing.get(sku) ?? 0n) + lacks)
  }
  const none = { available: '0', outOfReach: [], more: 0 }
  return [...missing].map(([sku, lacks]) => ({ sku, missing: formatQuantity(quantity(lacks)), ...none }))
}

function whereText({ sku, lot, available, outOfReach, more }: Shortage): readonly string[] {
  const shown = outOfReach.slice(0, mostShown)
  const left = more + outOfReach.length - shown.length
  const places = [
    ...(parseQuantity(available) > 0n ? [`${available} available`] : []),
    ...shown.map((one) => placeText(one, lot)),
    ...(left > 0 ? [`and ${left} more`] : []),
  ]
  return places.length === 0 ? [] : [`${sku}: ${places.join(', ')}.`]
}

function lifeText({ minimumRemainingLife: life }: Shortage): string {
  if (life === undefined) return ''
  const parts = [
    ...(life.days === undefined ? [] : [life.days === 1 ? '1 day' : `${String(life.days)} days`]),
    ...(life.percent === undefined ? [] : [`${life.percent} %`]),
  ]
  return ` with ${parts.join(' and ')} of its life left`
}

function placeText(one: OutOfReach, ordered: string | undefined): string {
  if (one.why === 'reserved') return `${one.quantity} reserved for ${one.number ?? 'another delivery'}`
  if (one.why === 'other-warehouse') return `${one.quantity} in warehouse ${one.warehouse ?? ''}`
  const lot = one.lot === undefined ? '' : ` lot ${one.lot}`
  return `${one.quantity} in ${one.location ?? ''}${lot} (${whyText(one, ordered)})`
}

function whyText(one: OutOfReach, ordered: string | undefined): string {
  switch (one.why) {
    case 'not-reservable':
      return 'not reservable'
    case 'location-inactive':
      return 'closed'
    case 'status':
      return one.status ?? 'in another status'
    case 'expired':
      return `expired${one.expiresOn === undefined ? '' : ` ${one.expiresOn}`}`
    case 'held':
      return 'held'
    case 'outside-source':
      return 'outside the source'
    case 'other-lot':
      return `lot ${ordered ?? ''} asked for`
    case 'short-life':
      return one.detail ?? 'too little of its life left'
    default:
      return one.detail ?? one.why
  }
}
