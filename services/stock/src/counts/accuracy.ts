/** Coverage and accuracy of counts. Pure. */
import type { AbcClass } from '@stockline/contracts'

/** Of one ABC class: products at places that have stock, those of them that were counted, lines counted, and lines without difference. */
export interface CountedClass {
  readonly abcClass: AbcClass
  readonly places: number
  readonly covered: number
  readonly lines: number
  readonly exact: number
}

/** Shares in percent, rounded half up to two decimals; null where there is nothing to share. */
export interface Accuracy extends Omit<CountedClass, 'abcClass'> {
  readonly coverage: string | null
  readonly accuracy: string | null
}

/** One class with its shares. */
export function accuracyOf({ places, covered, lines, exact }: Omit<CountedClass, 'abcClass'>): Accuracy {
  return { places, covered, coverage: percentOf(covered, places), lines, exact, accuracy: percentOf(exact, lines) }
}

/** All classes together. */
export function accuracyOfAll(classes: readonly CountedClass[]): Accuracy {
  const sum = (name: 'places' | 'covered' | 'lines' | 'exact') => classes.reduce((total, one) => total + one[name], 0)
  return accuracyOf({ places: sum('places'), covered: sum('covered'), lines: sum('lines'), exact: sum('exact') })
}

function percentOf(part: number, whole: number): string | null {
  if (whole === 0) return null
  const hundredths = (20_000n * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole))
  return `${String(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, '0')}`
}
