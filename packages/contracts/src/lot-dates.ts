/** The dates of a lot, and the order that they have. Pure. */

/** From `expiresOn` on nothing of a lot is promised or shipped. Best before and production count for the rest of its life; the others are for people. */
export interface LotDates {
  /** When it was made: its whole life begins then. */
  readonly producedOn: string | null
  readonly bestBefore: string | null
  /** From then on it should be taken out of stock. */
  readonly removeOn: string | null
  /** From then on somebody should look at it. */
  readonly alertOn: string | null
  readonly expiresOn: string | null
}

/** Dates as they are given: what is missing, or null, says nothing. */
export type SomeLotDates = { readonly [Name in keyof LotDates]?: LotDates[Name] | undefined }

/** The names of the dates. */
export const lotDateNames = ['producedOn', 'bestBefore', 'removeOn', 'alertOn', 'expiresOn'] as const

/** A lot of which no date is known. */
export const noLotDates: LotDates = {
  producedOn: null,
  bestBefore: null,
  removeOn: null,
  alertOn: null,
  expiresOn: null,
}

/** The first of two is not later than the second, where both are known. */
const order: readonly (readonly [keyof LotDates, keyof LotDates])[] = [
  ['producedOn', 'expiresOn'],
  ['producedOn', 'bestBefore'],
  ['bestBefore', 'expiresOn'],
  ['removeOn', 'expiresOn'],
  ['alertOn', 'expiresOn'],
  ['alertOn', 'bestBefore'],
  ['alertOn', 'removeOn'],
]

/** A date that is after one which it must not be after. */
export interface LateLotDate {
  readonly date: keyof LotDates
  readonly message: string
}

/** The dates that are given, without those that say nothing. */
export function givenLotDates(dates: SomeLotDates): { readonly [Name in keyof LotDates]?: string } {
  const given: { -readonly [Name in keyof LotDates]?: string } = {}
  for (const name of lotDateNames) {
    const date = dates[name] ?? null
    if (date !== null) given[name] = date
  }
  return given
}

/** Dates that do not fit each other: none where they do. */
export function lateLotDates(dates: SomeLotDates): readonly LateLotDate[] {
  return order.flatMap(([earlier, later]): readonly LateLotDate[] => {
    const [first, last] = [dates[earlier] ?? null, dates[later] ?? null]
    if (first === null || last === null || first <= last) return []
    return [{ date: earlier, message: `must not be after ${later}, which is ${last}` }]
  })
}
