/** Count plans: which zone is counted how often, by whom. Pure. */
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { zoneFaults, type ZoneFacts } from './count.make.ts'
import type { NewSheet } from './count.shapes.api.ts'
import type { planAnswer } from './plan.api.ts'

/** A plan as it is kept and answered. */
export type CountPlan = Readonly<z.output<typeof planAnswer>>

/** Everything that is wrong with a new or changed plan, at once. @param taken whether another plan has its name */
export function planRefusal(plan: CountPlan, known: ZoneFacts & { readonly taken: boolean }): Refusal | undefined {
  const named: readonly FieldError[] = known.taken
    ? [{ pointer: '/name', message: `another plan is called ${plan.name}` }]
    : []
  const faults = [...named, ...zoneFaults(known, plan.zone)]
  if (faults.length === 0) return undefined
  const detail = faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')
  return refuse('count-plan-unfit', 'content', `The plan cannot be kept: ${detail}.`, faults)
}

/** The sheet that a plan asks for. @param today the company's date */
export function sheetOfPlan(plan: CountPlan, today: string): NewSheet {
  const { zone, abcClass, blind, dueInDays, assignee, tolerance } = plan
  return {
    zone,
    blind,
    dueOn: addDays(today, dueInDays),
    ...(abcClass === null ? {} : { abcClass }),
    ...(assignee === null ? {} : { assignee }),
    ...(tolerance === null ? {} : { tolerance }),
  }
}

/**
 * The day after a turn: the first of the plan's days that is later than today. Turns that were missed, while the service was down, are
 * not made up for.
 */
export function nextTurn(nextOn: string, everyDays: number, today: string): string {
  const [next, now] = [dayNumber(nextOn), dayNumber(today)]
  const turns = now < next ? 1 : Math.floor((now - next) / everyDays) + 1
  return addDays(nextOn, turns * everyDays)
}

const dayMs = 86_400_000

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / dayMs
}

function addDays(date: string, days: number): string {
  return new Date((dayNumber(date) + days) * dayMs).toISOString().slice(0, 10)
}
