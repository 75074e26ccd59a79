/** Findings of a comparison of two services, and their texts. Pure. */

/** One thing that the two do not agree about. */
export interface Difference {
  /** For a person: which document or event, and what is wrong with it. */
  readonly row: object
  /** Since when it should have arrived. Undefined where time mends nothing: that is a violation at once. */
  readonly ageSeconds?: number | undefined
  /** Where it is held, visibly: `gap at valuation`. */
  readonly heldAs?: string | undefined
}

/** Differences by what they mean. */
export interface Findings {
  /** Too old to be on its way, or not to be explained by travel. */
  readonly violations: readonly object[]
  /** On its way, and younger than the limit. */
  readonly travelling: { readonly count: number; readonly oldestSeconds: number }
  /** Set aside where people see it, by {@link Difference.heldAs}. */
  readonly held: ReadonlyMap<string, { readonly count: number; readonly oldestSeconds: number }>
}

/** An event has this long to arrive at another service; an older one is a violation. */
export const travelSeconds = 60

/**
 * Sorts differences: what is held visibly is reported as such, whatever its age; of the rest what is younger than
 * `limitSeconds` is on its way, and all else is a violation.
 */
export function judge(differences: readonly Difference[], limitSeconds = travelSeconds): Findings {
  const violations: object[] = []
  const held = new Map<string, { count: number; oldestSeconds: number }>()
  let travelling = { count: 0, oldestSeconds: 0 }
  for (const { row, ageSeconds, heldAs } of differences) {
    if (heldAs !== undefined) held.set(heldAs, oneMore(held.get(heldAs), ageSeconds))
    else if (ageSeconds !== undefined && ageSeconds < limitSeconds) travelling = oneMore(travelling, ageSeconds)
    else violations.push(ageSeconds === undefined ? row : { ...row, ageSeconds: Math.floor(ageSeconds) })
  }
  return { violations, travelling, held }
}

function oneMore(
  so: { readonly count: number; readonly oldestSeconds: number } = { count: 0, oldestSeconds: 0 },
  ageSeconds = 0,
): { count: number; oldestSeconds: number } {
  return { count: so.count + 1, oldestSeconds: Math.max(so.oldestSeconds, Math.floor(ageSeconds)) }
}

/** What is no violation, a line each: `on its way: 3, the oldest for 2 s`. */
export function remarks({ travelling, held }: Findings): string[] {
  const line = (what: string, { count, oldestSeconds }: Findings['travelling']) =>
    `${what}: ${String(count)}, the oldest for ${String(oldestSeconds)} s`
  return [
    ...(travelling.count === 0 ? [] : [line('on its way', travelling)]),
    ...[...held].map(([where, what]) => line(`held, ${where}`, what)),
  ]
}
