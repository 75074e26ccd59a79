/** A count sheet as it begins. Pure. */
import { parseQuantity } from '@stockline/amounts'
import { nothingLeft } from '@stockline/documents/decision'
import type { NewDocument } from '@stockline/documents'
import type { FieldError, Refusal } from '@stockline/service-kit/refusal'
import { isWithin } from '@stockline/contracts/locations'
import { refuse } from '@stockline/service-kit/refusal'
import type { NewSheet } from './count.shapes.api.ts'
import { mostCounted, openLine, sheetTooLarge, type CountSheet, type PlaceFound } from './count.ts'

/** Where may be counted: a location or a whole warehouse. */
export interface Zone {
  readonly code: string
  readonly type: string
  /** Null of a virtual one. */
  readonly warehouse: string | null
  readonly active: boolean
}

/** Who may be asked to count. */
export interface Counter {
  readonly id: string
  readonly name: string
  readonly active: boolean
  /** May count at all, by the user's groups. */
  readonly mayCount: boolean
  /** Where the user acts; null is everywhere. */
  readonly scope: readonly string[] | null
}

/** What must be known of a new sheet or plan: what its zone and its assignee are, if there are such. */
export interface ZoneFacts {
  readonly zone: Zone | null
  /** Undefined where nobody is named. */
  readonly assignee: Counter | null | undefined
}

/** What is wrong with a zone, and with who is to count there. */
export function zoneFaults({ zone, assignee }: ZoneFacts, code: string): readonly FieldError[] {
  const faults: FieldError[] = []
  if (zone === null) faults.push({ pointer: '/zone', message: `${code} is no location that is known` })
  else if (zone.type !== 'internal')
    faults.push({ pointer: '/zone', message: `${code} is virtual: nothing is counted there` })
  else if (!zone.active) faults.push({ pointer: '/zone', message: `${code} is closed` })
  return [...faults, ...assigneeFaults(assignee, code, '/assignee')]
}

/** What is wrong with who is to count. */
export function assigneeFaults(
  assignee: Counter | null | undefined,
  zone: string,
  pointer: string,
): readonly FieldError[] {
  if (assignee === undefined) return []
  if (assignee === null) return [{ pointer, message: 'is no user that is known' }]
  if (!assignee.active) return [{ pointer, message: `${assignee.name} is disabled` }]
  if (!assignee.mayCount) return [{ pointer, message: `${assignee.name} has no right to count` }]
  return isWithin(assignee.scope, zone) ? [] : [{ pointer, message: `${assignee.name} is not assigned to ${zone}` }]
}

/** What a new sheet is made of besides what the body says. */
export interface SheetFacts extends ZoneFacts {
  readonly id: string
  readonly now: Date
  readonly cause: CountSheet['cause']
  readonly plan: string | null
  readonly places: readonly PlaceFound[]
  /** Of the products that are named, those that are known. */
  readonly knownSkus: ReadonlySet<string>
}

/** A sheet of all places that were found, before it has a number. */
export function newSheet(body: NewSheet, known: SheetFacts): NewDocument<CountSheet>['draft'] | Refusal {
  const { zone: code, abcClass, skus = [], assignee: _assignee, blind, dueOn, tolerance, ...rest } = body
  nothingLeft(rest)
  const { zone, assignee, id, now, cause, plan, places, knownSkus } = known
  const faults = [
    ...zoneFaults(known, code),
    ...skus.flatMap((sku, index) =>
      knownSkus.has(sku) ? [] : [{ pointer: `/skus/${String(index)}`, message: `product ${sku} is not known` }],
    ),
  ]
  const warehouse = zone?.warehouse ?? null
  if (faults.length > 0 || warehouse === null)
    return refuse('count-sheet-unfit', 'content', 'No count sheet can be made of that.', faults)
  if (places.length > mostCounted) return sheetTooLarge('/zone')
  return {
    id,
    warehouse,
    version: 1,
    createdAt: now,
    status: assignee ? 'scheduled' : 'unassigned',
    zone: code,
    abcClass: abcClass ?? null,
    cause,
    plan,
    assignee: assignee?.id ?? null,
    assigneeName: assignee?.name ?? null,
    blind,
    dueOn: dueOn ?? null,
    toleranceQuantity: tolerance?.quantity === undefined ? null : parseQuantity(tolerance.quantity),
    tolerancePercent: tolerance?.percent === undefined ? null : parseQuantity(tolerance.percent),
    workedOnBy: [],
    adjustments: [],
    lines: places.map((place, index) => openLine(index + 1, place, false)),
  }
}
