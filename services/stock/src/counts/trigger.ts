/** Places that deliveries left empty or short, as tasks of counting. Pure. */
import { mostCounted } from './count.ts'
import type { CountPlan } from './plan.ts'
import type { TriggeredPlace } from './trigger.store.ts'

/** Sheets that a look makes for one plan and cause; where more places ask, they are lines of one sheet. */
const mostSheets = 20

/** What is counted on one sheet: a place, or many of a plan's zone. */
export interface Task {
  readonly plan: CountPlan
  readonly zone: string
  readonly places: readonly TriggeredPlace[]
}

/** The sheets to be made: one for each place, or some for all places of a plan where too many ask at once. */
export function tasksOf(places: readonly TriggeredPlace[], plans: ReadonlyMap<string, CountPlan>): readonly Task[] {
  const asked = Map.groupBy(places, ({ plan, cause }) => `${plan} ${cause}`)
  return [...asked.values()].flatMap((same): readonly Task[] => {
    const plan = plans.get(same[0]?.plan ?? '')
    if (plan === undefined) return []
    const byPlace = Map.groupBy(same, ({ location }) => location)
    const parts = byPlace.size > mostSheets ? [[plan.zone, same] as const] : [...byPlace]
    return parts.flatMap(([zone, of]) =>
      Array.from({ length: Math.ceil(of.length / mostCounted) }, (_none, part) => ({
        ...{ plan, zone },
        places: of.slice(part * mostCounted, (part + 1) * mostCounted),
      })),
    )
  })
}

/** Which deliveries ask for it. */
export function whyOf(places: readonly TriggeredPlace[], cause: TriggeredPlace['cause']): string {
  const numbers = [...new Set(places.map(({ number }) => number))]
  const shown = numbers.slice(0, 3).join(', ') + (numbers.length > 3 ? ` and ${String(numbers.length - 3)} more` : '')
  return cause === 'zero-check' ? `${shown} should have left it empty.` : `${shown} took less than was reserved there.`
}
