/** Rules of units of measure. Conversion is exact: a ratio of integers, never a decimal fraction. */
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'

/** One of a unit = numerator / denominator × its reference unit. */
export interface UnitReference {
  readonly unit: string
  readonly numerator: bigint
  readonly denominator: bigint
}

/** A unit of measure. */
export interface Unit {
  readonly code: string
  readonly name: string
  /** How finely it is counted, 0 to 6 decimals. */
  readonly decimals: number
  readonly reference: UnitReference | null
  readonly version: number
}

export interface UnitChange {
  readonly name?: string | undefined
  readonly decimals?: number | undefined
  /** The factor may be corrected; what is posted keeps what it was counted with. */
  readonly reference?: UnitReference | null | undefined
}

/** What must be known of other units to judge a reference. */
export interface ReferenceFacts {
  /** The reference unit; null when there is none of that code. */
  readonly found: Unit | null
  /** Do others refer to the unit that is judged? */
  readonly isReference: boolean
}

/** A reference must exist, must not refer further, and must not be the unit itself. */
export function referenceRefusal(code: string, reference: UnitReference, facts: ReferenceFacts): Refusal | undefined {
  const message = referenceFault(code, reference, facts)
  if (message === undefined) return undefined
  const faults: FieldError[] = [{ pointer: '/reference/unit', message }]
  return refuse('unit-reference-unfit', 'content', `${code} cannot refer to ${reference.unit}: it ${message}.`, faults)
}

/** The unit with the change made, or why not. */
export function changedUnit(unit: Unit, change: UnitChange): Unit | Refusal {
  const decimals = change.decimals ?? unit.decimals
  if (decimals < unit.decimals)
    return refuse(
      'unit-decimals-lowered',
      'state',
      `${unit.code} is counted with ${unit.decimals} decimals, and what was counted so must stay exact. Raise them, or make another unit.`,
      [{ pointer: '/decimals', message: `must be at least ${unit.decimals}` }],
    )
  return {
    ...unit,
    name: change.name ?? unit.name,
    decimals,
    reference: change.reference === undefined ? unit.reference : change.reference,
    version: unit.version + 1,
  }
}

function referenceFault(code: string, reference: UnitReference, facts: ReferenceFacts): string | undefined {
  if (reference.unit === code) return 'is the same unit'
  if (facts.found === null) return 'is not known'
  if (facts.found.reference !== null) return `itself refers to ${facts.found.reference.unit}: refer to that`
  if (facts.isReference) return `would make a chain, since other units refer to ${code}`
  return undefined
}
