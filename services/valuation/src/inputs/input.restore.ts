/** Compares entries that are made again after the database fell back with those that were published. Pure. */

/** An entry, with the id of the event that led to it; without one it was entered by hand. */
export interface Caused {
  readonly cause: string | undefined
  readonly data: { readonly number: string }
}

/** What differs. */
export interface Compared<Told, Made> {
  /** Published, and other than in the books now, or missing there. */
  readonly different: readonly Told[]
  /** Published under another number than the books have now; else the same. */
  readonly renumbered: readonly { readonly told: Told; readonly made: Made }[]
  /** Published, with no event as the cause. */
  readonly byHand: readonly Told[]
  /** In the books, and never published. */
  readonly untold: readonly Made[]
}

/** Compares entries by what led to them, those of one cause in their order. */
export function compareEntries<Told extends Caused, Made extends Caused>(
  told: readonly Told[],
  made: readonly Made[],
): Compared<Told, Made> {
  const madeOf = Map.groupBy(made, ({ cause }) => cause)
  const byHand = told.filter(({ cause }) => cause === undefined)
  const caused = Map.groupBy(
    told.filter(({ cause }) => cause !== undefined),
    ({ cause }) => cause,
  )
  const pairs = [...caused].flatMap(([cause, of]) =>
    of.map((one, index) => ({ told: one, made: madeOf.get(cause)?.[index] })),
  )
  const same = (one: Told, other: Made) => textOf(one.data) === textOf({ ...other.data, number: one.data.number })
  return {
    different: pairs.flatMap((pair) => (pair.made !== undefined && same(pair.told, pair.made) ? [] : [pair.told])),
    renumbered: pairs.flatMap(({ told: one, made: other }) =>
      other !== undefined && same(one, other) && one.data.number !== other.data.number
        ? [{ told: one, made: other }]
        : [],
    ),
    byHand,
    untold: [...madeOf].flatMap(([cause, of]) => of.slice(caused.get(cause)?.length ?? 0)),
  }
}

function textOf(data: object): string {
  return JSON.stringify(data)
}
